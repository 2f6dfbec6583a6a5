/** What a verification is done with: keys and checkpoints that were given, else this user's own. Nothing here is kept or logged. */
import { stat } from 'node:fs/promises';
import type { NoteFile } from '../../audit/verifying/anchor-notes.ts';
import { originOf } from '../../audit/verifying/anchor-notes.ts';
import { parseVerifierKey, splitNotes } from '../../audit/form/checkpoint.ts';
import { keyFileOf, loadKey } from '../../audit/keys/keys.ts';
import { openForReading } from '../../audit/form/lines.ts';
import { errnoOf } from '../../base/atomic-file.ts';
import { LassoError } from '../../protocol/errors.ts';
import { firstKeyOf } from './first-key.ts';
import type { World } from '../world.ts';

export type KeyWorld = Pick<World, 'host' | 'folders' | 'userKeys'>;

/** files somebody named */
export interface GivenFiles {
  readonly key?: string | undefined;
  readonly publicKey?: string | undefined;
  readonly checkpoint?: string | undefined;
}

export interface VerifyKeys {
  readonly firstKey?: Buffer;
  readonly legacyKey?: Buffer;
  readonly verifierKey: string;
  /** checkpoints kept elsewhere, about any chain */
  readonly kept?: NoteFile;
  /** sandboxes these are about */
  readonly keptAbout: readonly string[];
  /** whether the keys were named for what is verified */
  readonly firstKeyGiven: boolean;
  readonly verifierKeyGiven: boolean;
}

/** bytes of a key of LASSO 1.x */
const legacyBytes = 32;
const keyFileLimit = 4096;
/** longest file of checkpoints that is read, in bytes */
const notesLimit = 64 * 1_048_576;

/** @throws LassoError RECORD_INVALID where a given file is not what it should be, or a key of this user is unsafe */
export async function verifyKeys(world: KeyWorld, given: GivenFiles): Promise<VerifyKeys> {
  const legacy = given.key === undefined ? await usualLegacyKey(world) : await legacyKeyIn(given.key);
  const isLegacy = given.key !== undefined && legacy !== undefined;
  const firstKey = isLegacy ? undefined : await keyAtHand(world, given.key);
  const kept = given.checkpoint === undefined ? undefined : await keptIn(given.checkpoint);
  return {
    ...(firstKey === undefined ? {} : { firstKey }),
    ...(legacy === undefined ? {} : { legacyKey: legacy }),
    ...(kept === undefined ? {} : { kept }),
    verifierKey: given.publicKey === undefined ? world.userKeys.publicKey : await verifierKeyIn(given.publicKey),
    keptAbout: kept === undefined ? [] : [...new Set(splitNotes(kept.text).flatMap((note) => originOf(note) ?? []))],
    firstKeyGiven: given.key !== undefined,
    verifierKeyGiven: given.publicKey !== undefined,
  };
}

/** A keyring that does not answer has no key for us: what checkpoints prove is proven without it. */
async function keyAtHand(world: KeyWorld, file: string | undefined): Promise<Buffer | undefined> {
  return firstKeyOf(world, file).catch((error: unknown) => {
    if (file === undefined && error instanceof LassoError && error.code === 'SECRET_UNAVAILABLE') return undefined;
    throw error;
  });
}

/** Text of a file of checkpoints; undefined where there is none. Rejects with the system's error. */
export async function notesIn(file: string): Promise<string | undefined> {
  try {
    return (await bytesOf(file, notesLimit)).toString('utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function legacyKeyIn(file: string): Promise<Buffer | undefined> {
  const status = await stat(file).catch(() => undefined);
  return status?.isFile() === true && status.size === legacyBytes ? await given(file, legacyBytes) : undefined;
}

async function usualLegacyKey({ host, folders }: KeyWorld): Promise<Buffer | undefined> {
  const key = await loadKey(host, keyFileOf(folders), folders.audit).catch(() => undefined);
  return key?.export();
}

async function verifierKeyIn(file: string): Promise<string> {
  const text = (await given(file, keyFileLimit)).toString('latin1').trim();
  if (parseVerifierKey(text) !== undefined) return text;
  throw new LassoError('RECORD_INVALID', `This is no public key of checkpoints: ${file}`, '`lasso audit key` prints it: lasso-record+….');
}

async function keptIn(file: string): Promise<NoteFile> {
  const text = (await given(file, notesLimit)).toString('utf8');
  if (splitNotes(text).some((note) => originOf(note) !== undefined)) return { file, text, mixed: true };
  throw new LassoError('RECORD_INVALID', `There is no checkpoint in ${file}`, 'Give a file with what `lasso audit checkpoint` printed.');
}

async function given(file: string, limitBytes: number): Promise<Buffer> {
  try {
    return await bytesOf(file, limitBytes);
  } catch (error) {
    if (error instanceof LassoError) throw error;
    throw new LassoError('RECORD_INVALID', `The file cannot be read (${errnoOf(error) ?? String(error)}): ${file}`, 'Give another one.');
  }
}

/** A FIFO in its place neither blocks nor is read. */
async function bytesOf(file: string, limitBytes: number): Promise<Buffer> {
  const handle = await openForReading(file);
  try {
    const status = await handle.stat();
    if (status.isFile() && status.size <= limitBytes) return await handle.readFile();
    const why = status.isFile() ? `has ${status.size} bytes, which is too many` : 'is not a regular file';
    throw new LassoError('RECORD_INVALID', `The file ${why}: ${file}`, 'Give another one.');
  } finally {
    await handle.close();
  }
}
