/** Which records are verified, with what: one chain, a file or folder somebody was given, or everything this user ever had. */
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { NoteFile } from '../../audit/verifying/anchor-notes.ts';
import { checkpointFile } from '../../audit/writing/anchors.ts';
import { chainFileOf, chainFiles, chainsIn } from '../../audit/form/chain-files.ts';
import { chainsOf, indexOf, readLedger, type Ledger } from '../../audit/keys/chain-ledger.ts';
import { verifyInThread } from '../../audit/verifying/threads.ts';
import { ledgerFile } from '../../audit/keys/user-keys.ts';
import type { VerifyOptions } from '../../audit/verifying/verify.ts';
import { errnoOf } from '../../base/atomic-file.ts';
import { LassoError } from '../../protocol/errors.ts';
import type { VerifyReport } from '../../protocol/record.ts';
import { notesIn, verifyKeys, type GivenFiles, type KeyWorld, type VerifyKeys } from './keys-given.ts';
import type { RecordPlace } from './places.ts';

/** `<sandbox>_<time>.jsonl`, `….jsonl.1` of LASSO 1.x */
const legacyName = /^[0-9a-f]{12}_[0-9TZ]{1,32}\.jsonl(?:\.\d{1,4})?$/;

/** how often a record is looked at again because its files changed meanwhile */
const moves = 5;

/** What there is to say about one record of this user. @throws LassoError RECORD_INVALID for files that were given */
export async function verifyPlace(
  world: KeyWorld,
  place: RecordPlace,
  given: GivenFiles = {},
  signal?: AbortSignal,
): Promise<VerifyReport> {
  const keys = await verifyKeys(world, given);
  if (keys.kept !== undefined && !keys.keptAbout.includes(place.sandbox))
    throw new LassoError('RECORD_INVALID', `No checkpoint in ${keys.kept.file} is about ${place.sandbox}`, 'Give the one that is.');
  const ledger = await ledgerOf(world, keys);
  const [report] = await verifyOwn(world, [place.sandbox], keys, ledger, signal);
  if (report !== undefined) return report;
  throw new LassoError('INTERNAL', 'Verification gave no answer', 'This is a fault of LASSO: please report it.');
}

/** Everything of this user: every record there is, and every one there should be. @throws LassoError RECORD_INVALID */
export async function verifyAll(world: KeyWorld, given: GivenFiles, signal: AbortSignal): Promise<readonly VerifyReport[]> {
  const keys = await verifyKeys(world, given);
  const ledger = await ledgerOf(world, keys);
  const begun = [...chainsOf(ledger).values()].flatMap((chain) => (chain.begun ? [chain.sandbox] : []));
  const present = [...(await chainsIn(world.folders.audit)).keys()];
  const noted = await notedIn(join(world.folders.home, 'checkpoints'));
  const sandboxes = [...new Set([...present, ...begun, ...noted, ...keys.keptAbout])].sort();
  const reports = await verifyOwn(world, sandboxes, keys, ledger, signal);
  const old = await legacyIn(world.folders.audit, keys);
  return [...reports, ...(old.length === 0 ? [] : await verifyInThread(old, signal)), ...ledgerReport(world, ledger)];
}

/** A file or a folder. One that is this user's own folder of records stands for everything. @throws LassoError RECORD_INVALID */
export async function verifyPath(world: KeyWorld, path: string, given: GivenFiles, signal: AbortSignal): Promise<readonly VerifyReport[]> {
  const status = await stat(path).catch((error: unknown) => {
    throw new LassoError(
      'RECORD_INVALID',
      `There is nothing to verify at ${path} (${errnoOf(error) ?? String(error)})`,
      'Name another one.',
    );
  });
  const own = await realOf(world.folders.audit);
  if (status.isDirectory() && (await realOf(path)) === own) return await verifyAll(world, given, signal);
  const keys = await verifyKeys(world, given);
  if (status.isDirectory()) {
    const sandboxes = new Set([
      ...(await chainsIn(path)).keys(),
      ...(await notedIn(path)),
      ...(await notedIn(join(path, '..', 'checkpoints'))),
    ]);
    const chains = [...sandboxes].sort().map((sandbox) => chainBeside(path, sandbox, keys));
    return await verifyInThread([...(await Promise.all(chains)), ...(await legacyIn(path, keys))], signal);
  }
  const chain = chainFileOf(dirname(path), basename(path));
  if (chain === undefined) return await verifyInThread([{ files: [path], ...usual(keys), checkpoints: mixed(keys) }], signal);
  if ((await realOf(dirname(path))) === own) return await verifyOwn(world, [chain.sandbox], keys, await ledgerOf(world, keys), signal);
  return await verifyInThread([await chainBeside(dirname(path), chain.sandbox, keys)], signal);
}

