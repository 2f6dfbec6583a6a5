/** Introduces the mechanisms to each other: the one place where backends, links, records, images and profiles meet. */
import { createHash } from 'node:crypto';
import { access, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../base/log.ts';
import type { Folders, Host } from '../base/platform.ts';
import type { ProfileSources } from '../profile/sources.ts';
import type { OperationHandlers, OperationHost } from './operations/contract.ts';
import type { World } from './world.ts';
import { chainFiles } from '../audit/form/chain-files.ts';
import { recordStore } from '../audit/writing/store.ts';
import { lockStore } from '../audit/keys/store-lock.ts';
import { openUserKeys } from '../audit/keys/user-keys.ts';
import { openIntents } from '../audit/verifying/verify.ts';
import type { Backend } from '../backends/backend.ts';
import { engineSocketsOf } from '../backends/engine-sockets.ts';
import { backendsOf, hasImages } from '../backends/index.ts';
import type { Network } from '../egress/contract.ts';
import { systemNetwork } from '../egress/system-network.ts';
import { upstreamProxyOf } from '../egress/upstream-proxy.ts';
import { systemClock } from '../base/clock.ts';
import type { Disposable } from '../base/lifetime.ts';
import { systemRandom } from '../base/random.ts';
import { ensureAgentImage, ensureImage, readRecipe } from '../images/index.ts';
import { LassoError } from '../protocol/errors.ts';
import { usualProfile } from './profiles/config.ts';
import { stopSandbox, systemActor } from './lifecycle.ts';
import { machineFacts } from './machine-facts.ts';
import { Approvals } from './gating/approvals.ts';
import { profileWithAgent } from './agents/profile.ts';
import { openAgentStore } from './agents/store.ts';
import { agentOperations } from './operations/agents.ts';
import { agentLaunchOperations } from './operations/agent-launch.ts';
import { approvalOperations } from './operations/approvals.ts';
import { authOperations } from './operations/auth.ts';
import { fileOperations } from './operations/files.ts';
import { guardOperations } from './operations/guard.ts';
import { forwardOperations } from './operations/forwards.ts';
import { learningOperations } from './operations/learning.ts';
import { imageOperations } from './operations/images.ts';
import { machineOperations } from './operations/machine.ts';
import { profileFileOperations } from './operations/profile-files.ts';
import { profileOperations } from './operations/profiles.ts';
import { programOperations } from './operations/programs.ts';
import { recordCheckpointOperations } from './operations/record-checkpoints.ts';
import { recordKeyOperations } from './operations/record-keys.ts';
import { recordReadingOperations } from './operations/record-reading.ts';
import { recordReportOperations } from './operations/record-reports.ts';
import { recordVerifyingOperations } from './operations/record-verifying.ts';
import { removeSandbox, sandboxOperations } from './operations/sandboxes.ts';
import { secretOperations } from './operations/secrets.ts';
import { settingsOperations } from './operations/settings.ts';
import { trustOperations } from './operations/trust.ts';
import { webhookOperations } from './operations/webhooks.ts';
import { whyOperations } from './operations/why.ts';
import { forwardFacts, outboxOf, resumeTelling, tellingReceivers } from './records/outgoing.ts';
import { ProfileStore } from './profiles/store.ts';
import { profileSources, readHostGroups } from './profiles/profiles.ts';
import { readProfile } from './profiles/read-profile.ts';
import { reconcile } from './reconcile.ts';
import { Registry } from './registry.ts';
import { Secrets } from './secrets.ts';
import { Probes } from './selection.ts';
import { Settings } from './profiles/settings.ts';
import { StateFolder } from './state.ts';

export interface CoreOptions {
  readonly host: Host;
  readonly folders: Folders;
  readonly log: Log;
  readonly version: string;
  /** folder of the installed package: profiles, images, guest binaries */
  readonly packageRoot: string;
  /** default: that of this machine */
  readonly network?: Network;
}

export interface ComposedCore extends OperationHost {
  readonly sources: ProfileSources;
  /** the profile sandboxes get when none is named, as the settings say it now */
  readonly usualProfile: () => Promise<string>;
  /** Ends every sandbox in order and closes their records. */
  close(): Promise<void>;
}

/** for receivers of records to be told the last of them; what they are not told yet the next helper tells */
const partingMs = 3_000;
/** between asking sandboxes to end and ending them, when the helper itself must go */
const farewellMs = 3_000;

/** Opens the core: finds every sandbox again first. @throws LassoError when this user's keys or folders are not safe, or another helper writes there */
export async function openCore(options: CoreOptions): Promise<ComposedCore> {
  const lock = await lockStore(options.host, options.folders);
  try {
    return await openLocked(options, lock);
  } catch (error) {
    await lock.dispose();
    throw error;
  }
}

async function openLocked(options: CoreOptions, lock: Disposable): Promise<ComposedCore> {
  const { host, log } = options;
  const world = await makeWorld(options);
  const registry = new Registry(world);
  world.approvals.onEvent = (event) => registry.events.emit(event);
  world.secrets.editors.onQuestion = (question) => registry.events.emit({ type: 'secret-wanted', ...question });
  world.secrets.sandboxes = () => registry.all.map(({ saved }) => saved);
  registry.onIdle = (sandbox) => {
    if (!sandbox.saved.ephemeral || sandbox.saved.state !== 'running') return;
    removeSandbox(world, registry, sandbox, systemActor).catch((error: unknown) =>
      log.error(`removing ${sandbox.id} after its shell`, error),
    );
  };
  tellingReceivers(world, registry);
  // Waiting for engines and guests must not keep clients from being greeted: verbs wait, the helper does not.
  const ready = reconcile(world, registry)
    .then(() => resumeTelling(world, registry))
    .then(
      () => log.info(`core open for ${host.user}: ${registry.all.length} sandboxes known, ${registry.active} active`),
      (error: unknown) => log.error('sandboxes could not be found again', error),
    );
  const operations = afterwards(ready, {
    ...sandboxOperations(world, registry),
    ...programOperations(world, registry),
    ...fileOperations(world, registry),
    ...imageOperations(world),
    ...recordReadingOperations(world, registry),
    ...recordVerifyingOperations(world, registry),
    ...recordCheckpointOperations(world, registry),
    ...recordKeyOperations(world, registry),
    ...recordReportOperations(world, registry, join(options.packageRoot, 'helper', 'audit', 'FORMAT.md')),
    ...machineOperations(world),
    ...profileOperations(world),
    ...profileFileOperations(world),
    ...settingsOperations(world),
    ...whyOperations(world),
    ...guardOperations(world),
    ...trustOperations(world),
    ...agentOperations(world),
    ...agentLaunchOperations(world, registry),
    ...approvalOperations(world, registry),
    ...learningOperations(world, registry),
    ...forwardOperations(registry),
    ...secretOperations(world, registry),
    ...authOperations(world),
    ...webhookOperations(world),
  });
  return {
    operations,
    sources: world.sources,
    usualProfile: async () => (await world.settings.read()).defaults.profile ?? usualProfile,
    busy: () => registry.active,
    unfinished: () => world.outbox.busy,
    onEvent: (listener) => registry.events.on(listener),
    close: async () => {
      await ready;
      await Promise.allSettled(
        registry.all.map((sandbox) => sandbox.exclusive(() => stopSandbox(world, sandbox, { actor: systemActor, graceMs: farewellMs }))),
      );
      await Promise.allSettled(registry.all.map(({ record }) => record.close()));
      await world.outbox.close(partingMs);
      await Promise.allSettled(world.probes.backends.map((backend) => backend.dispose()));
      await lock.dispose();
    },
  };
}

/** The same verbs, each of which first waits. */
function afterwards(ready: Promise<void>, handlers: OperationHandlers): OperationHandlers {
  const waiting = Object.entries(handlers).map(([name, handler]) => [
    name,
    async (params: never, context: never): Promise<unknown> => {
      await ready;
      return (handler as (params: never, context: never) => Promise<unknown>)(params, context);
    },
  ]);
  return Object.fromEntries(waiting) as OperationHandlers;
}

async function makeWorld(options: CoreOptions): Promise<World> {
  const { host, folders, log, packageRoot } = options;
  const builtIns = join(packageRoot, 'profiles');
  const publicGroups = await readHostGroups(builtIns);
  const settings = new Settings(folders, host, publicGroups);
  const own = { idmapProgram: await programIfAny(packageRoot, 'idmap'), portsProgram: await programIfAny(packageRoot, 'ports') };
  const tools = { host, folders, log, ...own };
  const probes = new Probes(backendsOf(tools), systemClock);
  const sources = await profileSources(folders, builtIns, () => settings.mirrors, machineFacts(probes, systemClock));
  await settings.read();
  const userKeys = await openUserKeys(host, folders);
  const guestProgram = guestProgramOf(packageRoot);
  const secrets = new Secrets({
    ...{ host, folders, settings, clock: systemClock, random: systemRandom },
    publicHosts: (group) => (publicGroups[group] ?? []).map((entry) => entry.host),
  });
  const world: Omit<World, 'outbox' | 'agentStore'> = {
    host,
    folders,
    log,
    clock: systemClock,
    approvals: new Approvals(systemClock, systemRandom),
    secrets,
    random: systemRandom,
    version: options.version,
    owner: createHash('sha256').update(`${host.user}\0${folders.home}`).digest('hex').slice(0, 16),
    probes,
    network: options.network ?? systemNetwork,
    upstreamProxy: () => upstreamProxyOf(host.environment),
    closedPlaces: await closedPlaces(folders, engineSocketsOf(tools), host.home),
    state: new StateFolder(folders.state),
    sources,
    settings,
    profiles: new ProfileStore(folders.profiles[0] ?? join(folders.home, 'profiles'), systemClock),
    guestProgram,
    userKeys,
    records: recordStore({
      ...{ host, folders, keys: userKeys, clock: systemClock, version: options.version },
      onTrouble: (id, error) => log.error(`checkpoint of the record of ${id}`, error),
    }),
    openIntents: async (id) => (await openIntents((await chainFiles(folders.audit, id)).map(({ path }) => path))).map(({ seq }) => seq),
    readProfile: async (wish) =>
      profileWithAgent(await readProfile(wish, { sources, folders, settings, version: options.version }), wish.agent, {
        host,
        secrets,
        sources,
      }),
    ensureImage: imageKeeper({ folders, packageRoot, settings, guestProgram }),
  };
  const network = forwardFacts(world);
  const agentStore = await openAgentStore({ host, folders, settings, packageRoot, publicGroups, network });
  return { ...world, agentStore, outbox: outboxOf(folders, network) };
}

/** What no sandbox may be given, every link resolved, as sources of mounts are when they are judged. */
async function closedPlaces(folders: Folders, sockets: readonly string[], home: string): Promise<World['closedPlaces']> {
  const real = async (path: string): Promise<readonly string[]> => {
    const resolved = await realpath(path).catch(() => path);
    return resolved === path ? [path] : [path, resolved];
  };
  const all = async (paths: readonly string[]): Promise<readonly string[]> => (await Promise.all(paths.map(real))).flat();
  const { home: own, state, audit, runtime, cache, profiles } = folders;
  return {
    home: await realpath(home).catch(() => home),
    lassoFolders: await all([own, state, audit, runtime, cache, ...profiles]),
    engineSockets: await all(sockets),
  };
}

interface ImageFacts {
  readonly folders: Folders;
  readonly packageRoot: string;
  readonly settings: Settings;
  readonly guestProgram: string;
}

/** Builds images, one at a time on each engine: whoever comes while one is built waits for it. */
function imageKeeper(facts: ImageFacts): World['ensureImage'] {
  const turns = new Map<string, Promise<unknown>>();
  return async (backend, options) => {
    const turn = (turns.get(backend.name) ?? Promise.resolve()).then(() => keepImage(facts, backend, options));
    turns.set(
      backend.name,
      turn.catch(() => undefined),
    );
    return turn;
  };
}

async function keepImage(
  facts: ImageFacts,
  backend: Backend,
  { force, tell, signal, agent }: Parameters<World['ensureImage']>[1],
): ReturnType<World['ensureImage']> {
  if (!hasImages(backend))
    throw new LassoError(
      'UNSUPPORTED',
      `${backend.name} starts from this machine's own system, not from an image`,
      'Nothing needs to be built.',
    );
  const { settings, guestProgram, packageRoot, folders } = facts;
  const environment = (await settings.sound()).imageEnvironment;
  const recipe = await readRecipe({ imagesFolder: join(packageRoot, 'images'), guestProgram, environment });
  const onProgress = (line: string): void => tell({ message: `Building the image for ${backend.name}`, detail: line });
  const request = { engine: backend.images, recipe, force, cacheFolder: folders.cache, environment, onProgress, signal };
  return agent === undefined ? ensureImage(request) : ensureAgentImage(request, agent);
}

function guestProgramOf(packageRoot: string): string {
  return join(packageRoot, 'dist', 'guest', `guest-linux-${process.arch === 'arm64' ? 'arm64' : 'x64'}`);
}

/** A static program of ours for this machine; packages for other systems do not hold it. */
async function programIfAny(packageRoot: string, name: string): Promise<string | undefined> {
  const file = join(packageRoot, 'dist', name, `${name}-linux-${process.arch === 'arm64' ? 'arm64' : 'x64'}`);
  return access(file).then(
    () => file,
    () => undefined,
  );
}
