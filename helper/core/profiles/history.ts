/**
 * The versions of one profile on disk: `0001.toml`, `0002.toml` … and an index that says when and why. The files are what
 * counts: a version the index has lost is listed all the same.
 */
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readFileIfAny, writeFileAtomic } from '../../base/atomic-file.ts';
import type { OperationResult } from '../../protocol/operations.ts';
import { readTextFile } from './profiles.ts';

export type SavedVersion = OperationResult<'profileHistory'>['versions'][number];
export type SavedReason = SavedVersion['reason'];

const reasons = ['saved', 'edited', 'created', 'imported', 'restored', 'deleted'] as const satisfies readonly SavedReason[];
const indexSchema = z.array(
  z.object({ version: z.number().int().min(1), savedAt: z.iso.datetime(), reason: z.enum(reasons), digest: z.string() }),
);

export const versionFile = (folder: string, version: number): string => join(folder, `${String(version).padStart(4, '0')}.toml`);

/** Oldest first. Nothing is written. */
export async function readHistory(folder: string): Promise<readonly SavedVersion[]> {
  const numbers = (await readdir(folder).catch(() => []))
    .flatMap((entry) => (/^\d{4,9}\.toml$/.test(entry) ? [Number.parseInt(entry, 10)] : []))
    .sort((a, b) => a - b);
  const index = new Map((await readIndex(folder)).map((entry) => [entry.version, entry]));
  return await Promise.all(
    numbers.map(async (version) => ({ ...(index.get(version) ?? (await found(folder, version))), file: versionFile(folder, version) })),
  );
}

export async function writeIndex(folder: string, versions: readonly SavedVersion[]): Promise<void> {
  const entries = versions.map(({ version, savedAt, reason, digest }) => ({ version, savedAt, reason, digest }));
  await writeFileAtomic(join(folder, 'index.json'), `${JSON.stringify(entries, null, 2)}\n`);
}

async function readIndex(folder: string): Promise<z.infer<typeof indexSchema>> {
  try {
    return indexSchema.parse(JSON.parse((await readFileIfAny(join(folder, 'index.json'))) ?? '[]'));
  } catch {
    return [];
  }
}

async function found(folder: string, version: number): Promise<Omit<SavedVersion, 'file'>> {
  const file = versionFile(folder, version);
  const text = (await readTextFile(file).catch(() => undefined)) ?? '';
  const savedAt = (await stat(file)).mtime.toISOString();
  return { version, savedAt, reason: 'saved', digest: createHash('sha256').update(text).digest('hex') };
}
