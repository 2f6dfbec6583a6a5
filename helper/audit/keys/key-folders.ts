/** The folders keys lie in: made for this user alone, refused where others can write, and searched for what was recorded before. */
import { constants } from 'node:fs';
import { lstat, mkdir, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../../base/atomic-file.ts';
import type { Folders } from '../../base/platform.ts';
import { LassoError } from '../../protocol/errors.ts';
import { chainsIn } from '../form/chain-files.ts';
import { unsafe, type OwnHost } from './own-file.ts';

/** Makes `folder` if need be, 0700. @throws LassoError RECORD_INVALID when others could change what lies in it, RECORD_FAILED */
export async function ownFolder(host: OwnHost, folder: string): Promise<void> {
  const what = 'The folder of keys';
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new LassoError('RECORD_FAILED', `${what} cannot be made (${errnoOf(error) ?? String(error)}): ${folder}`, 'Make room for it.', {
      cause: error,
    });
  }
  if (host.platform === 'win32') return;
  const status = await lstat(folder).then((found) => (found.isSymbolicLink() ? stat(folder) : found));
  if (host.uid !== undefined && status.uid !== host.uid)
    throw unsafe(what, folder, `belongs to user ${status.uid}, not to you`, 'Make it yours with chown, or set it aside.');
  if ((status.mode & 0o022) !== 0) throw unsafe(what, folder, 'can be written by others', `Run: chmod 700 ${folder}`);
}

/** Whether there is a record or a checkpoint that keys were needed for. Rejects with the system's error. */
export async function anythingBegun({ home, audit }: Pick<Folders, 'home' | 'audit'>): Promise<boolean> {
  const names = await readdir(join(home, 'checkpoints'));
  if (names.some((name) => name === 'chains' || name.endsWith('.checkpoints'))) return true;
  const files = [...(await chainsIn(audit)).values()].flat();
  const present = await Promise.all(files.map(({ path }) => isOfThisForm(path)));
  return present.includes(true);
}

async function isOfThisForm(path: string): Promise<boolean> {
  const start = '{"v":3,';
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined);
  if (handle === undefined) return false;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(start.length), 0, start.length, 0);
    return buffer.toString('latin1', 0, bytesRead) === start;
  } catch {
    return false;
  } finally {
    await handle.close();
  }
}
