/**
 * What is kept between sandboxes: an agent's home for a workspace, and a profile's own volume. Only agents write in there, so it is
 * hostile: nothing of it is read or followed here, and what is removed is removed without following a link.
 */
import { createHash } from 'node:crypto';
import { chmod, chown, lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../../base/atomic-file.ts';
import type { Folders, Host } from '../../base/platform.ts';
import { LassoError } from '../../protocol/errors.ts';
import type { SavedSandbox } from '../state.ts';

interface Places {
  readonly folders: Folders;
}

/** Where all of it lies. */
export const volumesFolder = ({ folders }: Places): string => join(folders.home, 'volumes');

/** An agent's home for a workspace, given by its real path. */
export function homeVolume(world: Places, agent: string, workspace: string): string {
  const mark = createHash('sha256').update(workspace).digest('hex').slice(0, 16);
  return join(volumesFolder(world), `${agent}-${mark}`);
}

/** A volume that a profile names; every sandbox with such a profile has the same. */
export function namedVolume(world: Places, name: string): string {
  const mark = createHash('sha256').update(name).digest('hex').slice(0, 16);
  return join(volumesFolder(world), `profile-${mark}`);
}

/** The folder, made where it is not there, for the agent's user alone. @throws LassoError SANDBOX_START_FAILED */
export async function keepVolume(
  world: Places & { readonly host: Host },
  folder: string,
  identity: SavedSandbox['identity'],
): Promise<string> {
  try {
    await mkdir(volumesFolder(world), { recursive: true, mode: 0o700 });
    await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
      if (errnoOf(error) !== 'EEXIST') throw error;
    });
    const found = await lstat(folder);
    if (!found.isDirectory()) throw new Error('it is no folder');
    const { hostUid, hostGid } = identity;
    if (world.host.uid === 0 && (found.uid !== hostUid || found.gid !== hostGid)) await chown(folder, hostUid, hostGid);
    return folder;
  } catch (cause) {
    const why = errnoOf(cause) ?? (cause instanceof Error ? cause.message : 'unknown error');
    throw new LassoError(
      'SANDBOX_START_FAILED',
      `What is kept in ${folder} cannot be used: ${why}`,
      'See that LASSO’s home folder can be written.',
      {
        cause,
      },
    );
  }
}

/** False where there was none. */
export async function forgetVolume(folder: string): Promise<boolean> {
  const found = await lstat(folder).catch(() => undefined);
  if (found === undefined) return false;
  const options = { recursive: true, force: true, maxRetries: 2 };
  await rm(folder, options).catch(async () => {
    await openUp(folder);
    await rm(folder, options);
  });
  return true;
}

/** Caches of some tools close their own folders. Nothing runs in here any more, so nothing is swapped meanwhile. */
async function openUp(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true })) if (entry.isDirectory()) await openUp(join(folder, entry.name));
}
