/**
 * Where the first key of a user's records is: still in LASSO's home, in the keyring, or moved away, as it should be. Reads it for
 * who verifies; it is never told, logged or kept here.
 */
import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { firstKeyText, fingerprintOf, parseFirstKey } from '../../audit/form/key-schedule.ts';
import { createOwnFile, eraseOwnFile } from '../../audit/keys/own-file.ts';
import { firstKeyFile, readFirstKey } from '../../audit/keys/user-keys.ts';
import { LassoError } from '../../protocol/errors.ts';
import { keyringOf, type Keyring, type KeyringEntry } from '../../secrets/keyring.ts';
import { keysService } from '../../secrets/own-store.ts';
import type { World } from '../world.ts';

type KeyWorld = Pick<World, 'host' | 'folders' | 'userKeys'>;

/**
 * The first key: that in `file`, else the one in LASSO's home, else the keyring's; undefined where it was moved away.
 * @throws LassoError RECORD_INVALID when the one that is there is unsafe or none, SECRET_UNAVAILABLE when the keyring does not answer
 */
export async function firstKeyOf(world: KeyWorld, file?: string): Promise<Buffer | undefined> {
  if (file !== undefined) return readFirstKey(world.host, file, 'given');
  if (await isHere(world)) return readFirstKey(world.host, firstKeyFile(world.folders));
  const kept = await inKeyring(world);
  return kept === undefined ? undefined : parsed(kept, world);
}

/** Where it is. @throws LassoError SECRET_UNAVAILABLE when the keyring does not answer */
export async function firstKeyPlace(world: KeyWorld): Promise<'file' | 'keyring' | 'away'> {
  if (await isHere(world)) return 'file';
  return (await inKeyring(world)) === undefined ? 'away' : 'keyring';
}

/** Puts it into the keyring, and reads it back. @throws LassoError UNSUPPORTED where there is none, SECRET_UNAVAILABLE */
export async function keepInKeyring(world: KeyWorld, firstKey: Uint8Array): Promise<void> {
  const keyring = keyringOf(world.host);
  if (keyring === undefined)
    throw new LassoError(
      'UNSUPPORTED',
      'LASSO can use no keyring on this machine',
      'On Linux, install secret-tool; or move the key to a file: lasso audit key --move FILE',
    );
  await createOwnFile(world.host, markFile(world), Buffer.from(`${world.userKeys.fingerprint}\n`));
  await keyring.set(entryOf(world), firstKeyText(firstKey).trimEnd());
  const back = await keyring.get(entryOf(world));
  if (back === undefined || !parsed(back, world).equals(firstKey)) throw damaged(keyring);
}

/**
 * Takes it from LASSO's home, overwritten, and from the keyring unless that is where it is to stay.
 * @throws LassoError as the place it was in does
 */
export async function forgetFirstKey(world: KeyWorld, except?: 'keyring'): Promise<void> {
  const here = await isHere(world);
  if (here) await eraseOwnFile(world.host, firstKeyFile(world.folders), 'The first key');
  if (except === 'keyring' || !(await isThere(markFile(world)))) return;
  try {
    await keyringOf(world.host)?.remove(entryOf(world));
  } catch (error) {
    // The mark stays: whether one is still in there is asked again.
    if (here) return;
    throw error;
  }
  await rm(markFile(world), { force: true });
}

/** A keyring that was never given it is not asked: it might ask a person to unlock it, or not answer. */
async function inKeyring(world: KeyWorld): Promise<string | undefined> {
  return (await isThere(markFile(world))) ? await keyringOf(world.host)?.get(entryOf(world)) : undefined;
}

/** there once the key was put into the keyring */
const markFile = ({ folders }: KeyWorld): string => join(folders.home, 'keys', 'in-keyring');

const isHere = ({ folders }: KeyWorld): Promise<boolean> => isThere(firstKeyFile(folders));

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** Two homes of one user have two first keys. */
const entryOf = ({ userKeys }: KeyWorld): KeyringEntry => ({ service: keysService, account: userKeys.fingerprint });

function parsed(text: string, { userKeys }: KeyWorld): Buffer {
  const key = parseFirstKey(text.trim());
  if (key !== undefined && fingerprintOf(key) === userKeys.fingerprint) return key;
  throw new LassoError(
    'RECORD_INVALID',
    'What the keyring keeps is not the first key of these records',
    'Give the key as a file: --key FILE',
  );
}

function damaged({ title }: Keyring): LassoError {
  return new LassoError(
    'RECORD_FAILED',
    `${title} does not give back what it was given`,
    'The first key is where it was. Move it to a file instead.',
  );
}
