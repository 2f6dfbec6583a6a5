/**
 * Verifies the record of one sandbox, all its files, from the first byte to the last, in constant memory. It reads hostile input, never
 * changes anything and never throws, and keeps apart what was tampered with from what a crash tore and what nothing proves.
 */
import { createSecretKey } from 'node:crypto';
import { basename, dirname } from 'node:path';
import type { VerifyReport, VerifyStatus } from '../../protocol/record.ts';
import { openAnchors, type Anchor, type NoteFile } from './anchor-notes.ts';
import { chainFileOf } from '../form/chain-files.ts';
import { parseVerifierKey, type VerifierKey } from '../form/checkpoint.ts';
import { EpochKeys, findChainKey, type ChainKey } from './epoch-keys.ts';
import { Findings } from './findings.ts';
import { fingerprintOf } from '../form/key-schedule.ts';
import { LegacyWalk } from './legacy-walk.ts';
import { eachLine } from '../form/lines.ts';
import { lookAt, withFile, type Look, type SeenFile } from './look.ts';
import type { MacCheck } from './mac-check.ts';
import type { OpenIntent } from './open-intents.ts';
import { ChainWalk, type Walked, type WalkOptions } from './walk.ts';

export interface VerifyOptions {
  /** files of the chain, oldest first */
  readonly files: readonly string[];
  /** whose record they should be; without it the first file's name tells, if it is an id */
  readonly sandbox?: string;
  readonly firstKey?: Uint8Array;
  /** a key that was not named for this record is left out where the record names another */
  readonly firstKeyIsUsual?: boolean;
  readonly verifierKeyIsUsual?: boolean;
  /** 32 bytes, for records of LASSO 1.x */
  readonly legacyKey?: Uint8Array;
  /** public key of checkpoints, as `verifierKeyText` writes it; with the first key, the record's own is taken when there is none */
  readonly verifierKey?: string;
  readonly checkpoints?: readonly NoteFile[];
  /** of the chain among its user's, as the list of chains has it: that chain was begun, so it must be there */
  readonly index?: number;
}

/** bytes from which a second thread pays */
const largeBytes = 16 * 1_048_576;

/**
 * What there is to say about a record; never rejects.
 * @param macs checks the macs of a large one elsewhere meanwhile; here they are checked again only if one does not fit
 */
export async function verifyChain(options: VerifyOptions, macs?: MacCheck): Promise<VerifyReport> {
  const findings = new Findings();
  const look = await lookAt(options.files, findings);
  const claim = options.sandbox ?? claimOf(options.files[0]);
  if (look.legacy && claim === undefined) return await verifyLegacy(options, look, findings);
  const sandbox = sandboxOf(options, look, claim, findings);
  const key = chainKeyOf(options, look, findings);
  // Checkpoints of the record that should be here say nothing about another one.
  const anchors = claim !== undefined && sandbox !== claim ? [] : anchorsOf(options, look, sandbox ?? '', key, findings);
  const seed = key?.seed;
  const large = look.files.reduce((sum, { bytes }) => sum + bytes, 0) >= largeBytes;
  const elsewhere = macs && seed && large ? macs({ files: look.files, seed }).catch(() => undefined) : undefined;
  const keys = elsewhere ? 'elsewhere' : seed && new EpochKeys(seed);
  const walked = await walk(look.files, { sandbox: sandbox ?? '', keys, anchors, findings });
  const checked = await elsewhere;
  // The last line's digest depends on every line, so both threads saw the same bytes.
  if (elsewhere && (checked?.fit !== true || checked.head !== walked.head)) return await verifyChain(options);
  tellUnproven(options, look, keys !== undefined, walked, anchors.length, findings);
  tellUnfinished(walked.intents, findings);
  return report(options, sandbox, findings, {
    ...walked,
    verified: keys === undefined ? 0 : walked.fitting,
    intact: walked.anchored === walked.records,
  });
}

