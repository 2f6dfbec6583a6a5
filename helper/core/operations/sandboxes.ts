/** Verbs that make, find, stop and remove sandboxes. */
import type { OperationContext, OperationHandlers } from './contract.ts';
import type { Registry } from '../registry.ts';
import type { Sandbox } from '../sandbox.ts';
import type { Tell, World } from '../world.ts';
import type { Backend } from '../../backends/backend.ts';
import type { Actor } from '../../protocol/record.ts';
import { LassoError } from '../../protocol/errors.ts';
import { judgeAgain, nameFor, planSandbox, resolveWorkspace, wishOf, type CreationParams } from '../creation.ts';
import { startSandbox, stopSandbox } from '../lifecycle.ts';
import { usualRecord } from '../records/options.ts';
import { selectBackend } from '../selection.ts';
import { sandboxFolders } from '../sandbox-folders.ts';

type Verbs = 'create' | 'hold' | 'up' | 'down' | 'start' | 'status' | 'stop' | 'remove';

const downGraceMs = 3_000;

export function sandboxOperations(world: World, registry: Registry): Pick<OperationHandlers, Verbs> {
  return {
    create: async (params, context) => (await create(world, registry, params, context)).info,
    hold: async ({ sandbox: reference }, { actor, signal }) => {
      const sandbox = registry.resolve(reference);
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        else signal.addEventListener('abort', () => resolve(), { once: true });
      });
      if (registry.all.includes(sandbox)) await removeSandbox(world, registry, sandbox, actor);
      return {};
    },
    up: async (params, context) => {
      const workspace = await resolveWorkspace(world, params.dir);
      const existing = registry.ofWorkspace(workspace).find((sandbox) => sandbox.saved.state === 'running' && matches(sandbox, params));
      if (existing) return { sandbox: existing.info, created: false };
      const sandbox = await create(world, registry, { ...params, ephemeral: false }, context);
      return { sandbox: sandbox.info, created: true };
    },
    down: async ({ dir }, context) => {
      const workspace = await resolveWorkspace(world, dir);
      return { removed: await removeAll(world, registry, registry.ofWorkspace(workspace), context.actor, false) };
    },
    start: async ({ sandbox: reference }, context) => {
      const sandbox = registry.resolve(reference);
      await sandbox.exclusive(() => restart(world, sandbox, context));
      return sandbox.info;
    },
    status: async ({ sandbox }) => ({
      sandboxes: (sandbox === undefined ? registry.all : [registry.resolve(sandbox)]).map(({ info }) => info),
    }),
    stop: async ({ sandbox, graceSeconds }, context) => {
      const chosen = registry.resolveMany(sandbox).filter((one) => one.live);
      await settleAll(
        chosen.map((one) => one.exclusive(() => stopSandbox(world, one, { actor: context.actor, graceMs: graceSeconds * 1000 }))),
      );
      return { stopped: chosen.map(({ id }) => id) };
    },
    remove: async ({ sandbox, force }, context) => ({
      removed: await removeAll(world, registry, registry.resolveMany(sandbox), context.actor, force),
    }),
  };
}

async function create(world: World, registry: Registry, params: CreationParams, context: OperationContext): Promise<Sandbox> {
  const plan = await planSandbox(world, params);
  // Nothing may wait between choosing a name and keeping it.
  const name = nameFor(plan.saved.name, plan.saved.workspace, registry.names);
  const release = registry.reserve(name);
  try {
    const sandbox = registry.add({ ...plan.saved, name }, await world.records.open(plan.saved.id, plan.saved.record ?? usualRecord));
    try {
      await sandbox.exclusive(() =>
        startSandbox(world, sandbox, plan.profile, plan.selection, {
          actor: context.actor,
          tell: teller(context),
          signal: context.signal,
        }),
      );
    } catch (error) {
      // It never ran, so there is nothing to come back to; its record stays.
      await registry.forget(sandbox);
      throw error;
    }
    return sandbox;
  } finally {
    release();
  }
}

async function restart(world: World, sandbox: Sandbox, context: OperationContext): Promise<void> {
  if (sandbox.live) return;
  const { saved } = sandbox;
  await judgeAgain(world, saved);
  const profile = await world.readProfile(wishOf(saved));
  const selection = await selectBackend(world.probes, {
    backend: saved.backend,
    isolation: saved.isolation,
    link: saved.wantedLink,
    enforcement: profile.policy.enforcement,
  });
  await startSandbox(world, sandbox, profile, selection, { actor: context.actor, tell: teller(context), signal: context.signal });
}

/** Ends one for good: out of the engine, off the list. Its record stays. */
export async function removeSandbox(world: World, registry: Registry, sandbox: Sandbox, actor: Actor, force = false): Promise<void> {
  await sandbox.exclusive(async () => {
    await stopSandbox(world, sandbox, { actor, graceMs: downGraceMs });
    if (sandbox.saved.state === 'failed') {
      await discardLeftovers(world, sandbox).catch((error: unknown) => {
        if (!force) throw error;
        world.log.error(`forgotten although something of it may be left: ${sandbox.id}`, error);
      });
    }
    await sandbox.note({ type: 'lifecycle', action: 'remove', outcome: 'success', actor, detail: { forced: force } });
    await registry.forget(sandbox);
  });
}

async function discardLeftovers(world: World, sandbox: Sandbox): Promise<void> {
  const backend = backendOf(world, sandbox);
  const { scratch } = sandboxFolders(world, sandbox.id);
  const probe = await world.probes.of(backend, true);
  if (!probe.available) {
    throw new LassoError(
      'ENGINE_LOST',
      `${backend.name} cannot be reached, so it cannot be told whether ${sandbox.saved.name} is gone`,
      `Start ${backend.name} and remove it again, or forget it with \`lasso rm --force ${sandbox.saved.name}\`.`,
    );
  }
  await backend.discard({ id: sandbox.id, engineId: sandbox.saved.engineId ?? '', running: false }, scratch);
}

function backendOf(world: World, sandbox: Sandbox): Backend {
  const backend = world.probes.backends.find(({ name }) => name === sandbox.saved.backend);
  if (!backend)
    throw new LassoError('NO_ENGINE', `This build has no backend ${sandbox.saved.backend}`, 'Install the whole of LASSO again.');
  return backend;
}

async function removeAll(world: World, registry: Registry, chosen: readonly Sandbox[], actor: Actor, force: boolean): Promise<string[]> {
  await settleAll(chosen.map((sandbox) => removeSandbox(world, registry, sandbox, actor, force)));
  return chosen.map(({ id }) => id);
}

/** Waits for all, then throws the first failure: one that cannot be stopped does not keep the others running. */
async function settleAll(work: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

const teller =
  (context: OperationContext): Tell =>
  (progress) =>
    context.emit(progress);

/** Whether a running sandbox is what `up` asks for. */
function matches({ saved }: Sandbox, params: Omit<CreationParams, 'ephemeral'>): boolean {
  return (
    !saved.ephemeral &&
    (params.profile === undefined || params.profile === saved.profile) &&
    params.ignoreWorkspaceProfile === saved.ignoreWorkspaceProfile &&
    (params.name === undefined || params.name === saved.name) &&
    (params.agent === undefined || params.agent === saved.agent) &&
    (params.backend === undefined || params.backend === saved.backend) &&
    (params.isolation === undefined || params.isolation === saved.isolation) &&
    params.mount.length === 0 &&
    params.env.length === 0
  );
}
