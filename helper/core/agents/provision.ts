/** What a sandbox gets besides its workspace: its agent's program, agents' managed settings, and what is kept for it between starts. */
import type { BindMount, SandboxSpec } from '../../backends/backend.ts';
import type { StoredAgent } from '../../images/index.ts';
import { LassoError } from '../../protocol/errors.ts';
import { judgeTarget } from '../../policy/mounts.ts';
import { guestPaths } from '../../protocol/guest.ts';
import type { Selection } from '../selection.ts';
import type { SavedSandbox } from '../state.ts';
import type { ReadProfile, Tell, World } from '../world.ts';
import { managedMounts, writeManaged } from './managed.ts';
import { runnable } from './profile.ts';
import { homeVolume, keepVolume, namedVolume } from './volumes.ts';

export interface Provision extends Pick<SandboxSpec, 'provided' | 'home'> {
  /** mounts besides those a person asked for */
  readonly kept: readonly BindMount[];
}

const keptNotice = 'What is kept in ';

/** Whether a notice is one of those a start gives about what is kept. */
export const isProvisionNotice = (notice: string): boolean => notice.startsWith(keptNotice);

/**
 * Makes sure that a sandbox's agent is here, and the image it starts from: null where it starts from none.
 * @throws LassoError IMAGE_BUILD_FAILED, UNSUPPORTED, CANCELLED
 */
export async function install(
  world: World,
  agentName: string | undefined,
  { backend, probe }: Pick<Selection, 'backend' | 'probe'>,
  options: { readonly force: boolean; readonly tell: Tell; readonly signal: AbortSignal },
): Promise<{ readonly digest: string; readonly built: boolean } | null> {
  const { tell, signal } = options;
  const known = runnable(agentName);
  let agent: StoredAgent | undefined;
  if (known !== undefined) {
    const onProgress = (message: string, fraction?: number): void => tell({ message, ...(fraction === undefined ? {} : { fraction }) });
    agent = await world.agentStore.ensure(known.name, { onProgress, signal });
  }
  return probe.needsImage ? world.ensureImage(backend, { ...options, ...(agent === undefined ? {} : { agent }) }) : null;
}

/** What is shown in a sandbox. Makes nothing. */
export function provisionOf(world: World, saved: SavedSandbox, { content }: Pick<ReadProfile, 'content'>): Provision {
  const agent = runnable(saved.agent);
  const stored = agent === undefined || saved.image !== null ? undefined : world.agentStore.placeOf(agent.name);
  const program = stored === undefined ? [] : [{ source: stored.folder, target: `${guestPaths.agents}/${stored.name}`, readonly: true }];
  const provided = [...program, ...managedMounts(world, saved.id)];
  const home = agent === undefined ? null : homeVolume(world, agent.name, saved.workspace);
  const { session_volume: name, session_volume_target: target } = content.filesystem;
  if (name === undefined) return { provided, home, kept: [] };
  const named = namedVolume(world, name);
  // A profile that keeps the whole home keeps the agent's with it.
  return target === guestPaths.home
    ? { provided, home: named, kept: [] }
    : { provided, home, kept: [{ source: named, target, readonly: false }] };
}

/** Makes what is shown; the sandbox's own folders are there. What a person is to know of it. @throws LassoError SANDBOX_START_FAILED */
export async function makeProvision(
  world: World,
  saved: SavedSandbox,
  profile: ReadProfile,
  { home, kept }: Provision,
): Promise<readonly string[]> {
  await writeManaged(world, saved, profile.policy);
  const folders = [...(home === null ? [] : [{ source: home, target: guestPaths.home }]), ...kept];
  for (const { target } of kept) requireTarget(target);
  for (const { source } of folders) await keepVolume(world, source, saved.identity);
  return folders.map(
    ({ target }) => `${keptNotice}${target} stays until it is forgotten, and may grow as large as its disk: home_dir_mb cannot bound it.`,
  );
}

/** A profile's volume lies where a mount may, or in the home. @throws LassoError MOUNT_REFUSED */
function requireTarget(target: string): void {
  const steps = target.split('/').slice(1);
  const plain = steps.every((step) => step !== '' && step !== '.' && step !== '..' && !/[\0-\x1f\x7f]/.test(step));
  if (plain && target.startsWith(`${guestPaths.home}/`)) return;
  const judged = judgeTarget(target);
  if (judged.ok) return;
  const hint = 'Correct filesystem.session_volume_target in the profile: a folder below /home/agent, /data, or one below /mnt.';
  throw new LassoError('MOUNT_REFUSED', `The volume of the profile cannot be shown: ${judged.reason}`, hint);
}
