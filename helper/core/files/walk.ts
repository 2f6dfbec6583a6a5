/**
 * Looks through a workspace for what its profile hides or closes. By names alone: it follows no link, opens no file, and of a FIFO or
 * device sees only that it is there. Names are hostile. What it cannot look into it says.
 */
import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../../base/atomic-file.ts';
import { type Descent, descentOf } from '../../policy/files/descent.ts';
import type { FileRule } from '../../policy/files/rules.ts';

export interface FoundFile {
  /** below the workspace, with “/” */
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  readonly rule: FileRule;
}

/** a place that was not looked into, and why */
export interface Unseen {
  readonly path: string;
  readonly why: 'unreadable' | 'depth' | 'entries' | 'time' | 'name';
}

export interface Look {
  /** outermost first */
  readonly found: readonly FoundFile[];
  readonly unseen: readonly Unseen[];
}

export interface LookFacts {
  /** folder, every link resolved */
  readonly root: string;
  readonly rules: readonly FileRule[];
  /** by which a `.git` that is a file is closed: submodules and worktrees have one, and it says where their repository is */
  readonly gitFile?: FileRule;
  readonly signal: AbortSignal;
  readonly limits?: LookLimits;
}

export interface LookLimits {
  readonly entries: number;
  readonly depth: number;
  readonly timeMs: number;
}

/** how far it looks */
export const usualLimits: LookLimits = { entries: 2_000_000, depth: 200, timeMs: 20_000 };
/** folders read at once */
const atOnce = 16;

interface Folder {
  readonly path: string;
  readonly depth: number;
  readonly hidden: Descent | null;
  readonly closed: Descent | null;
}

/** Never rejects but when `signal` fires. */
export async function lookThrough({ root, rules, gitFile, signal, limits = usualLimits }: LookFacts): Promise<Look> {
  const hiding = rules.filter(({ kind }) => kind === 'hidden');
  const closing = rules.filter(({ kind }) => kind !== 'hidden');
  const found: FoundFile[] = [];
  const unseen: Unseen[] = [];
  const waiting: Folder[] = [
    {
      path: '',
      depth: 0,
      hidden: descentOf(hiding.map(({ pattern }) => pattern)),
      closed: descentOf(closing.map(({ pattern }) => pattern)),
    },
  ];
  const lateMs = performance.now() + limits.timeMs;
  let entries = 0;

  const take = (folder: Folder, entry: Dirent, isFolder: boolean): void => {
    const { hidden, closed, depth } = folder;
    const name = entry.name;
    const path = folder.path === '' ? name : `${folder.path}/${name}`;
    const rule =
      ruleAt(hiding, hidden?.matched(name)) ?? ruleAt(closing, closed?.matched(name)) ?? (isFolder || !isGit(name) ? undefined : gitFile);
    // What is no UTF-8 has no name here by which it could be reached.
    if (name.includes('\uFFFD')) {
      if (rule !== undefined || isFolder) unseen.push({ path, why: 'name' });
      return;
    }
    if (rule !== undefined) found.push({ path, kind: isFolder ? 'folder' : kindOf(entry), rule });
    if (!isFolder || rule?.kind === 'hidden') return;
    const next = {
      path,
      depth: depth + 1,
      hidden: hidden?.below(name) ?? null,
      closed: rule === undefined ? (closed?.below(name) ?? null) : null,
    };
    if ((next.hidden ?? next.closed) === null || isObjectStore(path)) return;
    if (next.depth > limits.depth) unseen.push({ path, why: 'depth' });
    else waiting.push(next);
  };

  const read = async (folder: Folder): Promise<void> => {
    const why = entries > limits.entries ? 'entries' : performance.now() > lateMs ? 'time' : undefined;
    if (why !== undefined) {
      unseen.push({ path: folder.path, why });
      return;
    }
    const inside = await readdir(join(root, folder.path), { withFileTypes: true }).catch((error: unknown) => errnoOf(error) ?? 'EIO');
    if (typeof inside === 'string') {
      // Gone meanwhile, or a folder no more.
      if (inside !== 'ENOENT' && inside !== 'ENOTDIR') unseen.push({ path: folder.path, why: 'unreadable' });
      return;
    }
    entries += inside.length;
    for (const entry of inside)
      take(folder, entry, entry.isDirectory() || (isUntold(entry) && (await isFolderAt(join(root, folder.path, entry.name)))));
  };

  while (waiting.length > 0) {
    signal.throwIfAborted();
    await Promise.all(waiting.splice(-atOnce).map(read));
  }
  found.sort((a, b) => depthOf(a.path) - depthOf(b.path) || (a.path < b.path ? -1 : 1));
  return { found, unseen };
}

const isGit = (name: string): boolean => name.toLowerCase() === '.git';

const depthOf = (path: string): number => path.split('/').length;

const ruleAt = (rules: readonly FileRule[], index: number | undefined): FileRule | undefined =>
  index === undefined ? undefined : rules[index];

/** Thousands of files named by digests. */
const isObjectStore = (path: string): boolean => /(^|\/)\.git\/(.+\/)?(objects|lfs)$/.test(path);

/** Some file systems tell names only. */
const isUntold = (entry: Dirent): boolean =>
  !entry.isFile() &&
  !entry.isSymbolicLink() &&
  !entry.isFIFO() &&
  !entry.isSocket() &&
  !entry.isCharacterDevice() &&
  !entry.isBlockDevice();

const isFolderAt = async (path: string): Promise<boolean> => (await lstat(path).catch(() => undefined))?.isDirectory() ?? false;

function kindOf(entry: Dirent): FoundFile['kind'] {
  if (entry.isFile()) return 'file';
  return entry.isSymbolicLink() ? 'link' : 'other';
}
