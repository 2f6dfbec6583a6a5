/**
 * The key of records that LASSO 1.x wrote: 32 raw bytes in a file only this user reads, never beside what it protects. It is read
 * to verify those records, and neither made nor changed any more.
 */
import { createSecretKey, type KeyObject } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import type { Folders } from '../../base/platform.ts';
import { readOwnFile, unsafe, type OwnHost } from './own-file.ts';

const keyBytes = 32;
const title = 'The key of records of LASSO 1.x';

/** where LASSO 1.x kept this user's key */
export function keyFileOf(folders: Pick<Folders, 'home'>): string {
  return join(folders.home, '.audit_key');
}

/** The key in `file`. @throws LassoError RECORD_INVALID when it is missing, unsafe, of the wrong size, or inside `auditFolder` */
export async function loadKey(host: OwnHost, file: string, auditFolder: string): Promise<KeyObject> {
  if (inside(await realOf(file), await realOf(auditFolder)))
    throw unsafe(title, file, 'lies inside the folder of records it protects', `Move it out of ${auditFolder}.`);
  const bytes = await readOwnFile(host, file, title);
  if (bytes === undefined) throw unsafe(title, file, 'is not there', 'Give the key file that was in use when the record was written.');
  if (bytes.length !== keyBytes)
    throw unsafe(title, file, `has ${bytes.length} bytes instead of ${keyBytes}`, 'Give the key itself, or restore it from a backup.');
  return createSecretKey(bytes);
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
