/**
 * Where a long text goes: into a file that did not exist, readable by this user alone, or to stdout. On a terminal nothing
 * hostile reaches the screen raw. A file is whole or it is not there.
 */
import { open, rm, type FileHandle } from 'node:fs/promises';
import nodePath from 'node:path';
import { errnoOf } from '../../base/atomic-file.ts';
import { LassoError } from '../../protocol/errors.ts';
import type { Console, Terminal } from './console.ts';
import { visible } from './render/text.ts';

type Place = Pick<Console, 'stdout' | 'cwd' | 'platform'>;

/**
 * Writes the pieces, in order, to `file` (relative to the console's folder), or to stdout without one. Returns the absolute
 * file. @throws LassoError BAD_REQUEST where the file exists or cannot be written; whatever the pieces reject with
 */
export async function writeOutput(
  console: Place,
  file: string | undefined,
  pieces: AsyncIterable<string> | Iterable<string>,
): Promise<string | undefined> {
  if (file === undefined) {
    await printPieces(console.stdout, pieces);
    return undefined;
  }
  const path = (console.platform === 'win32' ? nodePath.win32 : nodePath.posix).resolve(console.cwd, file);
  const handle = await create(path);
  try {
    try {
      for await (const piece of pieces) await written(path, handle.writeFile(piece));
      await written(path, handle.sync());
    } finally {
      await handle.close();
    }
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
  return path;
}

/** Text of many lines for a terminal: every character that could deceive is made visible, line ends stay. */
export function shownText(text: string): string {
  return text.split(/\r?\n/).map(visible).join('\n');
}

/** False when the reader has gone. */
export function print(stream: Terminal, text: string): Promise<boolean> {
  return new Promise((resolve) => {
    if (text === '') return resolve(true);
    const gone = (): void => resolve(false);
    stream.once('error', gone);
    stream.write(text, (error) => {
      // A stream that fails says so once more after this.
      if (!error) stream.off('error', gone);
      resolve(!error);
    });
  });
}

async function printPieces(stream: Terminal, pieces: AsyncIterable<string> | Iterable<string>): Promise<void> {
  for await (const piece of pieces) if (!(await print(stream, stream.isTTY === true ? shownText(piece) : piece))) return;
}

async function create(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600);
  } catch (error) {
    if (errnoOf(error) === 'EEXIST')
      throw new LassoError('BAD_REQUEST', `There is already a file ${path}`, 'Name another, or remove it first: nothing is written over.');
    throw unwritable(path, error);
  }
}

async function written(path: string, work: Promise<void>): Promise<void> {
  await work.catch((error: unknown) => {
    throw unwritable(path, error);
  });
}

function unwritable(path: string, error: unknown): LassoError {
  const hint = 'Name a file in a folder that you may write to, on a disk with room.';
  return new LassoError('BAD_REQUEST', `The file cannot be written, the system says ${errnoOf(error) ?? String(error)}: ${path}`, hint, {
    cause: error,
  });
}
