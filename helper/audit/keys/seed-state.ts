/** The seed of a user's next chain, as it is kept between two chains. It is the one thing here that makes later keys. */
import { z } from 'zod';
import { seedBytes, stepLimit } from '../form/key-schedule.ts';
import { readOwnFile, unsafe, type OwnHost } from './own-file.ts';

export interface SeedState {
  /** of the chain that gets it */
  readonly index: number;
  readonly seed: Buffer;
  /** of the first key */
  readonly fingerprint: string;
}

const written = z.strictObject({
  v: z.literal(1),
  index: z.number().int().min(0).max(stepLimit),
  seed: z.base64url().length(43),
  fingerprint: z.string().regex(/^[0-9a-f]{16}$/),
});

/** What is in `file`; undefined where there is none. @throws LassoError RECORD_INVALID */
export async function readSeedState(host: OwnHost, file: string): Promise<SeedState | undefined> {
  const what = 'The seed of the next chain';
  const bytes = await readOwnFile(host, file, what);
  if (bytes === undefined) return undefined;
  const found = written.safeParse(jsonOf(bytes));
  bytes.fill(0);
  const seed = found.success ? Buffer.from(found.data.seed, 'base64url') : Buffer.alloc(0);
  if (!found.success || seed.length !== seedBytes)
    throw unsafe(what, file, 'is damaged', 'Restore the folder it is in from where it was last whole.');
  return { index: found.data.index, seed, fingerprint: found.data.fingerprint };
}

/** What is written for it. */
export function seedStateBytes({ index, seed, fingerprint }: SeedState): Buffer {
  return Buffer.from(`${JSON.stringify({ v: 1, index, seed: seed.toString('base64url'), fingerprint })}\n`);
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
