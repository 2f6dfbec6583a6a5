/** What can be told about a record as it stands now: its verification with the keys that are at hand, and its summary. */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { checkpointFile } from '../audit/anchors.ts';
import { summarise, type ReadFile } from '../audit/summary.ts';
import type { RecordSummary } from '../audit/summary-shape.ts';
import { verifyChain } from '../audit/verify.ts';
import { readFileIfAny } from '../base/atomic-file.ts';
import type { VerifyReport } from '../protocol/record.ts';
import { firstKeyOf } from './first-key.ts';
import type { World } from './world.ts';

type Facts = Pick<World, 'host' | 'folders' | 'userKeys' | 'log'>;

export interface RecordEvidence {
  readonly summary: RecordSummary;
  /** its files by name, without this machine's folders */
  readonly verification: VerifyReport;
  readonly files: readonly ReadFile[];
  /** notes, one after the other */
  readonly checkpoints: string;
  /** whether the first key was at hand */
  readonly keyed: boolean;
}

/** @param paths files of the chain, oldest first. Rejects with the system's error, and RECORD_INVALID for a first key that is unsafe. */
export async function recordEvidence(
  world: Facts,
  sandbox: string,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<RecordEvidence> {
  // Read before the lines are, so that no checkpoint is about lines that were not read.
  const notes = checkpointFile(world.folders.home, sandbox);
  const checkpoints = (await readFileIfAny(notes)) ?? '';
  const files = await Promise.all(paths.map(async (path) => ({ path, name: basename(path), bytes: (await stat(path)).size })));
  const firstKey = await firstKeyOf(world).catch((error: unknown) => {
    world.log.error(`the first key is not to be had for the record of ${sandbox}`, error);
    return undefined;
  });
  const verification = await verifyChain({
    files: paths,
    sandbox,
    ...(firstKey === undefined ? {} : { firstKey, keyIsUsual: true }),
    verifierKey: world.userKeys.publicKey,
    checkpoints: [{ file: notes, text: checkpoints, mixed: false }],
  });
  const summary = await summarise(sandbox, files, signal);
  return { summary, verification: named(verification), files, checkpoints, keyed: firstKey !== undefined };
}

function named(report: VerifyReport): VerifyReport {
  const { files, problems } = report;
  return { ...report, files: files.map((file) => basename(file)), problems: problems.map((one) => ({ ...one, file: basename(one.file) })) };
}
