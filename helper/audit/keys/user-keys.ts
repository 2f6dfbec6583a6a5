/**
 * The keys of one user's records: makes them on first use, and gives each new chain its seed. What it gave is forgotten at once
 * and for good, and keys that are lost or unsafe are never made anew in silence. The caller holds the lock of the store.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import type { Folders } from '../../base/platform.ts';
import { chainSeed, fingerprintOf, firstKeyText, nextSeed, parseFirstKey, seedBytes } from '../form/key-schedule.ts';
import { verifierKeyText } from '../form/checkpoint.ts';
import { anythingBegun, ownFolder } from './key-folders.ts';
import { LedgerFile } from './ledger-file.ts';
import { createOwnFile, eraseLeftovers, eraseOwnFile, readOwnFile, replaceOwnFile, unsafe, type OwnHost } from './own-file.ts';
import { readSeedState, seedStateBytes, type SeedState } from './seed-state.ts';

export interface UserKeys {
  /** of the first key */
  readonly fingerprint: string;
  /** verifies checkpoints, in C2SP's form */
  readonly publicKey: string;
  /** Ed25519, signs checkpoints */
  readonly signer: KeyObject;
  /** chains that were given a seed so far */
  readonly chains: number;
  /**
   * The seed of a new chain's epoch 0. When it settles, nothing on this machine can make that seed again, and no other chain ever
   * gets its index. @throws LassoError RECORD_FAILED, RECORD_INVALID: nothing was given
   */
  nextChain(sandbox: string): Promise<{ readonly index: number; readonly seed: Buffer }>;
  /** Notes that the first line of a chain is on the disk: from now on its absence means that it was removed. */
  begun(index: number, sandbox: string): Promise<void>;
}

const firstKeyTitle = 'The first key';
const signerTitle = 'The key that signs checkpoints';

type KeyFolders = Pick<Folders, 'home' | 'audit'>;

/** file of the first key, while it is on this machine */
export const firstKeyFile = ({ home }: Pick<Folders, 'home'>): string => join(home, 'first-key');
/** file of the key that verifies checkpoints */
export const publicKeyFile = ({ home }: Pick<Folders, 'home'>): string => join(home, 'checkpoints', 'public-key');
/** file of the list of chains */
export const ledgerFile = ({ home }: Pick<Folders, 'home'>): string => join(home, 'checkpoints', 'chains');
/** file of the seed of the next chain */
export const seedStateFile = ({ home }: Pick<Folders, 'home'>): string => join(home, 'keys', 'user.json');
/** file of the private key that signs checkpoints */
export const signerFile = ({ home }: Pick<Folders, 'home'>): string => join(home, 'keys', 'checkpoints.pem');

/**
 * The first key in `file`. One that was `given` may lie where the file system knows no owners, as on a stick.
 * @throws LassoError RECORD_INVALID when it is missing, unsafe or no first key
 */
export async function readFirstKey(host: OwnHost, file: string, from: 'home' | 'given' = 'home'): Promise<Buffer> {
  const bytes = await readOwnFile(host, file, firstKeyTitle, { shared: from === 'given' });
  if (bytes === undefined) throw unsafe(firstKeyTitle, file, 'is not there', 'Give the file that `lasso audit key --move` wrote.');
  const key = parseFirstKey(bytes.toString('latin1'));
  if (key === undefined)
    throw unsafe(firstKeyTitle, file, 'is not one', 'It is a line that begins with lasso-first-key-3: and has 43 more characters.');
  return key;
}

/** This user's keys, made on first use. @throws LassoError RECORD_INVALID (unsafe, damaged or lost), RECORD_FAILED */
export async function openUserKeys(host: OwnHost, folders: KeyFolders, now: () => Date = () => new Date()): Promise<UserKeys> {
  await ownFolder(host, folders.home);
  await ownFolder(host, join(folders.home, 'keys'));
  await ownFolder(host, join(folders.home, 'checkpoints'));
  await eraseLeftovers(host, join(folders.home, 'keys'));
  const state = await readSeedState(host, seedStateFile(folders));
  if (state === undefined) await makeFirstKey(host, folders);
  const signer = await openSigner(host, folders, state === undefined);
  const publicKey = await openPublicKey(host, folders, signer, state === undefined);
  const ledger = await LedgerFile.open(host, ledgerFile(folders));
  const known = state ?? (await firstState(host, folders));
  if (ledger.next > known.index + 1)
    throw unsafe('The seed of the next chain', seedStateFile(folders), 'is an older copy', wayOut(folders));
  if (ledger.next < known.index) throw unsafe('The list of chains', ledgerFile(folders), 'was shortened', wayOut(folders));
  return new OpenKeys(host, folders, { signer, publicKey, state: known, ledger, now });
}