/** Intents of a record without an outcome: what was under way when its writer died. Oldest first; 10,000 at most. Nothing is verified. */
export async function openIntents(files: readonly string[]): Promise<readonly OpenIntent[]> {
  const findings = new Findings();
  const look = await lookAt(files, findings);
  return (await walk(look.files, { sandbox: look.sandbox ?? '', keys: undefined, anchors: [], findings })).intents;
}

async function walk(files: readonly SeenFile[], options: WalkOptions): Promise<Walked> {
  const walking = new ChainWalk(options);
  for (const [at, { path, name, number, bytes }] of files.entries()) {
    walking.startFile({ path, name, number, last: files.slice(at + 1, at + 3).every((next, n) => n === 0 && next.bytes === 0) });
    await withFile(path, options.findings, (handle) => eachLine(handle, bytes, (line) => walking.take(line)));
    walking.endFile(bytes);
  }
  return walking.finish();
}

/** The sandbox an id in a file's name claims. */
function claimOf(path: string | undefined): string | undefined {
  const claimed = path === undefined ? undefined : chainFileOf(dirname(path), basename(path))?.sandbox;
  return claimed !== undefined && /^[0-9a-f]{12}$/.test(claimed) ? claimed : undefined;
}

/** The sandbox the record is about, which is what most of its first lines say. */
function sandboxOf(options: VerifyOptions, look: Look, claim: string | undefined, findings: Findings): string | undefined {
  const { sandbox } = look;
  if (sandbox === undefined || claim === undefined || sandbox === claim) return sandbox ?? claim;
  findings.error('foreign', { file: options.files[0] ?? claim, line: 1 }, `This is the record of sandbox ${sandbox}, not of ${claim}.`);
  return sandbox;
}

function chainKeyOf({ firstKey, firstKeyIsUsual, index, files }: VerifyOptions, look: Look, findings: Findings): ChainKey | undefined {
  if (firstKey === undefined || look.samples.length === 0) return undefined;
  const samples = look.samples.filter(({ form }) => form.sandbox === look.sandbox);
  const claimed = [look.beginning?.index, index].filter((told) => told !== undefined);
  const own = fingerprintOf(firstKey);
  const other = look.beginning?.fingerprint;
  const found = findChainKey(firstKey, samples, claimed, other === undefined || other === own);
  if (found) return found;
  if (firstKeyIsUsual === true && other !== own) return undefined;
  const message =
    other === undefined || other === own
      ? `No line fits this first key (${own}): it is another record’s, or every line was rewritten.`
      : `No line fits this first key (${own}): the record says that it was written with another one (${other}).`;
  findings.error('no-key', { file: files[0] ?? '' }, message);
  return undefined;
}

function anchorsOf(options: VerifyOptions, look: Look, sandbox: string, key: ChainKey | undefined, findings: Findings): readonly Anchor[] {
  const named = look.beginning?.publicKey;
  const left = options.verifierKeyIsUsual === true && named !== options.verifierKey?.trim();
  const given = left ? undefined : options.verifierKey;
  const text = given ?? (key && named);
  const keys: readonly VerifierKey[] = [text === undefined ? undefined : parseVerifierKey(text)].filter((one) => one !== undefined);
  if (given !== undefined && named !== undefined && named !== given.trim())
    findings.error('foreign', { file: options.files[0] ?? '', line: 1 }, 'The record names another public key for its checkpoints.');
  const anchors = openAnchors(options.checkpoints ?? [], keys, sandbox, findings);
  const index = key?.index ?? look.beginning?.index;
  if (index !== undefined && options.index !== undefined && index !== options.index) {
    const message = `The list of chains has chain ${options.index} for this sandbox, and this is chain ${index}: the record was begun anew.`;
    findings.error('replaced', { file: options.files[0] ?? '', line: 1 }, message);
  }
  const other = index === undefined ? undefined : anchors.find((anchor) => anchor.index !== index);
  if (other === undefined) return anchors;
  const message = `A checkpoint of ${other.at} is about chain ${other.index} of its user, and this is chain ${index}: the record was begun anew.`;
  findings.error('replaced', { file: options.files[0] ?? other.file, line: 1 }, message);
  return anchors.filter((anchor) => anchor.index === index);
}

