/**
 * Files that only this user may read: keys. One that others could have read or written is refused, not repaired, and what is
 * replaced or removed is overwritten first, as far as a file system lets a program do that.
 */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, mkdir, open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errnoOf } from '../../base/atomic-file.ts';
import type { Host } from '../../base/platform.ts';
import { LassoError } from '../../protocol/errors.ts';

export type OwnHost = Pick<Host, 'uid' | 'platform'>;

/** longest file of one key that is read, in bytes */
const keyLimitBytes = 4096;

interface ReadOptions {
  /** longest that is read */
  readonly limitBytes?: number;
  /** whether others may have it: it is read as it was given, and only its kind and size are judged */
  readonly shared?: boolean;
}

/**
 * All bytes of `file`; undefined where there is none.
 * @param what how people call it, as in “The first key” @throws LassoError RECORD_INVALID when it is not safely this user's own
 */
export async function readOwnFile(host: OwnHost, file: string, what: string, options: ReadOptions = {}): Promise<Buffer | undefined> {
  const { limitBytes = keyLimitBytes, shared = false } = options;
  const handle = await openOwn(host, file, what, constants.O_RDONLY, shared);
  if (handle === undefined) return undefined;
  try {
    const status = await handle.stat();
    if (status.size > limitBytes) throw unsafe(what, file, `has ${status.size} bytes, which is too many`, 'Restore it from a backup.');
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/**
 * Makes `file` with these bytes, 0600, synced, whole or not at all; false where there is one already.
 * @throws LassoError RECORD_FAILED
 */
export async function createOwnFile(host: OwnHost, file: string, bytes: Uint8Array): Promise<boolean> {
  return writing(file, async () => {
    const beside = await writeBeside(file, bytes);
    try {
      await link(beside, file);
    } catch (error) {
      if (errnoOf(error) === 'EEXIST') return false;
      throw error;
    } finally {
      await rm(beside, { force: true });
    }
    await syncFolder(host, dirname(file));
    return true;
  });
}

/**
 * Puts these bytes in the place of the file's, or makes it. A crash leaves the old file or the new one; settles when the new one
 * is on the disk for good, and the bytes of the old one are overwritten.
 * @throws LassoError RECORD_FAILED
 */
export async function replaceOwnFile(host: OwnHost, file: string, bytes: Uint8Array): Promise<void> {
  await writing(file, async () => {
    const beside = await writeBeside(file, bytes);
    let old: FileHandle | undefined;
    try {
      old = await open(file, constants.O_RDWR | openFlags(host)).catch((error: unknown) => {
        if (errnoOf(error) === 'ENOENT') return undefined;
        throw error;
      });
      // Windows replaces no file that is open.
      if (host.platform === 'win32') await old?.close();
      await rename(beside, file);
      await syncFolder(host, dirname(file));
      if (host.platform !== 'win32' && old !== undefined) await overwrite(old);
    } catch (error) {
      await rm(beside, { force: true });
      throw error;
    } finally {
      if (host.platform !== 'win32') await old?.close();
    }
  });
}

/** Overwrites `file` and removes it; one that is not there is as good as removed. @throws LassoError RECORD_INVALID, RECORD_FAILED */
export async function eraseOwnFile(host: OwnHost, file: string, what: string): Promise<void> {
  const handle = await openOwn(host, file, what, constants.O_RDWR);
  if (handle === undefined) return;
  await writing(file, async () => {
    try {
      await overwrite(handle);
    } finally {
      await handle.close();
    }
    await rm(file, { force: true });
    await syncFolder(host, dirname(file));
  });
}

/** Overwrites and removes what a killed process left half made in a folder of keys. */
export async function eraseLeftovers(host: OwnHost, folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (/^\..+\.[0-9a-f]{16}\.tmp$/.test(name)) await eraseOwnFile(host, join(folder, name), 'A file that was left half made');
  }
}

/** Makes a name that was made or removed last through a power cut. Windows knows no such thing. */
export async function syncFolder(host: OwnHost, folder: string): Promise<void> {
  if (host.platform === 'win32') return;
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Writes zeros over a file's bytes and syncs. That reaches the old blocks where a file system writes in place (ext4, XFS) on a
 * disk that does. Flash storage writes elsewhere and cleans up later, and Btrfs, ZFS, APFS, snapshots and backups keep what was
 * there: against somebody who takes the disk apart, only an encrypted disk helps.
 */
async function overwrite(handle: FileHandle): Promise<void> {
  const { size } = await handle.stat();
  await handle.write(Buffer.alloc(size), 0, size, 0);
  await handle.sync();
}

async function openOwn(host: OwnHost, file: string, what: string, flags: number, shared = false): Promise<FileHandle | undefined> {
  let handle;
  try {
    handle = await open(file, flags | openFlags(host));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    const why = errnoOf(error) === 'ELOOP' ? 'is a symbolic link' : `cannot be opened (${errnoOf(error) ?? 'unknown error'})`;
    throw unsafe(what, file, why, 'Put the file itself there, readable by you alone: chmod 600.');
  }
  try {
    const status = await handle.stat();
    const judged = host.platform !== 'win32' && !shared;
    if (!status.isFile()) throw unsafe(what, file, 'is not a regular file', 'Set it aside, and put the file itself there.');
    if (judged && host.uid !== undefined && status.uid !== host.uid)
      throw unsafe(what, file, `belongs to user ${status.uid}, not to you`, 'Make it yours with chown, or set it aside.');
    if (judged && (status.mode & 0o077) !== 0)
      throw unsafe(what, file, 'can be read or written by others', `Run: chmod 600 ${file}. If others use this machine, set it aside.`);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** A FIFO put in its place must not block; a link could lead to somebody else's file. */
export const openFlags = ({ platform }: OwnHost): number => (platform === 'win32' ? 0 : constants.O_NOFOLLOW | constants.O_NONBLOCK);

async function writeBeside(file: string, bytes: Uint8Array): Promise<string> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const beside = join(dirname(file), `.${basename(file)}.${randomBytes(8).toString('hex')}.tmp`);
  const handle = await open(beside, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
    return beside;
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

async function writing<T>(file: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof LassoError) throw error;
    throw new LassoError(
      'RECORD_FAILED',
      `The keys of the record cannot be written (${errnoOf(error) ?? String(error)}): ${file}`,
      `Make ${dirname(file)} writable, and see that the disk is not full.`,
      { cause: error },
    );
  }
}

/** An error about a file of keys that must not be used. */
export function unsafe(what: string, file: string, why: string, hint: string): LassoError {
  return new LassoError('RECORD_INVALID', `${what} ${why}: ${file}`, hint);
}
