/**
 * The folder with the helper's sockets: whoever can write there could pose as the helper, so it is used only when it is a
 * real directory, this user's, and closed to everybody else. It is never repaired behind the user's back.
 */
import { lstat, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errnoOf } from '../../base/atomic-file.ts';
import type { Host } from '../../base/platform.ts';
import { LassoError } from '../../protocol/errors.ts';

/** Makes `folder` (0700) if need be and checks it. @throws LassoError HELPER_DIRECTORY_UNSAFE */
export async function prepareRuntimeFolder(host: Pick<Host, 'platform' | 'uid'>, folder: string): Promise<void> {
  try {
    await mkdir(dirname(folder), { recursive: true, mode: 0o700 });
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw unsafe(folder, `cannot be made (${errnoOf(error) ?? String(error)})`, error);
  }
  const status = await lstat(folder);
  if (status.isSymbolicLink()) throw unsafe(folder, 'is a symbolic link');
  if (!status.isDirectory()) throw unsafe(folder, 'is not a folder');
  if (host.platform === 'win32' || host.uid === undefined) return;
  if (status.uid !== host.uid) throw unsafe(folder, `belongs to user ${status.uid}, not to you (${host.uid})`);
  if ((status.mode & 0o077) !== 0) throw unsafe(folder, `is open to others (mode ${(status.mode & 0o777).toString(8)})`);
}

function unsafe(folder: string, why: string, cause?: unknown): LassoError {
  const hint = why.startsWith('is open')
    ? `If you trust what is in it, run: chmod 700 ${folder}. Otherwise remove it, or set LASSO_RUNTIME_DIR to a folder of your own.`
    : `Remove or rename it, or set LASSO_RUNTIME_DIR to a folder only you can reach.`;
  return new LassoError('HELPER_DIRECTORY_UNSAFE', `The folder for the helper's socket ${why}: ${folder}`, hint, { cause });
}
