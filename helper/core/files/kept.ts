/**
 * What a running sandbox was covered with, beside its runtime things, so that a helper that comes after tells its guest the same; and
 * the empty files and folders that are shown instead of what is hidden, one for each, so that the guest can tell which was opened.
 */
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { readFileIfAny, writeFileAtomic } from '../../base/atomic-file.ts';
import type { Cover } from './cover.ts';

const kept = z.object({
  overlays: z.array(z.object({ path: z.string(), kind: z.enum(['file', 'folder']), instead: z.string().nullable(), rule: z.string() })),
  also: z.array(z.object({ pattern: z.string(), rule: z.string() })),
});

const fileIn = (runtime: string): string => join(runtime, 'files.json');
/** where the empty things lie, below a sandbox's runtime folder */
export const emptyFolderOf = (runtime: string): string => join(runtime, 'empty');

/** Makes the empty files and folders, and keeps the cover. Rejects with the system's error. */
export async function keepCover(runtime: string, { overlays, also }: Cover): Promise<void> {
  const empty = emptyFolderOf(runtime);
  await rm(empty, { recursive: true, force: true });
  await mkdir(empty, { mode: 0o755 });
  await chmod(empty, 0o755);
  for (const { kind, instead } of overlays) {
    if (instead === null || dirname(instead) !== empty) continue;
    const place = join(empty, basename(instead));
    if (kind === 'folder') await mkdir(place);
    else await writeFile(place, '', { flag: 'wx' });
    await chmod(place, kind === 'folder' ? 0o555 : 0o444);
  }
  await writeFileAtomic(fileIn(runtime), JSON.stringify({ overlays, also }));
}

/** The cover of a sandbox that runs; none where it was started without. Rejects for what is no such file. */
export async function keptCover(runtime: string): Promise<Pick<Cover, 'overlays' | 'also'>> {
  const text = await readFileIfAny(fileIn(runtime));
  return text === undefined ? { overlays: [], also: [] } : kept.parse(JSON.parse(text));
}
