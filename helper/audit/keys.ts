/**
 * The key that chains this user's records: 32 random bytes in a file only this user reads, never beside what it protects.
 * A key that others could have read or written is refused, not repaired: what it signed proves nothing.
 */
import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { constants } from 'node:fs';
import { link, mkdir, open, realpath, rm } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { errnoOf } from '../base/atomic-file.ts';
import type { Folders, Host } from '../base/platform.ts';
import { LassoError } from '../protocol/errors.ts';

export const keyBytes = 32;

/** where this user's key lies */
export function keyFileOf(folders: Pick<Folders, 'home'>): string {
  return join(folders.home, '.audit_key');
}

/** This user's key, made on first use. Of several makers at once one wins and all use its key. */
export async function loadOrMakeKey(host: Pick<Host, 'uid' | 'platform'>, folders: Pick<Folders, 'home' | 'audit'>): Promise<KeyObject> {
  const file = keyFileOf(folders);
  await mkdir(folders.home, { recursive: true, mode: 0o700 });
  const existing = await readKeyIfAny(host, file, folders.audit);
  if (existing !== undefined) return existing;
  await makeKeyFile(file);
  return loadKey(host, file, folders.audit);
}

/** The key in `file`. @throws LassoError RECORD_INVALID when it is missing, unsafe, of the wrong size, or inside `auditFolder` */
export async function loadKey(host: Pick<Host, 'uid' | 'platform'>, file: string, auditFolder: string): Promise<KeyObject> {
  const key = await readKeyIfAny(host, file, auditFolder);
  if (key === undefined) throw unsafe(file, 'does not exist', 'Give the key file that was in use when the record was written.');
  return key;
}

async function readKeyIfAny(host: Pick<Host, 'uid' | 'platform'>, file: string, auditFolder: string): Promise<KeyObject | undefined> {
  const windows = host.platform === 'win32';
  if (inside(await realOf(file), await realOf(auditFolder)))
    throw unsafe(file, 'lies inside the folder of records it protects', `Move it out of ${auditFolder}.`);
  let handle;
  try {
    // A FIFO put in its place must not block; a link could lead to somebody else's file.
    handle = await open(file, constants.O_RDONLY | (windows ? 0 : constants.O_NOFOLLOW | constants.O_NONBLOCK));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    const why = errnoOf(error) === 'ELOOP' ? 'is a symbolic link' : `cannot be opened (${errnoOf(error) ?? 'unknown error'})`;
    throw unsafe(file, why, 'Put the key itself there, readable by you alone: chmod 600.');
  }
  try {
    const status = await handle.stat();
    if (!status.isFile()) throw unsafe(file, 'is not a regular file', 'Remove it; a new key is made on the next start.');
    if (!windows && host.uid !== undefined && status.uid !== host.uid)
      throw unsafe(file, `belongs to user ${status.uid}, not to you`, 'Make it yours with chown, or set it aside.');
    if (!windows && (status.mode & 0o077) !== 0)
      throw unsafe(file, 'can be read or written by others', `Run: chmod 600 ${file}. If others use this machine, set the key aside.`);
    if (status.size !== keyBytes)
      throw unsafe(
        file,
        `has ${status.size} bytes instead of ${keyBytes}`,
        'Restore it from a backup, or set it aside to begin a new one.',
      );
    return createSecretKey(await handle.readFile());
  } finally {
    await handle.close();
  }
}

async function makeKeyFile(file: string): Promise<void> {
  const beside = `${file}.${randomBytes(8).toString('hex')}.tmp`;
  try {
    const handle = await open(beside, 'wx', 0o600);
    try {
      await handle.writeFile(randomBytes(keyBytes));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(beside, file);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST')
      throw new LassoError('RECORD_FAILED', `The key of the record cannot be written: ${file}`, `Make ${dirname(file)} writable.`, {
        cause: error,
      });
  } finally {
    await rm(beside, { force: true });
  }
}

/** Path with the links of its folder resolved; the last part may be absent. */
async function realOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    return join(await realpath(dirname(path)).catch(() => dirname(path)), basename(path));
  }
}

function inside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && way !== path;
}

function unsafe(file: string, why: string, hint: string): LassoError {
  return new LassoError('RECORD_INVALID', `The key of the record ${why}: ${file}`, hint);
}
