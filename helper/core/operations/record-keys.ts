/**
 * The verb about the keys of records: says which there are and where the first one is, and takes that from this machine. It is
 * erased only after it was read back from where it went.
 */
import { constants } from 'node:fs';
import { open, realpath, rm } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';
import { firstKeyText } from '../../audit/form/key-schedule.ts';
import { syncFolder } from '../../audit/keys/own-file.ts';
import { firstKeyFile, readFirstKey } from '../../audit/keys/user-keys.ts';
import { errnoOf } from '../../base/atomic-file.ts';
import { LassoError } from '../../protocol/errors.ts';
import { firstKeyOf, firstKeyPlace, forgetFirstKey, keepInKeyring } from '../records/first-key.ts';
import type { SavedSandbox } from '../state.ts';
import type { World } from '../world.ts';
import type { OperationHandlers } from './contract.ts';

type Facts = Pick<World, 'host' | 'folders' | 'userKeys' | 'closedPlaces'>;

/** every sandbox there is, with the folders of the host that its agent can write */
interface SandboxPlaces {
  readonly all: readonly { readonly saved: Pick<SavedSandbox, 'workspace' | 'mounts'> }[];
}

export function recordKeyOperations(world: Facts, registry: SandboxPlaces): Pick<OperationHandlers, 'auditKey'> {
  return {
    auditKey: async ({ move, keyring, print, keep }) => {
      if ([move !== undefined, keyring, print].filter(Boolean).length > 1)
        throw new LassoError('BAD_REQUEST', 'The first key can go to one place only', 'Give one of --move, --keyring and --print.');
      const { fingerprint, publicKey } = world.userKeys;
      const facts = { fingerprint, publicKey };
      if (move === undefined && !keyring && !print) {
        const place = await firstKeyPlace(world);
        return { ...facts, place, ...(place === 'file' ? { file: firstKeyFile(world.folders) } : {}) };
      }
      const key = await firstKeyOf(world);
      if (key === undefined) throw away(fingerprint);
      if (print) {
        if (!keep) await forgetFirstKey(world);
        return { ...facts, place: keep ? await firstKeyPlace(world) : 'away', firstKey: firstKeyText(key).trimEnd() };
      }
      if (move !== undefined) {
        await moveTo(world, registry, move, key);
        await forgetFirstKey(world);
        return { ...facts, place: 'away', file: move };
      }
      await keepInKeyring(world, key);
      await forgetFirstKey(world, 'keyring');
      return { ...facts, place: 'keyring' };
    },
  };
}

/** Makes `file` with the key, and reads it back. @throws LassoError BAD_REQUEST; the key is then where it was, and nowhere else */
async function moveTo(world: Facts, registry: SandboxPlaces, file: string, key: Buffer): Promise<void> {
  if (!isAbsolute(file)) throw refused(file, 'is no absolute path', 'Write the whole path.');
  const real = join(await folderOf(file), basename(file));
  const sandboxes = registry.all.flatMap(({ saved }) => [saved.workspace, ...saved.mounts.map(({ source }) => source)]);
  for (const folder of [...world.closedPlaces.lassoFolders, world.folders.home, ...sandboxes])
    if (isInside(real, folder))
      throw refused(
        file,
        `is in ${folder}, which it is to be taken away from`,
        'Name a place outside, best on a medium that you take out.',
      );
  let made = false;
  try {
    const handle = await open(real, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
    made = true;
    try {
      await handle.writeFile(firstKeyText(key));
      await handle.sync();
    } finally {
      await handle.close();
    }
    // Not every file system lets a folder be synced.
    await syncFolder(world.host, dirname(real)).catch(() => undefined);
    if ((await readFirstKey(world.host, real, 'given')).equals(key)) return;
    throw refused(file, 'does not give back what was written', 'Use another medium.');
  } catch (error) {
    if (made) await rm(real, { force: true });
    if (error instanceof LassoError) throw error;
    if (errnoOf(error) === 'EEXIST') throw refused(file, 'exists already', 'Name a file that does not; nothing is written over.');
    throw refused(file, `cannot be written (${errnoOf(error) ?? String(error)})`, 'Name a place that you can write.');
  }
}

async function folderOf(file: string): Promise<string> {
  try {
    return await realpath(dirname(file));
  } catch {
    throw refused(file, 'is in a folder that is not there', 'Make the folder, or put the medium in.');
  }
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

const refused = (file: string, why: string, hint: string): LassoError =>
  new LassoError('BAD_REQUEST', `The first key stays where it is: ${file} ${why}`, hint);

const away = (fingerprint: string): LassoError =>
  new LassoError(
    'BAD_REQUEST',
    `The first key (${fingerprint}) is not on this machine any more`,
    'It is where it was moved to; `lasso audit verify --key FILE` reads it there.',
  );
