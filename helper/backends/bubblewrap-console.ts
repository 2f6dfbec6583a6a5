/**
 * The console of a sandbox: a pseudo-terminal of its own, so that nothing inside shares one with whoever started LASSO. Only
 * its last lines are kept, to explain a failed start; they are hostile text.
 */
import type { Stream } from 'node:stream';
import { ReadStream } from 'node:tty';

export interface Console {
  /** what to start the program with, as its standard streams */
  readonly end: Stream;
  /** last lines, without control characters */
  tail(): string;
  /** settles when everything was read that there will be */
  readonly drained: Promise<void>;
  /** Lets go of the program's end, once it has been started. */
  started(): void;
  close(): void;
}

const keptCharacters = 4_096;

/** @throws Error when no pseudo-terminal can be had */
export async function openConsole(): Promise<Console> {
  const terminals: unknown = await import('node-pty');
  const { master, slave } = open(terminals);
  const tail = createTail();
  // The library's own handlers expect a program that it started itself.
  for (const end of [master, slave]) end.removeAllListeners().on('error', () => undefined);
  slave.pause();
  master.on('data', (text: unknown) => tail.add(String(text))).resume();
  return {
    end: slave,
    drained: new Promise((resolve) => master.once('close', resolve)),
    tail: () => tail.text(),
    started: () => slave.destroy(),
    close: () => {
      slave.destroy();
      master.destroy();
    },
  };
}

/** Collects the end of what a program says. */
export function createTail(): { add(text: string): void; text(): string } {
  let kept = '';
  return {
    add: (text) => {
      kept = (kept + text).slice(-keptCharacters);
    },
    text: () =>
      kept
        .replaceAll(/\p{Cc}+/gu, (found) => (found.includes('\n') ? '\n' : ' '))
        .trim()
        .split('\n')
        .slice(-8)
        .join('\n'),
  };
}

interface Pair {
  readonly master: ReadStream;
  readonly slave: ReadStream;
}

/** node-pty's `open`, which its types leave out: a pair of streams, `_master` and `_slave`. */
function open(library: unknown): Pair {
  const found = property(library, 'open') ?? property(property(library, 'default'), 'open');
  if (typeof found !== 'function') throw new Error('node-pty has no open()');
  const pair: unknown = Reflect.apply(found, undefined, [{ cols: 200, rows: 50 }]);
  const master = property(pair, '_master');
  const slave = property(pair, '_slave');
  if (!(master instanceof ReadStream) || !(slave instanceof ReadStream)) throw new Error('node-pty opened no pseudo-terminal');
  return { master, slave };
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
