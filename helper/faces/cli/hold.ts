/** Takes the person's terminal for a program inside, and gives it back in every way a process can end but SIGKILL. */
import { writeSync } from 'node:fs';
import { sizeOf } from './console.ts';
import type { Console, Size } from './console.ts';
import { TerminalModes } from './modes.ts';

const endings = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const satisfies readonly NodeJS.Signals[];

export interface HeldTerminal {
  /** must see every byte that is shown */
  readonly watch: (bytes: Uint8Array) => void;
  /** settles when somebody asks this process to end */
  readonly signalled: Promise<NodeJS.Signals>;
  readonly release: () => void;
}

export function holdTerminal({ stdin, stdout }: Console, onResize: (size: Size) => void): HeldTerminal {
  const modes = new TerminalModes();
  const raw = (on: boolean): void => {
    if (stdin.isTTY === true && !stdin.destroyed) stdin.setRawMode?.(on);
  };
  const giveBack = (): void => {
    raw(false);
    // Written at once: this also runs when the process is on its way out.
    if (stdout.isTTY === true && stdout.fd !== undefined) writeAtOnce(stdout.fd, modes.reset());
  };
  const resized = (): void => onResize(sizeOf(stdout));
  const resumed = (): void => {
    raw(false);
    raw(true);
    resized();
  };
  let tell: (signal: NodeJS.Signals) => void;
  const signalled = new Promise<NodeJS.Signals>((resolve) => {
    tell = resolve;
  });
  const ended = (signal: NodeJS.Signals): void => tell(signal);

  raw(true);
  process.on('exit', giveBack);
  stdout.on('resize', resized);
  process.on('SIGCONT', resumed);
  for (const signal of endings) process.on(signal, ended);
  return {
    watch: (bytes) => modes.take(bytes),
    signalled,
    release: () => {
      process.off('exit', giveBack);
      stdout.off('resize', resized);
      process.off('SIGCONT', resumed);
      for (const signal of endings) process.off(signal, ended);
      stdin.removeAllListeners('data');
      stdin.pause();
      giveBack();
    },
  };
}

function writeAtOnce(fd: number, text: string): void {
  try {
    writeSync(fd, text);
  } catch {
    // A terminal that is gone needs nothing.
  }
}
