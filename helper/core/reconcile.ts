/**
 * What a helper does first: finds every sandbox again from the state folder and the engines, takes back those that can
 * still be governed, ends the others, clears up orphans, and writes each of these down.
 */
import { readdir } from 'node:fs/promises';
import type { Backend, FoundSandbox, Probe } from '../backends/backend.ts';
import type { Registry } from './registry.ts';
import type { Sandbox } from './sandbox.ts';
import type { World } from './world.ts';
import { describe } from '../base/log.ts';
import { writeManaged } from './agents/managed.ts';
import { provisionOf } from './agents/provision.ts';
import { wishOf } from './creation.ts';
import { fileGateOf } from './files/closing.ts';
import { keptCover } from './files/kept.ts';
import { watchHidden } from './files/replaced.ts';
import { networkOf } from './network/connecting.ts';
import { systemActor, watch } from './lifecycle.ts';
import { gateOf, requireGate } from './gating/gating.ts';
import { guardOf } from './gating/guarding.ts';
import { greet, prepareLink, type LinkPreparation } from './linking.ts';
import { liveOf, type SandboxNetwork } from './live.ts';
import { ProfileInForce } from './profile-in-force.ts';
import { usualRecord } from './records/options.ts';
import { removeFolders, sandboxFolders } from './sandbox-folders.ts';
import { environmentOf, makeFolders, specOf } from './spec.ts';

export async function reconcile(world: World, registry: Registry): Promise<void> {
  const { sandboxes, broken } = await world.state.load();
  for (const file of broken) world.log.error(`state file could not be read and was set aside: ${file}.broken`);
  const lost: Sandbox[] = [];
  let unrecorded = false;
  for (const saved of sandboxes) {
    try {
      const sandbox = registry.add(saved, await world.records.open(saved.id, saved.record ?? usualRecord));
      if (saved.state !== 'stopped') lost.push(sandbox);
    } catch (error) {
      // Its record cannot be continued, so it cannot be governed: it is ended below, as an orphan.
      world.log.error(`record of ${saved.id} cannot be continued`, error);
      await world.state.forget(saved.id);
      unrecorded = true;
    }
  }
  const leftovers = lost.length > 0 || unrecorded || (await runtimeIds(world)).length > 0;
  // A helper that left in order leaves nothing: then engines need not be asked, and starting is quick.
  if (!leftovers) return;
  await Promise.all(world.probes.backends.map((backend) => reconcileBackend(world, backend, lost, new Set(lost.map(({ id }) => id)))));
  for (const id of await runtimeIds(world)) {
    if (!registry.all.some((sandbox) => sandbox.id === id && sandbox.live)) await removeFolders(world, id);
  }
}

async function reconcileBackend(world: World, backend: Backend, lost: readonly Sandbox[], known: ReadonlySet<string>): Promise<void> {
  const mine = lost.filter(({ saved }) => saved.backend === backend.name);
  const probe = await world.probes.of(backend);
  const found = probe.available ? await findAll(world, backend) : undefined;
  // All at once: a guest waits only so long, and one that does not answer must not cost the others their lives.
  await Promise.all(mine.map((sandbox) => reconcileSandbox(world, backend, probe, sandbox, found)));
  for (const orphan of found ?? []) {
    if (!known.has(orphan.id)) await endOrphan(world, backend, orphan);
  }
}

async function reconcileSandbox(
  world: World,
  backend: Backend,
  probe: Probe,
  sandbox: Sandbox,
  found: readonly FoundSandbox[] | undefined,
): Promise<void> {
  const wasRunning = sandbox.saved.state === 'running' || sandbox.saved.state === 'suspended';
  await noteGap(world, sandbox);
  if (!found) {
    await sandbox.enter('failed', {
      reason: `${backend.name} could not be reached to look for it; its guest ends by itself without a helper.`,
    });
    return;
  }
  const there = found.find(({ id }) => id === sandbox.id);
  const governable = there?.running === true && wasRunning && probe.survives && sandbox.saved.link === 'socket';
  const adopted = governable ? await adopt(world, backend, sandbox, there) : 'it did not outlive the helper';
  if (adopted !== true) await endUngoverned(world, backend, sandbox, there, adopted);
}

async function findAll(world: World, backend: Backend): Promise<readonly FoundSandbox[] | undefined> {
  try {
    return await backend.find(world.owner);
  } catch (error) {
    world.log.error(`looking for sandboxes on ${backend.name}`, error);
    return undefined;
  }
}

