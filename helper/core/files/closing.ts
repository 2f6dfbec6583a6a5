/** Makes a sandbox's file gate from its profile and its cover, and says what it means where the guest cannot keep names closed. */
import type { GuestLink } from '../../guest/contract.ts';
import type { FileGate, GuestFiles } from '../../guest/files.ts';
import { closedRule, everywhere, type FileRule, preparedRules } from '../../policy/files/rules.ts';
import type { Policy } from '../../policy/policy.ts';
import { LassoError } from '../../protocol/errors.ts';
import { guestPaths } from '../../protocol/guest.ts';
import type { ProfileInForce } from '../profile-in-force.ts';
import type { Sandbox } from '../sandbox.ts';
import type { World } from '../world.ts';
import { fileAttempts } from './attempts.ts';
import type { Cover } from './cover.ts';

type Covered = Pick<Cover, 'overlays' | 'also'>;

/** what a person is told where absent files cannot be kept from being made */
export const unclosedNotice =
  'Closed files that are not there can be made here: this kernel does not tell of it. Those that are there cannot be changed.';

export function fileGateOf(world: World, sandbox: Sandbox, profile: ProfileInForce, cover: Covered): FileGate {
  return fileAttempts({
    note: (entry) => sandbox.note(entry),
    clock: world.clock,
    files: () => guestFiles(profile.now.policy, cover),
    closing: () => closingRules(profile.now.policy, cover),
    hiding: cover.overlays.flatMap(({ instead, rule }) => (instead === null ? [] : [rule])),
    originOf: (rule) => profile.now.originOf(rule),
  });
}

function guestFiles({ files }: Policy, { overlays, also }: Covered): GuestFiles {
  return {
    workspace: guestPaths.workspace,
    closed: [...[...files.readonly, ...files.guarded].map(everywhere), ...also.map(({ pattern }) => pattern)],
    hidden: overlays.flatMap(({ path, instead }) => (instead === null ? [] : [`${guestPaths.workspace}/${path}`])),
  };
}

/** In the order in which the guest is told their patterns. */
const closingRules = ({ files }: Policy, { also }: Covered): readonly FileRule[] => [
  ...preparedRules(files).filter(({ kind }) => kind !== 'hidden'),
  ...also.map(({ pattern, rule }) => closedRule(pattern, rule)),
];

/** Notices for a sandbox whose guest has said hello. @throws LassoError CANNOT_ENFORCE */
export function requireClosed(policy: Policy, link: Pick<GuestLink, 'closes'>, backend: string): readonly string[] {
  const { readonly, guarded } = policy.files;
  if (link.closes || !policy.workspaceWritable || readonly.length + guarded.length === 0) return [];
  if (policy.enforcement === 'preferred') return [unclosedNotice];
  throw new LassoError(
    'CANNOT_ENFORCE',
    `${backend} cannot enforce here: workspace.guarded for files that are not there yet, since the kernel inside does not tell of their making`,
    'Use isolation = "container", or accept it with enforcement = "preferred" in [resources].',
  );
}
