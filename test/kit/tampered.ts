/** Copies of real records to be tampered with, and lines sealed anew by somebody who has keys. */
import assert from 'node:assert/strict';
import { createSecretKey, type KeyObject } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { digestOf, macOf } from '../../helper/audit/form/chain.ts';
import { chainFiles } from '../../helper/audit/form/chain-files.ts';
import { chainSeed, lineKey, seedAfter } from '../../helper/audit/form/key-schedule.ts';
import { verifyChain } from '../../helper/audit/verifying/verify.ts';
import type { VerifyReport, VerifyStatus } from '../../helper/protocol/record.ts';
import { testFirstKey, testPublicKey, testSandbox, type WrittenChain } from './records.ts';

/** what somebody who may write everywhere can change */
export interface RecordCopy {
  /** each file's lines, without newlines */
  files: Map<string, string[]>;
  /** checkpoints of this machine */
  notes: string;
  /** checkpoints kept elsewhere */
  kept: string;
  /** bytes after the last line of the newest file */
  tail: string | Buffer;
}

export function copyOf(chain: WrittenChain): RecordCopy {
  const files = chain.files.map(({ name, path }) => [name, readFileSync(path, 'latin1').trimEnd().split('\n')] as const);
  return { files: new Map(files), notes: chain.checkpoints, kept: '', tail: '' };
}

/** Lines of a copy's file, for changing. */
export function linesOf({ files }: RecordCopy, number = 1): string[] {
  const lines = [...files.values()][number - 1];
  if (lines === undefined) throw new Error(`There is no file ${number}.`);
  return lines;
}

/** Verifies a copy, laid out in a folder of its own below `folder`; with the keys of the tests' user, or the public one alone. */
export async function verifyCopy(folder: string, copy: RecordCopy, keys: 'both' | 'public' = 'both'): Promise<VerifyReport> {
  const home = mkdtempSync(join(folder, 'copy-'));
  mkdirSync(join(home, 'audit'));
  const names = [...copy.files.keys()];
  for (const [name, lines] of copy.files) {
    const text = Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1');
    const tail = name === names.at(-1) ? Buffer.from(copy.tail) : Buffer.alloc(0);
    writeFileSync(join(home, 'audit', name), Buffer.concat([text, tail]));
  }
  const files = (await chainFiles(join(home, 'audit'), testSandbox)).map(({ path }) => path);
  const checkpoints = [
    { file: 'local', text: copy.notes, mixed: false },
    { file: 'kept', text: copy.kept, mixed: true },
  ].filter(({ text }) => text !== '');
  const firstKey = keys === 'both' ? { firstKey: testFirstKey } : {};
  return await verifyChain({ files, sandbox: testSandbox, ...firstKey, verifierKey: testPublicKey, checkpoints });
}

/** The key of an epoch of the tests' user's chain `index`. */
export function epochKey(epoch: number, index = 0): KeyObject {
  return lineKey(seedAfter(chainSeed(seedAfter(testFirstKey, index), testSandbox), epoch));
}

/** somebody's own key, which is nobody's */
export const strangersKey = createSecretKey(Buffer.alloc(32, 99));

/** A line with another text, sealed. */
export function sealed(line: string, change: (bare: string) => string, key: KeyObject): string {
  const bare = change(`${line.slice(0, -74)}}`);
  return `${bare.slice(0, -1)},"mac":"${macOf(key, bare)}"}`;
}

/** Every line from `first` (1-based) on, each made to follow the one before and sealed by `keyOf`; only the first is changed. */
export function resealFrom(lines: string[], first: number, change: (bare: string) => string, keyOf: (line: string) => KeyObject): void {
  for (let at = first - 1; at < lines.length; at += 1) {
    const before = lines[at - 1];
    const line = lines[at] ?? '';
    const prev = before === undefined ? '0'.repeat(64) : digestOf(before);
    const follow = (bare: string): string => bare.replace(/"prev":"[0-9a-f]{64}"\}$/, `"prev":"${prev}"}`);
    lines[at] = sealed(line, (bare) => follow(at === first - 1 ? change(bare) : bare), keyOf(line));
  }
}

/** The epoch a line claims. */
export const epochOf = (line: string): number => Number(/"epoch":(\d+)/.exec(line)?.[1]);

/** one thing somebody does to a record */
export interface Tampering {
  readonly name: string;
  /** default: the record all are done to */
  readonly of?: () => WrittenChain;
  readonly make: (copy: RecordCopy) => void;
  /** code, file where there are several, line */
  readonly found: readonly string[];
  /** default: tampered */
  readonly status?: VerifyStatus;
}

/** Each is found where it was done, by who has the keys; and who has the public key alone never takes it for intact. */
export function findTamperings(folder: string, whole: () => WrittenChain, tamperings: readonly Tampering[]): void {
  for (const { name, of = whole, make, found, status = 'tampered' } of tamperings)
    test(`${name} is found`, async () => {
      const copy = copyOf(of());
      const several = copy.files.size > 1;
      make(copy);
      const report = await verifyCopy(folder, copy);
      const errors = report.problems.filter(({ level }) => level === 'error');
      const spots = errors.map(({ code, file, line }) => `${code}${several ? ` ${basename(file)}` : ''}:${line ?? ''}`);
      assert.deepEqual(spots, found, JSON.stringify(errors, undefined, 1));
      assert.deepEqual([report.valid, report.status], [false, status]);
      assert.notEqual((await verifyCopy(folder, copy, 'public')).status, 'intact');
    });
}

type Make = Tampering['make'];

/** A line (1-based) of the first file, changed. */
export const changed =
  (line: number, change: (text: string) => string): Make =>
  (copy) => {
    const lines = linesOf(copy);
    lines[line - 1] = change(lines[line - 1] ?? '');
  };

/** Lines removed from the first file, and others put there. */
export const spliced =
  (line: number, remove: number, ...put: string[]): Make =>
  (copy) =>
    void linesOf(copy).splice(line - 1, remove, ...put);

/** A line (1-based) of the first file. */
export const lineAt = (copy: RecordCopy, line: number): string => linesOf(copy)[line - 1] ?? '';

/** Puts one text in another's place, which must be there. */
export const swap =
  (from: string | RegExp, to: string) =>
  (text: string): string => {
    assert.notEqual(text.replace(from, to), text);
    return text.replace(from, to);
  };

/** The right key for a line of the tests' user's first chain. */
export const chainKey = (line: string): KeyObject => epochKey(epochOf(line));
