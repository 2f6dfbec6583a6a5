/**
 * The console of a sandbox: a pseudo-terminal of its own, so that nothing inside shares one with whoever started LASSO. Only
 * its last lines are kept, to explain a failed start; they are hostile text.
 */
import { closeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { ReadStream } from 'node:tty';

export interface Console {
  /** descriptor to start the program with, as its standard streams */
  readonly descriptor: number;
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
export function openConsole(): Console {
  // Its own loader of its native part: the public `open` keeps a descriptor that nobody can close.
  const { master, slave } = openPair();
  const tail = createTail();
  const stream = new ReadStream(master);
  // Reading ends with EIO when the last program at the other end is gone.
  stream.setEncoding('utf8').on('error', () => undefined);
  stream.on('data', (text: unknown) => tail.add(String(text)));
  let open = true;
  const started = (): void => {
    if (open) closeSync(slave);
    open = false;
  };
  return {
    descriptor: slave,
    tail: () => tail.text(),
    drained: new Promise((resolve) => stream.once('close', resolve)),
    started,
    close: () => {
      started();
      stream.destroy();
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

function openPair(): { readonly master: number; readonly slave: number } {
  const require = createRequire(import.meta.url);
  // Its own loader of its native part: the public `open` keeps a descriptor that nobody can close.
  const load = property(require('node-pty/lib/utils.js'), 'loadNativeModule');
  const native: unknown = typeof load === 'function' ? Reflect.apply(load, undefined, ['pty']) : undefined;
  const open = property(property(native, 'module'), 'open');
  const pair: unknown = typeof open === 'function' ? Reflect.apply(open, undefined, [200, 50]) : undefined;
  const master = property(pair, 'master');
  const slave = property(pair, 'slave');
  if (typeof master !== 'number' || typeof slave !== 'number') throw new Error('node-pty opened no pseudo-terminal');
  return { master, slave };
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
