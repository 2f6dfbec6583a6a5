/** What can be told about a record as it stands now: its verification with the keys that are at hand, and its summary. */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { checkpointFile } from '../../audit/writing/anchors.ts';
import { indexOf, readLedger } from '../../audit/keys/chain-ledger.ts';
import { summarise, type ReadFile } from '../../audit/summary/summary.ts';
import type { RecordSummary } from '../../audit/summary/summary-shape.ts';
import { verifyInThread } from '../../audit/verifying/threads.ts';
import { ledgerFile } from '../../audit/keys/user-keys.ts';
import type { VerifyOptions } from '../../audit/verifying/verify.ts';
import { readFileIfAny } from '../../base/atomic-file.ts';
import { LassoError } from '../../protocol/errors.ts';
import type { VerifyReport } from '../../protocol/record.ts';
import { firstKeyOf } from './first-key.ts';
import type { Standing } from './standing.ts';
import type { World } from '../world.ts';

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

/**
 * What there is to tell. A first key that is not to be had is done without. Rejects with the system’s error, or the signal’s reason.
 */
export async function recordEvidence(
  world: Facts,
  sandbox: string,
  { paths, checkpoints }: Standing,
  signal: AbortSignal,
): Promise<RecordEvidence> {
  const files = await Promise.all(paths.map(async (path) => ({ path, name: basename(path), bytes: (await stat(path)).size })));
  const firstKey = await firstKeyOf(world).catch((error: unknown) => {
    world.log.error(`the first key is not to be had for the record of ${sandbox}`, error);
    return undefined;
  });
  const ledger = readLedger((await readFileIfAny(ledgerFile(world.folders))) ?? '', firstKey);
  const index = indexOf(ledger, sandbox);
  const chain: VerifyOptions = {
    files: paths,
    sandbox,
    ...(firstKey === undefined ? {} : { firstKey }),
    ...(index === undefined ? {} : { index }),
    verifierKey: world.userKeys.publicKey,
    checkpoints: [{ file: checkpointFile(world.folders.home, sandbox), text: checkpoints, mixed: false }],
  };
  const [verification] = await verifyInThread([chain], signal);
  if (verification === undefined)
    throw new LassoError('INTERNAL', 'Verification gave no answer', 'This is a fault of LASSO: please report it.');
  const summary = await summarise(sandbox, files, signal);
  return { summary, verification: named(verification), files, checkpoints, keyed: firstKey !== undefined };
}

function named(report: VerifyReport): VerifyReport {
  const { files, problems } = report;
  return { ...report, files: files.map((file) => basename(file)), problems: problems.map((one) => ({ ...one, file: basename(one.file) })) };
}
