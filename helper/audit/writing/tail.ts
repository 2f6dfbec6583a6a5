/**
 * A file of a record opened for writing: safe folder, own regular file, and where its last whole line ends. What a crash tore off
 * is set aside, never thrown away. Nothing here judges lines.
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, lstat, mkdir, open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../../base/atomic-file.ts';
import { LassoError } from '../../protocol/errors.ts';
import { unfinishedBytes } from './backwards.ts';

/** where a chain's files are, and whose they must be */
export interface ChainPlace {
  /** 0700 folder of the records, made if need be */
  readonly folder: string;
  readonly sandbox: string;
  /** this user; undefined on Windows */
  readonly uid: number | undefined;
}

/** bytes a crash left after the last whole line */
export interface Torn {
  /** file name they were set aside into */
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface OpenFile {
  readonly path: string;
  readonly name: string;
  readonly handle: FileHandle;
  /** of whole lines */
  readonly bytes: number;
  /** what follows them */
  readonly unfinished: Buffer;
}

/** Opens the file `name` of a chain, made if need be. @throws LassoError RECORD_FAILED, RECORD_INVALID */
export async function openFile(place: ChainPlace, name: string): Promise<OpenFile> {
  const path = join(place.folder, name);
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND | unixFlags(place.uid), 0o600);
    const status = await handle.stat();
    if (!status.isFile()) throw invalid(path, 'it is not a regular file');
    if (place.uid !== undefined && status.uid !== place.uid) throw invalid(path, `it belongs to user ${status.uid}`);
    if (status.nlink > 1) throw invalid(path, 'it has a second name (hard link)');
    if (place.uid !== undefined && (status.mode & 0o077) !== 0) await handle.chmod(0o600);
    const unfinished = await unfinishedBytes(handle, status.size);
    return { path, name, handle, bytes: status.size - unfinished.length, unfinished };
  } catch (error) {
    await handle?.close();
    throw opening(path, error);
  }
}

/** What an error while opening means to a person. */
export function opening(path: string, error: unknown): LassoError {
  if (error instanceof LassoError) return error;
  const code = errnoOf(error);
  const why = code === 'ELOOP' ? 'it is a symbolic link' : code === undefined ? String(error) : `the system says ${code}`;
  const hint = 'Nothing starts unrecorded. Repair this first.';
  return new LassoError('RECORD_FAILED', `The record cannot be opened, ${why}: ${path}`, hint, { cause: error });
}

/** Makes the folder of records safe. @throws LassoError RECORD_INVALID; rejects with the system's error */
export async function prepareFolder({ folder, uid }: ChainPlace): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const status = await lstat(folder);
  if (!status.isDirectory()) throw invalid(folder, 'the folder of records is a link or a file');
  if (uid === undefined) return;
  if (status.uid !== uid) throw invalid(folder, `the folder of records belongs to user ${status.uid}`);
  if ((status.mode & 0o077) !== 0) await chmod(folder, 0o700);
}

/** Moves a file's unfinished bytes into `<sandbox>.torn-<n>`. Rejects with the system's error, leaving them. */
export async function setAside({ folder, sandbox }: ChainPlace, { handle, bytes, unfinished }: OpenFile): Promise<Torn> {
  for (let n = 1; ; n += 1) {
    const file = `${sandbox}.torn-${n}`;
    try {
      const aside = await open(join(folder, file), 'wx', 0o600);
      try {
        await aside.writeFile(unfinished);
        await aside.sync();
      } finally {
        await aside.close();
      }
      await handle.truncate(bytes);
      return { file, bytes: unfinished.length, sha256: createHash('sha256').update(unfinished).digest('hex') };
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST' || n >= 10_000) throw error;
    }
  }
}

/** A record that is not as its writer left it. */
export function invalid(
  path: string,
  why: string,
  hint = 'Run `lasso audit verify`, then move the file away to begin a new record.',
): LassoError {
  return new LassoError('RECORD_INVALID', `The record cannot be continued, ${why}: ${path}`, hint);
}

/** O_NONBLOCK keeps a FIFO in the file's place from blocking the helper; it means nothing to a regular file. */
function unixFlags(uid: number | undefined): number {
  return uid === undefined ? 0 : constants.O_NOFOLLOW | constants.O_NONBLOCK;
}
