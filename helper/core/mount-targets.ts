/**
 * Whether mounts come to lie where they are meant to. A target inside a folder the agent writes may be a link that leads elsewhere, over
 * the system's own programs even; so every step of it is looked at on the host, and followed by nobody.
 */
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BindMount, SandboxSpec } from '../backends/backend.ts';
import { errnoOf } from '../base/atomic-file.ts';
import { LassoError } from '../protocol/errors.ts';
import { guestPaths } from '../protocol/guest.ts';

/** @throws LassoError MOUNT_REFUSED, naming the link */
export async function requirePlainTargets({ workspace, home, mounts }: Pick<SandboxSpec, 'workspace' | 'home' | 'mounts'>): Promise<void> {
  const shown = [workspace, ...(home === null ? [] : [{ source: home, target: guestPaths.home }]), ...mounts];
  for (const mount of mounts) {
    for (const { source, target } of shown) await requirePlain(mount, source, target);
  }
}

async function requirePlain({ target }: BindMount, source: string, root: string): Promise<void> {
  if (!target.startsWith(`${root}/`)) return;
  let path = source;
  for (const step of target.slice(root.length + 1).split('/')) {
    path = join(path, step);
    const found = await lstat(path).catch((error: unknown) => {
      if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined;
      throw error;
    });
    // It is made when the sandbox starts.
    if (found === undefined) return;
    if (!found.isSymbolicLink()) continue;
    throw new LassoError('MOUNT_REFUSED', `The target ${target} is refused: ${path} is a link`, 'Remove it, or choose another target.');
  }
}
