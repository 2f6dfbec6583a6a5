/** Records for tests: keys, a clock that counts, and chains of given entries in a fresh home folder, as the real writer makes them. */
import { createPrivateKey, createPublicKey, createSecretKey } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkpointFile } from '../../helper/audit/writing/anchors.ts';
import { chainFiles, type ChainFile } from '../../helper/audit/form/chain-files.ts';
import { verifierKeyText } from '../../helper/audit/form/checkpoint.ts';
import { chainSeed, fingerprintOf, seedAfter } from '../../helper/audit/form/key-schedule.ts';
import type { ChainOptions, SandboxRecord } from '../../helper/audit/writing/log.ts';
import { recordStore, type RecordStore, type StoreOptions } from '../../helper/audit/writing/store.ts';
import type { UserKeys } from '../../helper/audit/keys/user-keys.ts';
import type { Clock } from '../../helper/base/clock.ts';
import type { RecordEntry } from '../../helper/protocol/record.ts';

/** first key of every test's user */
export const testFirstKey = Buffer.from(Array.from({ length: 32 }, (_, index) => index));
export const testKey = createSecretKey(testFirstKey);
export const testSandbox = '0123456789ab';
export const testOptions: ChainOptions = { durability: 'group', maxFileBytes: 100 * 1024 * 1024, olderFiles: 10 };

export const entry: RecordEntry = {
  type: 'command',
  action: 'exec',
  outcome: 'success',
  actor: { kind: 'agent', face: 'guest' },
  target: '/usr/bin/git',
  detail: { argv: ['git', 'commit', '-m', 'one "two" \\ three'] },
};

/** One second later at every look. */
export function countingClock(startMs = Date.UTC(2026, 0, 1)): Clock {
  let looks = 0;
  return { now: () => new Date(startMs + 1000 * (looks += 1)), monotonicMs: () => 1000 * looks, sleep: () => Promise.resolve() };
}

export function recordFolder(): { readonly folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'lasso-test-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** PKCS #8 of an Ed25519 key, before its 32 bytes */
const privatePrefix = Buffer.from('302e020100300506032b657004220420', 'hex');
const testSigner = createPrivateKey({
  key: Buffer.concat([privatePrefix, Buffer.alloc(32, 7)]),
  format: 'der',
  type: 'pkcs8',
});
export const testPublicKey = verifierKeyText(createPublicKey(testSigner));

/** Keys of a user who is always the same, kept in memory; `firstIndex` chains were begun before. */
export function testKeys(firstIndex = 0): UserKeys {
  let index = firstIndex;
  return {
    fingerprint: fingerprintOf(testFirstKey),
    publicKey: testPublicKey,
    signer: testSigner,
    get chains() {
      return index;
    },
    nextChain: (sandbox) => {
      const given = { index, seed: chainSeed(seedAfter(testFirstKey, index), sandbox) };
      index += 1;
      return Promise.resolve(given);
    },
    begun: () => Promise.resolve(),
  };
}

/** A store whose home is `home`: lines in `audit`, checkpoints and keys beside it. */
export function testStore(home: string, more: Partial<StoreOptions> = {}): RecordStore {
  mkdirSync(join(home, 'keys'), { recursive: true, mode: 0o700 });
  mkdirSync(join(home, 'checkpoints'), { recursive: true, mode: 0o700 });
  const host = { uid: process.getuid?.(), platform: process.platform };
  const folders = { home, audit: join(home, 'audit') };
  return recordStore({ host, folders, keys: testKeys(), clock: countingClock(laterThan(folders.audit)), version: '0.0.0', ...more });
}

/** A time after those in the records of `folder`, so that a chain that goes on does not seem to go back in time. */
function laterThan(folder: string): number {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.jsonl')) : [];
  return Math.max(Date.UTC(2026, 0, 1), ...names.map((name) => lastTime(join(folder, name))));
}

function lastTime(file: string): number {
  if (!statSync(file).isFile()) return 0;
  const all = readFileSync(file, 'latin1');
  const text = all.slice(0, all.lastIndexOf('\n') + 1);
  const at = text.lastIndexOf('"ts":"') + 6;
  return Date.parse(text.slice(at, at + 24)) || 0;
}

export function openTestRecord(home: string, sandbox = testSandbox, more: Partial<StoreOptions> = {}): Promise<SandboxRecord> {
  return testStore(home, more).open(sandbox, testOptions);
}

/** a chain that was written and closed */
export interface WrittenChain {
  readonly home: string;
  readonly sandbox: string;
  /** of the records */
  readonly folder: string;
  readonly files: readonly ChainFile[];
  /** path of the first file */
  readonly file: string;
  /** file of its checkpoints, and what is in it */
  readonly checkpointFile: string;
  readonly checkpoints: string;
  readonly firstKey: Buffer;
  /** C2SP verifier key */
  readonly publicKey: string;
}

export interface ChainWish extends Partial<StoreOptions> {
  readonly sandbox?: string;
  readonly options?: Partial<ChainOptions>;
}

/** Writes a chain below `home`, or goes on with one: `begun` (or `opened`, `epoch`) first, then the entries, then `epoch` and `closed`. */
export async function writeChain(home: string, entries: number | readonly RecordEntry[], wish: ChainWish = {}): Promise<WrittenChain> {
  const { sandbox = testSandbox, options = {}, ...more } = wish;
  const record = await testStore(home, more).open(sandbox, { ...testOptions, ...options });
  const list = typeof entries === 'number' ? Array.from({ length: entries }, () => entry) : entries;
  await Promise.all(list.map((one) => record.append(one)));
  await record.close();
  return writtenChain(home, sandbox);
}

/** What there is of a chain below `home`. */
export async function writtenChain(home: string, sandbox = testSandbox): Promise<WrittenChain> {
  const folder = join(home, 'audit');
  const notes = checkpointFile(home, sandbox);
  return {
    ...{ home, sandbox, folder, firstKey: testFirstKey, publicKey: testPublicKey, checkpointFile: notes },
    files: await chainFiles(folder, sandbox),
    file: join(folder, `${sandbox}.jsonl`),
    checkpoints: existsSync(notes) ? readFileSync(notes, 'utf8') : '',
  };
}
