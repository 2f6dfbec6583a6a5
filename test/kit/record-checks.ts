/** What tests ask of chains that were written: that they stand, and what their lines say. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { verifyChain } from '../../helper/audit/verifying/verify.ts';
import type { VerifyReport } from '../../helper/protocol/record.ts';
import { testSandbox, writtenChain } from './records.ts';

/** The chain below `home`, verified with everything there is about it. */
export async function verified(home: string, sandbox = testSandbox): Promise<VerifyReport> {
  const { files, firstKey, publicKey, checkpointFile, checkpoints } = await writtenChain(home, sandbox);
  const notes = [{ file: checkpointFile, text: checkpoints, mixed: false }];
  return await verifyChain({ files: files.map(({ path }) => path), sandbox, firstKey, verifierKey: publicKey, checkpoints: notes });
}

interface Wanted {
  readonly sandbox?: string;
  readonly records?: number;
  /** codes of notes that are expected, sorted, each once */
  readonly notes?: readonly string[];
}

/** Fails unless the chain is intact, covered to its last line, and has these notes and no other. */
export async function assertSound(home: string, { sandbox = testSandbox, records, notes = [] }: Wanted = {}): Promise<void> {
  const report = await verified(home, sandbox);
  assert.deepEqual(
    report.problems.filter(({ level }) => level === 'error'),
    [],
  );
  assert.deepEqual([report.status, report.verified, report.anchored], ['intact', report.records, report.records]);
  if (records !== undefined) assert.equal(report.records, records);
  assert.deepEqual([...new Set(report.problems.map(({ code }) => code))].sort(), notes);
}

export function linesOf(file: string): readonly string[] {
  return readFileSync(file, 'latin1').split('\n').slice(0, -1);
}

/** The actions of a file's lines. */
export function wordsOf(file: string): readonly string[] {
  return linesOf(file).map((line) => /"action":"([^"]*)"/.exec(line)?.[1] ?? '');
}
