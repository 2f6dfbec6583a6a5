/** The files of a chain as they stand at one moment, so that all that is said about them is said about the same bytes. */
import { copyFile, mkdtemp, open, rm, truncate } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { checkpointFile } from '../../audit/writing/anchors.ts';
import { chainFiles } from '../../audit/form/chain-files.ts';
import { readFileIfAny } from '../../base/atomic-file.ts';
import type { Registry } from '../registry.ts';
import type { World } from '../world.ts';

export interface Standing {
  /** oldest first */
  readonly paths: readonly string[];
  /** signed notes, one after the other, none of them about lines that are not in the files */
  readonly checkpoints: string;
}

/** tries to see a chain between two changes of its files */
const tryLimit = 5;

/**
 * Gives `use` a chain's files and checkpoints; of a record that is open, its end is signed, and the file that grows is a
 * copy that is removed afterwards.
 */
export async function withStanding<T>(
  world: Pick<World, 'host' | 'folders' | 'log'>,
  registry: Pick<Registry, 'all'>,
  sandbox: string,
  use: (standing: Standing) => Promise<T>,
): Promise<T> {
  const { audit } = world.folders;
  const listed = async (): Promise<readonly string[]> => (await chainFiles(audit, sandbox)).map(({ path }) => path);
  const written = registry.all.find(({ id }) => id === sandbox);
  const notes = async (): Promise<string> => (await readFileIfAny(checkpointFile(world.folders.home, sandbox))) ?? '';
  if (written === undefined) return use({ checkpoints: await notes(), paths: await listed() });
  await written.record.checkpoint().catch((error: unknown) => world.log.error(`checkpoint of the record of ${sandbox}`, error));
  const copies = await mkdtemp(join(world.host.temporary, 'lasso-record-'));
  try {
    for (let tries = 1; ; tries += 1) {
      // Read first, so that none is about lines that come after.
      const checkpoints = await notes();
      const paths = await listed();
      const last = paths.at(-1);
      if (last === undefined) return await use({ paths, checkpoints });
      const copy = join(copies, basename(last));
      await copyFile(last, copy);
      await cutUnfinished(copy);
      // Where it went on with another file meanwhile, this one would seem to lack its end.
      const same = (await listed()).join('\0') === paths.join('\0');
      if (same || tries === tryLimit) return await use({ paths: [...paths.slice(0, -1), copy], checkpoints });
    }
  } finally {
    await rm(copies, { recursive: true, force: true });
  }
}

const blockBytes = 65_536;

/** What a writer was writing while it was copied is no record yet. */
async function cutUnfinished(path: string): Promise<void> {
  const handle = await open(path, 'r');
  const { size } = await handle.stat();
  let end = size;
  try {
    for (const block = Buffer.alloc(blockBytes); end > 0; end = Math.max(0, end - blockBytes)) {
      const from = Math.max(0, end - blockBytes);
      const { bytesRead } = await handle.read(block, 0, end - from, from);
      const at = block.subarray(0, bytesRead).lastIndexOf(10);
      if (at < 0) continue;
      end = from + at + 1;
      break;
    }
  } finally {
    await handle.close();
  }
  if (end < size) await truncate(path, end);
}
