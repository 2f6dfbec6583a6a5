/** The cover of one sandbox, at its start. */
import type { Policy } from '../../policy/policy.ts';
import type { Provision } from '../agents/provision.ts';
import { sandboxFolders } from '../sandbox-folders.ts';
import type { SavedSandbox } from '../state.ts';
import type { World } from '../world.ts';
import { type Cover, coverWorkspace } from './cover.ts';
import { emptyFolderOf } from './kept.ts';

/** @throws LassoError CANNOT_ENFORCE */
export function coverOf(world: World, saved: SavedSandbox, policy: Policy, provision: Provision, signal: AbortSignal): Promise<Cover> {
  return coverWorkspace({
    workspace: saved.workspace,
    policy,
    hostUid: saved.identity.hostUid,
    mounts: [...saved.mounts, ...provision.kept].map(({ target }) => target),
    empty: emptyFolderOf(sandboxFolders(world, saved.id).root),
    signal,
  });
}

/** Whether a notice is one of those that a start gives about hidden and closed files. */
export const isCoverNotice = (notice: string): boolean => notice.startsWith('Hidden ');
