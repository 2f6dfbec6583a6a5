/** The parts of a workspace that are shown otherwise than they are, as mounts over it. Pure; all of them are read-only. */
import { posix } from 'node:path';
import type { BindMount, SandboxSpec } from './backend.ts';

/** In the order they are made. @param at where a host folder of the spec is found by whoever mounts it */
export function overlayMounts(
  { workspace, overlays }: Pick<SandboxSpec, 'workspace' | 'overlays'>,
  at: (source: string) => string,
): readonly BindMount[] {
  return overlays.map(({ path, instead }) => ({
    source: instead === null ? posix.join(at(workspace.source), path) : posix.join(at(posix.dirname(instead)), posix.basename(instead)),
    target: posix.join(workspace.target, path),
    readonly: true,
  }));
}

/** Host folders that hold what is shown instead. */
export const insteadFolders = ({ overlays }: Pick<SandboxSpec, 'overlays'>): readonly string[] => [
  ...new Set(overlays.flatMap(({ instead }) => (instead === null ? [] : [posix.dirname(instead)]))),
];
