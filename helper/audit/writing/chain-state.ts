/**
 * What the writer keeps of a chain between two processes: the seed of the epoch it is in, and how it was left. Whoever reads this
 * file can write the chain's next lines, and none of its earlier ones.
 */
import { randomBytes } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { LassoError } from '../../protocol/errors.ts';
import { seedBytes, stepLimit } from '../form/key-schedule.ts';
import { readOwnFile, replaceOwnFile, type OwnHost } from '../keys/own-file.ts';

export interface ChainState {
  /** of the chain, among those of its user */
  readonly index: number;
  readonly epoch: number;
  readonly seed: Buffer;
  /** whether its first line is synced: from then on a log that is not there was removed */
  readonly begun: boolean;
  /** the line a writer that ended in order wrote last */
  readonly closed?: { readonly seq: number; readonly digest: string };
}

const written = z.strictObject({
  v: z.literal(1),
  sandbox: z.string(),
  index: z.number().int().min(0).max(stepLimit),
  epoch: z.number().int().min(0).max(stepLimit),
  seed: z.base64url().length(43),
  begun: z.boolean(),
  closed: z.strictObject({ seq: z.number().int().min(0), digest: z.string().regex(/^[0-9a-f]{64}$/) }).optional(),
});

/** where the state of a chain lies */
export function chainStateFile(home: string, sandbox: string): string {
  return join(home, 'keys', `chain-${sandbox}.json`);
}

/** The state of a chain; undefined where there is none. @throws LassoError RECORD_INVALID */
export async function readChainState(host: OwnHost, home: string, sandbox: string): Promise<ChainState | undefined> {
  const file = chainStateFile(home, sandbox);
  const bytes = await readOwnFile(host, file, 'The key of a record');
  if (bytes === undefined) return undefined;
  const found = written.safeParse(jsonOf(bytes)).data;
  const seed = Buffer.from(found?.seed ?? '', 'base64url');
  if (found?.sandbox !== sandbox || seed.length !== seedBytes) {
    const hint = 'Restore it as it was last. What is recorded can still be verified with the first key.';
    throw new LassoError('RECORD_INVALID', `The key of a record is damaged: ${file}`, hint);
  }
  const { index, epoch, begun, closed } = found;
  return { index, epoch, seed, begun, ...(closed === undefined ? {} : { closed }) };
}

/** Keeps a state in place of the one before, whose seed is overwritten. Settles when it is on the disk. @throws LassoError RECORD_FAILED */
export async function keepChainState(host: OwnHost, home: string, sandbox: string, state: ChainState): Promise<void> {
  await replaceOwnFile(host, chainStateFile(home, sandbox), textOf(sandbox, state));
}

/**
 * Keeps the first state of a chain. A helper that is killed leaves it whole; a power cut may take it with the chain's first second,
 * for the first checkpoint syncs both, and a sandbox that is being made should not wait for the disk twice.
 * @throws the system's error
 */
export function beginChainState(home: string, sandbox: string, state: ChainState): void {
  const file = chainStateFile(home, sandbox);
  const beside = `${file}.${randomBytes(8).toString('hex')}.tmp`;
  writeFileSync(beside, textOf(sandbox, state), { flag: 'wx', mode: 0o600 });
  renameSync(beside, file);
}

function textOf(sandbox: string, state: ChainState): Buffer {
  return Buffer.from(`${JSON.stringify({ v: 1, sandbox, ...state, seed: state.seed.toString('base64url') })}\n`);
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