interface Opened {
  readonly signer: KeyObject;
  readonly publicKey: string;
  readonly state: SeedState;
  readonly ledger: LedgerFile;
  readonly now: () => Date;
}

class OpenKeys implements UserKeys {
  readonly fingerprint: string;
  readonly publicKey: string;
  readonly signer: KeyObject;
  readonly #host: OwnHost;
  readonly #file: string;
  readonly #ledger: LedgerFile;
  readonly #now: () => Date;
  #state: SeedState;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(host: OwnHost, folders: KeyFolders, { signer, publicKey, state, ledger, now }: Opened) {
    this.fingerprint = state.fingerprint;
    this.publicKey = publicKey;
    this.signer = signer;
    this.#host = host;
    this.#file = seedStateFile(folders);
    this.#ledger = ledger;
    this.#now = now;
    this.#state = state;
  }

  get chains(): number {
    return this.#state.index;
  }

  nextChain(sandbox: string): Promise<{ readonly index: number; readonly seed: Buffer }> {
    return this.#inTurn(async () => {
      const { index, seed, fingerprint } = this.#state;
      // Killed after this line and before the next, the index is still free: its seed was given to nobody, and the next line
      // with its number counts. Killed later, it is spent.
      await this.#ledger.append(seed, { kind: 'given', index, sandbox, at: this.#now().toISOString(), seed: index });
      const given = chainSeed(seed, sandbox);
      const next: SeedState = { index: index + 1, seed: nextSeed(seed), fingerprint };
      await replaceOwnFile(this.#host, this.#file, seedStateBytes(next));
      this.#state = next;
      seed.fill(0);
      return { index, seed: given };
    });
  }

  begun(index: number, sandbox: string): Promise<void> {
    return this.#inTurn(async () => {
      const { seed, index: now } = this.#state;
      await this.#ledger.append(seed, { kind: 'begun', index, sandbox, at: this.#now().toISOString(), seed: now });
    });
  }

  /** One after the other, so that no seed is given twice. */
  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(act);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

/**
 * The first step of a first use, which comes before the key of checkpoints: where that is and this is not, it was moved away, and
 * a first use that was killed goes on with what it made.
 */
async function makeFirstKey(host: OwnHost, folders: KeyFolders): Promise<void> {
  if (await anythingBegun(folders)) throw lost(folders, seedStateFile(folders));
  const made = await createOwnFile(host, firstKeyFile(folders), Buffer.from(firstKeyText(randomBytes(seedBytes))));
  if (!made || (await readOwnFile(host, signerFile(folders), signerTitle)) === undefined) return;
  await eraseOwnFile(host, firstKeyFile(folders), firstKeyTitle);
  throw lost(folders, seedStateFile(folders));
}

/** The last step of a first use. */
async function firstState(host: OwnHost, folders: KeyFolders): Promise<SeedState> {
  const seed = await readFirstKey(host, firstKeyFile(folders));
  const state: SeedState = { index: 0, seed, fingerprint: fingerprintOf(seed) };
  await createOwnFile(host, seedStateFile(folders), seedStateBytes(state));
  return state;
}

async function openSigner(host: OwnHost, folders: KeyFolders, first: boolean): Promise<KeyObject> {
  const file = signerFile(folders);
  if (first) {
    const made = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' });
    await createOwnFile(host, file, Buffer.from(made));
  }
  const bytes = await readOwnFile(host, file, signerTitle);
  if (bytes === undefined) throw lost(folders, file);
  try {
    const key = createPrivateKey(bytes);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Said below: what it is not.
  }
  throw unsafe(signerTitle, file, 'is not an Ed25519 private key', wayOut(folders));
}

async function openPublicKey(host: OwnHost, folders: KeyFolders, signer: KeyObject, first: boolean): Promise<string> {
  const file = publicKeyFile(folders);
  const text = verifierKeyText(createPublicKey(signer));
  const bytes = Buffer.from(`${text}\n`);
  const found = await readOwnFile(host, file, 'The public key of checkpoints');
  if (found?.equals(bytes) === true) return text;
  if (found !== undefined && !first)
    throw unsafe('The public key of checkpoints', file, 'is not that of the key that signs them', `Set it aside; it is written again.`);
  await replaceOwnFile(host, file, bytes);
  return text;
}

function lost(folders: KeyFolders, file: string): Error {
  return unsafe('A key of the records that are there', file, 'is missing', wayOut(folders));
}

const wayOut = ({ home, audit }: KeyFolders): string =>
  `Restore ${join(home, 'keys')} and ${join(home, 'checkpoints')} as they were last. Or move both away, with ${audit} and the first key: what is there can still be verified, and new records begin with new keys.`;
