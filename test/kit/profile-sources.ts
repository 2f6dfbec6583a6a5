/** Profiles for tests: files in memory, and the built-in ones as they are shipped. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { hostGroupsOf } from '../../helper/profile/host-groups.ts';
import type { BuiltInProfile, ProfileSources } from '../../helper/profile/sources.ts';

export const profilesFolder = join(import.meta.dirname, '../../profiles');

export const builtInProfiles: readonly BuiltInProfile[] = readdirSync(profilesFolder)
  .filter((file) => file.endsWith('.toml') && file !== 'hosts.toml')
  .map((file) => ({
    name: file.slice(0, -'.toml'.length),
    text: readFileSync(join(profilesFolder, file), 'utf8'),
    file: `/built-in/${file}`,
  }));

export const builtInGroups = hostGroupsOf(readFileSync(join(profilesFolder, 'hosts.toml'), 'utf8'), '/built-in/hosts.toml');

/** `files`: path → text; the user's folder of profiles is /user */
export function memorySources(files: Readonly<Record<string, string>>, builtIns = builtInProfiles): ProfileSources {
  return {
    readFile: (path) => Promise.resolve(Object.hasOwn(files, path) ? files[path] : undefined),
    listFolder: (folder) =>
      Promise.resolve(Object.keys(files).flatMap((path) => (posix.dirname(path) === folder ? [posix.basename(path)] : []))),
    resolvePath: (...parts) => posix.resolve('/asking', ...parts),
    hash: (text) => createHash('sha256').update(text).digest('hex'),
    builtIns,
    userFolders: ['/user'],
    hostGroups: builtInGroups,
  };
}
