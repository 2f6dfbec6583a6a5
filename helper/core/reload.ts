/**
 * Holds a running sandbox to what its profile says now. Rules and secrets change at once, open connections and remembered answers
 * included; what a sandbox is made of changes when it is started anew, and is told as such. Recorded before it takes effect.
 */
import { diffPolicies } from '../profile/diff/diff.ts';
import type { PolicyChange } from '../protocol/profile-operations.ts';
import type { Actor } from '../protocol/record.ts';
import { writeManaged } from './agents/managed.ts';
import { wishOf } from './creation.ts';
import { tellReceivers } from './records/outgoing.ts';
import type { ProfileInForce } from './profile-in-force.ts';
import type { Sandbox } from './sandbox.ts';
import type { World } from './world.ts';

export interface Reloaded {
  readonly changes: PolicyChange[];
  readonly afterRestart: PolicyChange[];
}

/** keys of a profile whose change holds at once; variables hold for what is started from then on */
const atOnce =
  /^(mode|network|commands|secrets|approvals|extra_env|git_access\.block_git_history_content|audit\.(webhooks|syslog_\w+|otlp_\w+|checkpoint_\w+))(?=[.[]|$)/;

/** @throws LassoError SANDBOX_NOT_RUNNING, RECORD_FAILED, and what reading a profile throws; then the profile in force stays */
export async function reloadProfile(world: World, sandbox: Sandbox, actor: Actor): Promise<Reloaded> {
  const { profile, link, network, files } = sandbox.requireLive();
  const next = await world.readProfile(wishOf(sandbox.saved));
  const { hostGroups } = world.sources;
  const { now, started } = profile;
  const since = (earlier: typeof now): readonly PolicyChange[] =>
    diffPolicies({ profile: earlier.content }, { profile: next.content }, hostGroups);
  const changes = since(now).filter((change) => holdsAtOnce(change, profile));
  const afterRestart = since(started).filter((change) => !holdsAtOnce(change, profile));
  await sandbox.record.append({
    type: 'policy',
    action: 'reload',
    outcome: 'success',
    actor,
    target: next.name,
    detail: { before: now.digest, after: next.digest, changes: changes.map(told), afterRestart: afterRestart.map(told) },
  });
  profile.replace(next);
  await writeManaged(world, sandbox.saved, profile.now.policy);
  await tellReceivers(world, sandbox, next, 'now');
  link.forgetDecisions();
  link.forgetNames();
  link.changeFiles(files.files());
  network?.reconsider();
  await sandbox.enter(sandbox.saved.state, { profileDigest: next.digest });
  return { changes, afterRestart };
}

/** Where nothing listens inside, no rule about the network opens anything. */
function holdsAtOnce({ path, effect }: PolicyChange, { started }: ProfileInForce): boolean {
  // What is closed by name is so at once; what is there stays mounted read-only until a restart.
  if (path === 'workspace.guarded') return effect === 'denied';
  return atOnce.test(path) && !(path.startsWith('network') && started.policy.network.mode === 'none');
}

/** Addresses of receivers may hold tokens, and the record goes to other receivers too. */
const told = ({ effect, text, path }: PolicyChange): string =>
  /^audit\.(webhooks|otlp)/.test(path) ? `${path} changed` : effect === 'changed' ? text : `now ${effect}: ${text}`;
