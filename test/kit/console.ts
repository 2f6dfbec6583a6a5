/** A console of a test's own: what is written is kept, and the streams are no terminal unless they are said to be one. */
import { PassThrough } from 'node:stream';
import type { Console } from '../../helper/faces/cli/console.ts';

export interface TestConsole extends Console {
  readonly written: () => { readonly stdout: string; readonly stderr: string };
}

export function testConsole(
  options: { readonly terminal?: boolean; readonly environment?: Readonly<Record<string, string>> } = {},
): TestConsole {
  const kept = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof kept): PassThrough => {
    const through = new PassThrough();
    through.on('data', (bytes: Buffer) => (kept[name] += bytes.toString()));
    return options.terminal === true ? Object.assign(through, { isTTY: true, columns: 80, rows: 24 }) : through;
  };
  return {
    stdin: new PassThrough().end(),
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    environment: options.environment ?? {},
    platform: 'linux',
    cwd: '/src/app',
    now: () => new Date('2026-01-02T03:04:05Z'),
    written: () => kept,
  };
}