/** True when it is governed again; else why not. */
async function adopt(world: World, backend: Backend, sandbox: Sandbox, found: FoundSandbox): Promise<true | string> {
  // Its guest holds everything still until it is answered.
  await sandbox.enter('suspended');
  let preparation: LinkPreparation | undefined;
  let network: SandboxNetwork | undefined;
  try {
    const profile = await world.readProfile(wishOf(sandbox.saved));
    const inForce = new ProfileInForce(profile);
    network = await networkOf(world, sandbox, inForce);
    const { link: folder, root } = await makeFolders(world, sandbox.saved, network?.authorities ?? []);
    const [gate, guard] = [gateOf(world, sandbox, inForce), guardOf(world, sandbox, inForce)];
    const cover = await keptCover(root);
    const files = fileGateOf(world, sandbox, inForce, cover);
    preparation = await prepareLink(world, sandbox, folder, { gate, guard, files, network: network?.gate });
    if (profile.digest !== sandbox.saved.profileDigest) throw new Error('its profile has changed since it was started');
    const spec = specOf(world, sandbox.saved, profile.policy, [], {
      ...provisionOf(world, sandbox.saved, profile),
      overlays: cover.overlays,
    });
    await writeManaged(world, sandbox.saved, profile.policy);
    const running = await backend.adopt(found, spec);
    if (!running) throw new Error('it ended while the helper was away');
    const link = await greet(world, sandbox, preparation, running, new AbortController().signal);
    requireGate(profile.policy, link, backend.name);
    const live = liveOf({ running, link, profile: inForce, network, files }, (policy) => environmentOf(sandbox.saved, policy));
    sandbox.live = live;
    await sandbox.record.append({
      type: 'lifecycle',
      action: 'adopted',
      outcome: 'success',
      actor: systemActor,
      detail: {
        ...{ lasso: world.version, backend: backend.name, engineId: running.engineId, gated: link.gated, programs: link.resumed.length },
        ...{ profile: profile.name, profileDigest: profile.digest, mode: sandbox.saved.mode ?? profile.policy.mode },
      },
    });
    await sandbox.enter('running');
    for (const process of link.resumed) await sandbox.resumeTerminal(process, systemActor);
    watch(world, sandbox, live);
    watchHidden(sandbox, live, cover.overlays, world.log);
    return true;
  } catch (error) {
    sandbox.live = undefined;
    await preparation?.dispose();
    network?.dispose();
    world.log.error(`${sandbox.id} could not be adopted`, error);
    return error instanceof Error ? error.message : describe(error);
  }
}

async function endUngoverned(
  world: World,
  backend: Backend,
  sandbox: Sandbox,
  found: FoundSandbox | undefined,
  why: string,
): Promise<void> {
  const { scratch } = sandboxFolders(world, sandbox.id);
  try {
    await backend.discard(found ?? { id: sandbox.id, engineId: sandbox.saved.engineId ?? '', running: false }, scratch);
  } catch (error) {
    world.log.error(`discarding ${sandbox.id}`, error);
    await sandbox.enter('failed', { reason: `The helper was lost, and ${backend.name} did not remove the sandbox.` });
    return;
  }
  const reason = `The helper was lost: ${why}.`;
  await sandbox.note({ type: 'lifecycle', action: 'ended', outcome: 'unknown', actor: systemActor, detail: { reason } });
  await sandbox.enter('stopped', { reason, endedAt: world.clock.now().toISOString() });
}

async function endOrphan(world: World, backend: Backend, orphan: FoundSandbox): Promise<void> {
  world.log.warn(`orphan ${orphan.id} on ${backend.name} removed`);
  try {
    const record = await world.records.open(orphan.id, usualRecord);
    await record.append({
      type: 'lifecycle',
      action: 'orphan-removed',
      outcome: 'success',
      actor: systemActor,
      detail: { backend: backend.name, engineId: orphan.engineId },
    });
    await record.close();
  } catch (error) {
    world.log.error(`record of orphan ${orphan.id}`, error);
  }
  await backend
    .discard(orphan, sandboxFolders(world, orphan.id).scratch)
    .catch((error: unknown) => world.log.error(`discarding orphan ${orphan.id}`, error));
}

/** Says that nobody watched for a while, and finishes every intent whose outcome nobody saw. */
async function noteGap(world: World, sandbox: Sandbox): Promise<void> {
  const open = await world.openIntents(sandbox.id);
  await sandbox.note({
    type: 'gap',
    action: 'helper-lost',
    outcome: 'unknown',
    actor: systemActor,
    detail: { lasso: world.version, state: sandbox.saved.state, unfinished: open.length },
  });
  for (const intent of open) await sandbox.note({ type: 'gap', action: 'unknown-outcome', outcome: 'unknown', actor: systemActor }, intent);
}

/** Ids that still have a folder among the runtime things. */
async function runtimeIds(world: World): Promise<readonly string[]> {
  const names = await readdir(world.folders.runtime).catch(() => []);
  return names.filter((name) => /^[0-9a-f]{12}$/.test(name));
}
