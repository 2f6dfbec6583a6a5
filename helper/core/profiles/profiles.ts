/** Where profiles lie on this machine, for `helper/profile`, which touches no disk. Reads only. */
import { createHash } from 'node:crypto';
import { constants, open, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Folders } from '../../base/platform.ts';
import type { HostGroups } from '../../policy/network/rules.ts';
import type { BuiltInProfile, ProfileSources } from '../../profile/sources.ts';
import { errnoOf } from '../../base/atomic-file.ts';
import { hostGroupsOf } from '../../profile/host-groups.ts';
import { textOfBytes } from '../../profile/utf8.ts';

/** A little more than a profile may be long, so that a longer one is told as such instead of being read whole. */
const readLimitBytes = 300 * 1024;
/** data beside the built-in profiles, not one of them */
const hostGroups = 'hosts.toml';

/**
 * @param builtInFolder the package's own `profiles`
 * @param mirrors hosts that stand for a group's own, asked for each time
 * @param machine what this machine can do, as far as it is known at once
 */
export async function profileSources(
  folders: Pick<Folders, 'profiles'>,
  builtInFolder: string,
  mirrors: () => HostGroups,
  machine: NonNullable<ProfileSources['machine']>,
): Promise<ProfileSources> {
  const groups = await readHostGroups(builtInFolder);
  return {
    readFile: readTextFile,
    listFolder: async (path) => readdir(path).catch(() => []),
    resolvePath: (...parts) => resolve(...parts),
    hash: (text) => createHash('sha256').update(text).digest('hex'),
    builtIns: await readBuiltIns(builtInFolder),
    userFolders: folders.profiles,
    machine,
    get hostGroups() {
      return { ...groups, ...mirrors() };
    },
  };
}

/** The public hosts of every group. */
export async function readHostGroups(folder: string): Promise<HostGroups> {
  const file = join(folder, hostGroups);
  return hostGroupsOf((await readTextFile(file)) ?? '', file);
}

async function readBuiltIns(folder: string): Promise<readonly BuiltInProfile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.toml') && name !== hostGroups).sort();
  return Promise.all(
    names.map(async (name) => {
      const file = join(folder, name);
      return { name: name.slice(0, -'.toml'.length), file, text: (await readTextFile(file)) ?? '' };
    }),
  );
}

/** The beginning of a regular file; undefined where there is none. A FIFO or device must not block, so none is read. */
export async function readTextFile(path: string): Promise<string | undefined> {
  let handle;
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    if (!(await handle.stat()).isFile()) throw new Error(`${path} is not a regular file`);
    const buffer = Buffer.alloc(readLimitBytes);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    return textOfBytes(buffer.subarray(0, bytesRead));
  } finally {
    await handle.close();
  }
}