/** Records of this user. One whose files were rotated or removed meanwhile is looked at again before anything is held against it. */
async function verifyOwn(
  world: KeyWorld,
  sandboxes: readonly string[],
  keys: VerifyKeys,
  ledger: Ledger,
  signal: AbortSignal | undefined,
): Promise<readonly VerifyReport[]> {
  const reports = new Map<string, VerifyReport>();
  let left = sandboxes;
  for (let tries = 0; left.length > 0; tries += 1) {
    const chains = await Promise.all(left.map((sandbox) => ownChain(world, sandbox, keys, ledger)));
    const found = await verifyInThread(chains, signal);
    left.forEach((sandbox, at) => found[at] && reports.set(sandbox, found[at]));
    if (tries === moves) break;
    const moved = await Promise.all(
      left.map(async (sandbox) => {
        const report = reports.get(sandbox);
        return report?.valid === false && (await pathsOf(world, sandbox)).join('\0') !== report.files.join('\0');
      }),
    );
    left = left.filter((_, at) => moved[at]);
  }
  return sandboxes.flatMap((sandbox) => reports.get(sandbox) ?? []);
}

const pathsOf = async ({ folders }: KeyWorld, sandbox: string): Promise<readonly string[]> =>
  (await chainFiles(folders.audit, sandbox)).map(({ path }) => path);

async function ownChain(world: KeyWorld, sandbox: string, keys: VerifyKeys, ledger: Ledger): Promise<VerifyOptions> {
  const { folders } = world;
  // Checkpoints are read first: lines that are written meanwhile are more than they say, never less.
  const notes = await noteFile(checkpointFile(folders.home, sandbox));
  const files = await pathsOf(world, sandbox);
  const index = indexOf(ledger, sandbox);
  const checkpoints = [...notes, ...mixed(keys)];
  return { ...keysIn(keys), ...{ files, sandbox, verifierKey: keys.verifierKey, checkpoints }, ...(index === undefined ? {} : { index }) };
}

/** A chain whose checkpoints lie beside it, or in `checkpoints` beside its folder. */
async function chainBeside(folder: string, sandbox: string, keys: VerifyKeys): Promise<VerifyOptions> {
  const places = [folder, join(folder, '..', 'checkpoints')].map((place) => join(place, `${sandbox}.checkpoints`));
  const notes = (await Promise.all(places.map(noteFile))).flat();
  const files = (await chainFiles(folder, sandbox)).map(({ path }) => path);
  return { files, ...(/^[0-9a-f]{12}$/.test(sandbox) ? { sandbox } : {}), ...usual(keys), checkpoints: [...notes, ...mixed(keys)] };
}

async function legacyIn(folder: string, keys: VerifyKeys): Promise<readonly VerifyOptions[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => legacyName.test(name)).sort();
  return names.map((name) => ({ files: [join(folder, name)], ...keysIn(keys) }));
}

/** Sandboxes with a file of checkpoints in `folder`. */
async function notedIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.flatMap((name) => /^([a-z0-9][a-z0-9-]{0,63})\.checkpoints$/.exec(name)?.[1] ?? []);
}

async function noteFile(file: string): Promise<readonly NoteFile[]> {
  const text = await notesIn(file);
  return text === undefined ? [] : [{ file, text, mixed: false }];
}

async function ledgerOf({ folders }: KeyWorld, { firstKey }: VerifyKeys): Promise<Ledger> {
  return readLedger((await notesIn(ledgerFile(folders))) ?? '', firstKey);
}

function ledgerReport({ folders }: KeyWorld, { brokenAt }: Ledger): readonly VerifyReport[] {
  if (brokenAt === undefined) return [];
  const file = ledgerFile(folders);
  const message = 'The list of chains was changed here: chains that were begun later may be missing without a word.';
  const counts = { records: 0, verified: 0, anchored: 0 };
  return [
    {
      status: 'tampered',
      valid: false,
      files: [file],
      ...counts,
      problems: [{ code: 'edited', level: 'error', file, line: brokenAt, message }],
    },
  ];
}

/** Keys that are only meant where they were named, or where the record names them. */
const usual = (keys: VerifyKeys): Omit<VerifyOptions, 'files'> => ({
  ...keysIn(keys),
  verifierKey: keys.verifierKey,
  firstKeyIsUsual: !keys.firstKeyGiven,
  verifierKeyIsUsual: !keys.verifierKeyGiven,
});

const keysIn = ({ firstKey, legacyKey }: VerifyKeys): Pick<VerifyOptions, 'firstKey' | 'legacyKey'> => ({
  ...(firstKey === undefined ? {} : { firstKey }),
  ...(legacyKey === undefined ? {} : { legacyKey }),
});

const mixed = ({ kept }: VerifyKeys): readonly NoteFile[] => (kept === undefined ? [] : [kept]);

const realOf = (path: string): Promise<string> => realpath(path).catch(() => path);
