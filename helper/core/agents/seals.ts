/**
 * Which notes in a folder this user's own LASSO wrote, kept by the folder's real path where nobody else writes. Notes that came with a
 * folder may say anything; those say what happened here.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { readFileIfAny, writeFileAtomic } from '../../base/atomic-file.ts';
import type { Folders } from '../../base/platform.ts';

/** notes of one run: as they were, while it wrote, as they stay */
const kept = 3;
const saved = z.object({ version: z.literal(1), workspace: z.string(), notes: z.array(z.string()) });

type StateFolders = Pick<Folders, 'state'>;

export async function isOwn(workspace: string, text: string | null, folders: StateFolders): Promise<boolean> {
  return text !== null && (await load(workspace, folders)).includes(digestOf(text));
}

/** Before they are written, so that a run that is cut short is one's own too. */
export async function seal(workspace: string, texts: readonly (string | null)[], folders: StateFolders): Promise<void> {
  const fresh = texts.flatMap((text) => (text === null ? [] : [digestOf(text)]));
  const notes = [...new Set([...fresh, ...(await load(workspace, folders))])].slice(0, kept);
  if (fresh.length > 0) await writeFileAtomic(fileOf(workspace, folders), `${JSON.stringify({ version: 1, workspace, notes })}\n`);
}

async function load(workspace: string, folders: StateFolders): Promise<readonly string[]> {
  try {
    const found = saved.parse(JSON.parse((await readFileIfAny(fileOf(workspace, folders))) ?? ''));
    return found.workspace === workspace ? found.notes : [];
  } catch {
    return [];
  }
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const fileOf = (workspace: string, { state }: StateFolders): string => join(state, 'agents', `${digestOf(workspace).slice(0, 32)}.json`);
