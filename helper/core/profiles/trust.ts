/**
 * What a person has said about the profiles of workspaces, kept by the workspace's real path in a folder that is this user's
 * alone. The texts that were agreed to are kept with it, so that a change can be shown. Nothing here agrees to anything by itself.
 */
import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readFileIfAny, writeFileAtomic } from '../../base/atomic-file.ts';
import type { Folders } from '../../base/platform.ts';
import type { WorkspaceFile } from '../../profile/workspace.ts';

const decided = z.object({ digest: z.string(), at: z.string().describe('ISO 8601, UTC') });
const opinion = z.object({
  approved: decided.extend({ files: z.array(z.object({ file: z.string(), name: z.string(), text: z.string() })) }).optional(),
  declined: decided.optional(),
});
/** by name of the chosen profile of the workspace; the empty one stands for none */
const trusted = z.object({ version: z.literal(1), workspace: z.string(), opinions: z.record(z.string(), opinion) });

/** what was said last about what a workspace brings; a declined text does not take back an earlier yes to another one */
export type Opinion = z.infer<typeof opinion>;

/** which of a workspace's profiles */
export interface TrustSubject {
  /** real path */
  readonly workspace: string;
  /** chosen profile of the workspace, if any */
  readonly name: string | undefined;
}

type StateFolders = Pick<Folders, 'state'>;

export async function opinionOn({ workspace, name }: TrustSubject, folders: StateFolders): Promise<Opinion> {
  const { opinions } = await load(workspace, folders);
  return own(opinions, name ?? '') ?? {};
}

/** Remembers a yes. Agreeing to a workspace that brings nothing any more forgets what it brought. */
export async function remember(
  subject: TrustSubject,
  decision: { readonly agreed: boolean; readonly digest: string; readonly files: readonly WorkspaceFile[]; readonly at: Date },
  folders: StateFolders,
): Promise<void> {
  const { agreed, digest, files, at } = decision;
  const { opinions } = await load(subject.workspace, folders);
  const before = own(opinions, subject.name ?? '') ?? {};
  const said = { digest, at: at.toISOString() };
  const after: Opinion = agreed ? { approved: { ...said, files: [...files] } } : { ...before, declined: said };
  const rest = Object.entries(opinions).filter(([name]) => name !== (subject.name ?? ''));
  const kept = files.length === 0 ? rest : [...rest, [subject.name ?? '', after] as const];
  const file = fileOf(subject.workspace, folders);
  if (kept.length === 0) return await rm(file, { force: true });
  await mkdir(folders.state, { recursive: true, mode: 0o700 });
  const text = JSON.stringify({ version: 1, workspace: subject.workspace, opinions: Object.fromEntries(kept) }, undefined, 1);
  await writeFileAtomic(file, `${text}\n`);
}

function own<T>(values: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(values, key) ? values[key] : undefined;
}

/** Without a file that can be read nobody has agreed to anything. */
async function load(workspace: string, folders: StateFolders): Promise<z.infer<typeof trusted>> {
  const nothing = { version: 1, workspace, opinions: {} } as const;
  const text = await readFileIfAny(fileOf(workspace, folders));
  if (text === undefined) return nothing;
  try {
    const saved = trusted.parse(JSON.parse(text));
    return saved.workspace === workspace ? saved : nothing;
  } catch {
    return nothing;
  }
}

function fileOf(workspace: string, { state }: StateFolders): string {
  return join(state, 'workspaces', `${createHash('sha256').update(workspace).digest('hex').slice(0, 32)}.json`);
}