/** Says which part nothing proves. */
function tellUnproven(
  { files, checkpoints = [], firstKey, firstKeyIsUsual, index, sandbox = '' }: VerifyOptions,
  look: Look,
  keyed: boolean,
  { records, anchored, anchoredAt }: Walked,
  anchors: number,
  findings: Findings,
): void {
  const file = files[0] ?? sandbox;
  if (records === 0) {
    if (anchors > 0 && look.files.length === 0)
      findings.error('missing', { file }, 'The record is not there, and checkpoints say that it was.');
    else if (index !== undefined)
      findings.error('missing', { file }, 'The record is not there, and the list of chains says that it was begun.');
    else if (anchors === 0 && (look.files.length > 0 || files.length === 0))
      findings.error('empty', { file }, 'There is not one whole record.');
    return;
  }
  if (keyed || anchored === records) return;
  const given = firstKey === undefined ? 'there is no first key' : 'the first key is another';
  if (anchored > 0) {
    const message = `The last ${records - anchored} records are not proven: they come after the newest checkpoint, of ${anchoredAt ?? ''}, and ${given}.`;
    findings.note('no-key', { file: files.at(-1) ?? file }, message);
  } else if (!findings.broken && (firstKey === undefined || firstKeyIsUsual === true)) {
    const notes = checkpoints.length === 0 ? 'no checkpoint' : 'no checkpoint of theirs that a known public key signed';
    findings.error('no-key', { file }, `Nothing says who wrote these records: ${given}, and ${notes}.`);
  }
}

function tellUnfinished(intents: readonly OpenIntent[], findings: Findings): void {
  for (const { file, line, seq, type } of intents) {
    const message = `What this record of type ${type} announced has no outcome: unknown, or still under way.`;
    findings.note('unfinished', { file, line, seq }, message);
  }
}

async function verifyLegacy(options: VerifyOptions, { files }: Look, found: Findings): Promise<VerifyReport> {
  const path = files[0]?.path ?? '';
  const key = options.legacyKey === undefined ? null : createSecretKey(options.legacyKey);
  const walking = new LegacyWalk(path, key, found);
  for (const file of files) await withFile(file.path, found, (handle) => eachLine(handle, file.bytes, (line) => walking.take(line)));
  const { records, fitting, misfits, sandbox, firstAt, head } = walking;
  const verified = key === null ? 0 : fitting;
  // Not one line fits: more likely another key than a record of nothing but changed lines.
  const findings = key !== null && misfits > 0 && fitting === 0 ? new Findings() : found;
  if (key === null)
    findings.error('no-key', { file: path }, 'This is a record of LASSO 1.x: it takes its key file of 32 bytes to verify it.');
  else if (findings !== found)
    findings.error('no-key', { file: path }, 'No line fits this key: it is another key, or every line was rewritten.');
  return report(options, sandbox, findings, {
    ...{ records, verified, anchored: 0, intact: false },
    ...(firstAt === undefined ? {} : { firstAt, head }),
  });
}

interface Counts {
  readonly records: number;
  readonly verified: number;
  readonly anchored: number;
  readonly anchoredAt?: string;
  readonly head?: string;
  readonly firstAt?: string;
  /** whether a checkpoint covers all of it */
  readonly intact: boolean;
}

function report({ files, sandbox: wanted }: VerifyOptions, sandbox: string | undefined, findings: Findings, counts: Counts): VerifyReport {
  const { records, verified, anchored, anchoredAt, head, firstAt, intact } = counts;
  const status: VerifyStatus = findings.worst ?? (intact ? 'intact' : 'unanchored');
  const about = sandbox ?? wanted;
  return {
    ...{ status, valid: status === 'intact' || status === 'unanchored' },
    ...(about === undefined ? {} : { sandbox: about }),
    ...{ files: [...files], records, verified, anchored },
    ...(anchoredAt === undefined ? {} : { anchoredAt }),
    ...(head === undefined ? {} : { head }),
    ...(firstAt === undefined ? {} : { firstAt }),
    ...(findings.since === undefined ? {} : { lastAt: findings.since }),
    problems: [...findings.all(files[0] ?? about ?? '')],
  };
}
