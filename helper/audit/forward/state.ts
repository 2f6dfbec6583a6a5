/**
 * How far a receiver is told: the place in the record after the last line it accepted, kept in a file beside its settings. The
 * record itself is the spool, so nothing of it is ever copied here. What is read back is checked like any file.
 */
import { readdir, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { errnoOf, readFileIfAny, writeFileAtomic } from '../../base/atomic-file.ts';
import type { Log } from '../../base/log.ts';
import { sinkId, sinkSettings } from './settings.ts';

const cursor = z.strictObject({
  /** number of the chain's file */
  file: z.number().int().min(1),
  /** bytes of it that are done with */
  offset: z.number().int().min(0),
  /** number and digest of the last line that is done with; -1 and zeros before the first */
  seq: z.number().int().min(-1),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
});
export type Cursor = z.infer<typeof cursor>;

const sinkState = z.strictObject({
  version: z.literal(1),
  sandbox: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/),
  sink: sinkSettings,
  cursor,
  /** bytes of the checkpoints' file that are done with */
  notes: z.number().int().min(0),
  /** said to fail, since when */
  failingSince: z.string().optional(),
});
export type SinkState = z.infer<typeof sinkState>;

const fileOf = (folder: string, { sandbox, sink }: SinkState): string => join(folder, sandbox, `${sinkId(sink)}.json`);

/** Rejects with the system's error; the state before is left. */
export async function saveState(folder: string, state: SinkState): Promise<void> {
  await writeFileAtomic(fileOf(folder, state), `${JSON.stringify(state, null, 2)}\n`);
}

/** What is done with for good; a folder that is empty goes too. */
export async function removeState(folder: string, state: SinkState): Promise<void> {
  await rm(fileOf(folder, state), { force: true });
  await rmdir(join(folder, state.sandbox)).catch(() => undefined);
}

/** Everything that is kept. A file that cannot be understood is set aside. */
export async function loadStates(folder: string, log: Log): Promise<readonly SinkState[]> {
  const states: SinkState[] = [];
  for (const sandbox of await namesIn(folder)) {
    const names = await namesIn(join(folder, sandbox));
    // What a helper that was killed had begun to write.
    await Promise.all(names.filter((name) => name.endsWith('.tmp')).map((name) => rm(join(folder, sandbox, name), { force: true })));
    for (const name of names.filter((entry) => entry.endsWith('.json'))) {
      const file = join(folder, sandbox, name);
      const read = sinkState.safeParse(parsed((await readFileIfAny(file)) ?? ''));
      if (read.success && fileOf(folder, read.data) === file) states.push(read.data);
      else {
        log.error(`state of a receiver could not be read and was set aside: ${file}.broken`);
        await rename(file, `${file}.broken`);
      }
    }
  }
  return states;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return [];
    throw error;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
