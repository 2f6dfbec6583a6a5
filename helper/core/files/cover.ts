/**
 * From what a workspace holds to what a sandbox is shown of it: hidden things are covered by empty ones, closed things by themselves,
 * read-only. Makes nothing in the workspace, and covers only what is there, so that no engine makes a mount point in it.
 */
import { lstat, readlink, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { Overlay } from '../../backends/backend.ts';
import type { Policy } from '../../policy/policy.ts';
import { literalPattern } from '../../policy/files/patterns.ts';
import { closedRule, type FileRule, preparedRules } from '../../policy/files/rules.ts';
import { guestPaths } from '../../protocol/guest.ts';
import { namedByGit } from './obeyed.ts';
import { type FoundFile, lookThrough, type LookLimits, type Unseen } from './walk.ts';
import { requireLook, requireRoom } from './refusals.ts';

export interface CoverFacts {
  /** every link resolved */
  readonly workspace: string;
  readonly policy: Policy;
  /** who the files belong to that the agent could make readable */
  readonly hostUid: number;
  /** folders that are mounted over parts of the workspace, as seen inside */
  readonly mounts: readonly string[];
  /** host folder in which empty files and folders are found by the numbers of their overlays */
  readonly empty: string;
  readonly signal: AbortSignal;
  readonly limits?: LookLimits;
}

export interface CoveredFile extends Overlay {
  /** by which it is hidden or closed */
  readonly rule: string;
}

export interface Cover {
  readonly overlays: readonly CoveredFile[];
  /** closed besides what the profile's patterns say: where links lead, and what git is told to obey */
  readonly also: readonly AlsoClosed[];
  readonly notices: readonly string[];
}

export interface AlsoClosed {
  /** one path, as a pattern */
  readonly pattern: string;
  readonly rule: string;
}

/** @throws LassoError CANNOT_ENFORCE with what could not be looked at, or the patterns that match too much */
export async function coverWorkspace(facts: CoverFacts): Promise<Cover> {
  const { workspace, policy, signal } = facts;
  const named = policy.workspaceWritable ? await namedByGit(workspace) : [];
  const also = named.map((path) => ({ pattern: literalPattern(path), rule: 'core.hooksPath or include.path of .git/config' }));
  const kinds = policy.workspaceWritable ? ['hidden', 'readonly', 'guarded'] : ['hidden'];
  const rules = [...preparedRules(policy.files), ...also.map(({ pattern, rule }) => closedRule(pattern, rule))].filter(({ kind }) =>
    kinds.includes(kind),
  );
  const gitFile = closedRule('.git', 'where a submodule or worktree has its repository');
  const look = await lookThrough({
    ...{ root: workspace, rules, signal },
    ...(policy.workspaceWritable ? { gitFile } : {}),
    ...(facts.limits ? { limits: facts.limits } : {}),
  });
  const gaps = await gapsOf(facts, look.unseen);
  const led = await ledTo(facts, look.found);
  const shown = withoutInner([...look.found.filter(({ kind }) => kind !== 'link'), ...led], facts.mounts);
  requireRoom(shown);
  return {
    overlays: shown.map(({ path, kind, rule }, index) => ({
      path,
      kind: kind === 'folder' ? 'folder' : 'file',
      instead: rule.kind === 'hidden' ? join(facts.empty, `${index}`) : null,
      rule: rule.rule,
    })),
    also: [
      ...also,
      ...[...look.found.filter(({ rule }) => rule === gitFile), ...led.filter(({ rule }) => rule.kind !== 'hidden')].map(
        ({ path, rule }) => ({ pattern: literalPattern(path), rule: rule.rule }),
      ),
    ],
    notices: [...requireLook(gaps, policy.enforcement), ...(await otherNames(workspace, shown))],
  };
}

/** Outermost first, each path once, and nothing below what is hidden, or mounted over. */
function withoutInner(found: readonly FoundFile[], mounts: readonly string[]): readonly FoundFile[] {
  const kept = new Map<string, FoundFile>();
  const byDepth = found.toSorted((a, b) => stepsOf(a.path).length - stepsOf(b.path).length || rank(a.rule) - rank(b.rule));
  for (const one of byDepth) {
    const steps = stepsOf(one.path);
    const above = steps.slice(0, -1).map((_, index) => kept.get(steps.slice(0, index + 1).join('/')));
    const isHidden = one.rule.kind === 'hidden';
    if (kept.has(one.path) || above.some((outer) => outer !== undefined && (outer.rule.kind === 'hidden' || !isHidden))) continue;
    if (mounts.some((mount) => `${guestPaths.workspace}/${one.path}/`.startsWith(`${mount}/`))) continue;
    // A FIFO, a socket or a device is not shown as itself: nothing is won by binding one.
    if (isHidden || one.kind !== 'other') kept.set(one.path, one);
  }
  return [...kept.values()];
}

const stepsOf = (path: string): readonly string[] => path.split('/');
const rank = ({ kind }: FileRule): number => (kind === 'hidden' ? 0 : 1);

/** A link cannot be covered; what it leads to inside the workspace is. */
async function ledTo({ workspace }: CoverFacts, found: readonly FoundFile[]): Promise<readonly FoundFile[]> {
  const links = found.filter(({ kind }) => kind === 'link');
  const targets = await Promise.all(
    links.map(async ({ path, rule }): Promise<FoundFile | undefined> => {
      const target = await realpath(await asOnHost(workspace, path)).catch(() => undefined);
      const inner = target === undefined ? '..' : relative(workspace, target);
      if (target === undefined || inner === '' || inner === '..' || inner.startsWith(`..${sep}`)) return undefined;
      const status = await lstat(target).catch(() => undefined);
      if (status === undefined) return undefined;
      const kind = status.isDirectory() ? 'folder' : status.isFile() ? 'file' : 'other';
      return { path: inner.split(sep).join('/'), kind, rule };
    }),
  );
  return targets.filter((target) => target !== undefined);
}

/** Where a link’s first step leads on the host, also when it is written as the path is inside. */
async function asOnHost(workspace: string, path: string): Promise<string> {
  const text = await readlink(join(workspace, path)).catch(() => '');
  return join(workspace, text.startsWith(`${guestPaths.workspace}/`) ? text.slice(guestPaths.workspace.length + 1) : path);
}

/** A folder that its owner cannot read now could be made readable by the agent, who is the same; one of somebody else’s cannot. */
async function gapsOf({ workspace, hostUid }: CoverFacts, unseen: readonly Unseen[]): Promise<readonly Unseen[]> {
  const own = await Promise.all(
    unseen.map(
      async ({ path, why }) => why !== 'unreadable' || (await lstat(join(workspace, path)).catch(() => undefined))?.uid === hostUid,
    ),
  );
  return unseen.filter((_, index) => own[index]);
}

/** A file has as many names as it likes, and only those that match are hidden. */
async function otherNames(workspace: string, shown: readonly FoundFile[]): Promise<readonly string[]> {
  const hidden = shown.filter(({ kind, rule }) => kind === 'file' && rule.kind === 'hidden');
  const linked = await Promise.all(
    hidden.map(async ({ path }) => ((await lstat(join(workspace, path)).catch(() => undefined))?.nlink ?? 1) > 1),
  );
  const paths = hidden.filter((_, index) => linked[index]).map(({ path }) => path);
  return paths.length === 0
    ? []
    : [`Hidden files that have further names (hard links), by which they can be seen: ${paths.slice(0, 5).join(', ')}.`];
}
