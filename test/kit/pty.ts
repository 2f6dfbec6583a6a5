/** A program under a real terminal: type, wait for what must appear, change its size, ask how it ended. */
import assert from 'node:assert/strict';
import { spawn } from 'node-pty';

export interface PtyProgram {
  readonly pid: number;
  /** all that was shown */
  readonly shown: () => string;
  type(text: string): void;
  /** Waits until what was shown since the last sight matches. */
  see(pattern: RegExp): Promise<void>;
  resize(columns: number, rows: number): void;
  kill(signal: string): void;
  /** status and signal it ended with */
  readonly ended: Promise<{ readonly exitCode: number; readonly signal?: number | undefined }>;
}

const patienceMs = 20_000;

export function startUnderPty(
  file: string,
  argv: readonly string[],
  options: {
    readonly cwd: string;
    readonly environment: Readonly<Record<string, string>>;
    readonly columns?: number;
    readonly rows?: number;
  },
): PtyProgram {
  const { cwd, environment, columns = 100, rows = 30 } = options;
  const terminal = spawn(file, [...argv], {
    cwd,
    cols: columns,
    rows,
    name: 'xterm-256color',
    env: { TERM: 'xterm-256color', ...environment },
  });
  let shown = '';
  let seen = 0;
  let wake: () => void = () => undefined;
  terminal.onData((text) => {
    shown += text;
    wake();
  });
  const ended = new Promise<{ exitCode: number; signal?: number | undefined }>((resolve) => {
    terminal.onExit(resolve);
  });
  return {
    pid: terminal.pid,
    shown: () => shown,
    type: (text) => terminal.write(text),
    see: async (pattern) => {
      const until = performance.now() + patienceMs;
      for (;;) {
        const found = pattern.exec(shown.slice(seen));
        if (found) {
          seen += found.index + found[0].length;
          return;
        }
        if (performance.now() > until) assert.fail(`${pattern} never appeared; the terminal shows:\n${JSON.stringify(shown.slice(seen))}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
          setTimeout(resolve, 200);
        });
      }
    },
    resize: (wide, high) => terminal.resize(wide, high),
    kill: (signal) => terminal.kill(signal),
    ended,
  };
}
