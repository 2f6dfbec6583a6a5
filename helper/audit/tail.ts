/**
 * Opening a record's file so that its chain can go on: safe folder, own regular file, last line found, checked and trusted
 * only if its mac fits. What a crash tore off is set aside, never thrown away.
 */
import { createHash, type KeyObject } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, lstat, mkdir, open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../base/atomic-file.ts';
import { LassoError } from '../protocol/errors.ts';
import { genesis, lineLimitBytes } from './chain.ts';
import { checkLine } from './line.ts';

/** bytes a crash left after the last whole line */
export interface Torn {
  /** file name they were set aside into */
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface OpenFile {
  readonly path: string;
  readonly handle: FileHandle;
  readonly bytes: number;
  readonly head: { readonly seq: number; readonly mac: string };
  readonly torn?: Torn;
}

interface Wanted {
  readonly folder: string;
  readonly sandbox: string;
  readonly key: KeyObject;
  readonly uid: number | undefined;
}

export async function openFile(wanted: Wanted): Promise<OpenFile> {
  if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(wanted.sandbox)) throw invalid(wanted.sandbox, 'this is no sandbox id');
  const path = join(wanted.folder, `${wanted.sandbox}.jsonl`);
  let handle: FileHandle | undefined;
  try {
    await prepareFolder(wanted);
    handle = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND | unixFlags(wanted.uid), 0o600);
    const opened = await resume(wanted, path, handle);
    return { path, handle, ...opened };
  } catch (error) {
    await handle?.close();
    if (error instanceof LassoError) throw error;
    const why = errnoOf(error) === 'ELOOP' ? 'it is a symbolic link' : `the system says ${errnoOf(error) ?? String(error)}`;
    throw new LassoError('RECORD_FAILED', `The record cannot be opened, ${why}: ${path}`, 'Nothing starts unrecorded. Repair this first.', {
      cause: error,
    });
  }
}

/** O_NONBLOCK keeps a FIFO in the file's place from blocking the helper; it means nothing to a regular file. */
function unixFlags(uid: number | undefined): number {
  return uid === undefined ? 0 : constants.O_NOFOLLOW | constants.O_NONBLOCK;
}

async function prepareFolder({ folder, uid }: Wanted): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const status = await lstat(folder);
  if (!status.isDirectory()) throw invalid(folder, 'the folder of records is a link or a file');
  if (uid === undefined) return;
  if (status.uid !== uid) throw invalid(folder, `the folder of records belongs to user ${status.uid}`);
  if ((status.mode & 0o077) !== 0) await chmod(folder, 0o700);
}

async function resume(wanted: Wanted, path: string, handle: FileHandle): Promise<Pick<OpenFile, 'bytes' | 'head' | 'torn'>> {
  const status = await handle.stat();
  if (!status.isFile()) throw invalid(path, 'it is not a regular file');
  if (wanted.uid !== undefined && status.uid !== wanted.uid) throw invalid(path, `it belongs to user ${status.uid}`);
  if (status.nlink > 1) throw invalid(path, 'it has a second name (hard link)');
  if (wanted.uid !== undefined && (status.mode & 0o077) !== 0) await handle.chmod(0o600);
  const { line, start, rest } = await lastLine(path, handle, status.size);
  const bytes = status.size - rest.length;
  const head = line === undefined ? { seq: -1, mac: genesis } : trusted(wanted, path, line);
  if (rest.length === 0) return { bytes, head };
  const torn = await setAside(wanted, rest);
  await handle.truncate(start);
  return { bytes: start, head, torn };
}

function trusted(wanted: Wanted, path: string, line: Buffer): { seq: number; mac: string } {
  const found = checkLine(line, wanted.key);
  if (found.kind !== 'record') throw invalid(path, 'its last line does not verify: it was edited, or the key is another');
  if (found.sandbox !== wanted.sandbox) throw invalid(path, 'its last line is about another sandbox');
  return { seq: found.seq, mac: found.mac };
}

/** Last whole line, where the next begins, and what follows it unfinished. */
async function lastLine(path: string, handle: FileHandle, size: number): Promise<{ line?: Buffer; start: number; rest: Buffer }> {
  // A torn batch is no longer than a batch; a longer one is not ours.
  for (let want = Math.min(size, 65_536); ; want = Math.min(size, want * 8)) {
    const bytes = Buffer.alloc(want);
    for (let done = 0; done < want;) {
      const { bytesRead } = await handle.read(bytes, done, want - done, size - want + done);
      if (bytesRead === 0) throw invalid(path, 'it shrinks while being read');
      done += bytesRead;
    }
    const end = bytes.lastIndexOf(10);
    const before = end < 1 ? -1 : bytes.lastIndexOf(10, end - 1);
    const rest = bytes.subarray(end + 1);
    if (end >= 0 && (before >= 0 || want === size)) return { line: bytes.subarray(before + 1, end), start: size - rest.length, rest };
    if (want === size) return { start: 0, rest };
    if (want > 64 * lineLimitBytes) throw invalid(path, 'its last line has no end');
  }
}

async function setAside({ folder, sandbox }: Wanted, rest: Buffer): Promise<Torn> {
  for (let n = 1; ; n += 1) {
    const file = `${sandbox}.torn-${n}`;
    try {
      const handle = await open(join(folder, file), 'wx', 0o600);
      try {
        await handle.writeFile(rest);
        await handle.sync();
      } finally {
        await handle.close();
      }
      return { file, bytes: rest.length, sha256: createHash('sha256').update(rest).digest('hex') };
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST' || n >= 10_000) throw error;
    }
  }
}

function invalid(path: string, why: string): LassoError {
  const hint = 'Run `lasso audit verify`, then move the file away to begin a new record.';
  return new LassoError('RECORD_INVALID', `The record cannot be continued, ${why}: ${path}`, hint);
}
