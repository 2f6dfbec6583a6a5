/**
 * One backend over the Docker API, for Docker and Podman alike: starts a sandbox's container, follows it to its end and removes all
 * of it. It decides nothing and runs nothing inside.
 */
import type Docker from 'dockerode';
import { LassoError } from '../protocol/errors.ts';
import type { Isolation } from '../protocol/sandbox.ts';
import { attachedStdio } from './attach.ts';
import type { Backend, FoundSandbox, Probe, RunningSandbox, SandboxEnd, SandboxSpec } from './backend.ts';
import type { Connection } from './connection.ts';
import { containerEnd } from './container-end.ts';
import { removeContainer } from './container-removal.ts';
import { engineFailure, isUnreachable, statusOf, wordsOf } from './engine-failure.ts';
import { isRemote, type Connections, type EngineKind, type EngineOptions } from './engine-kind.ts';
import { attachStream, somethingHappened } from './hijack.ts';
import { imagesOf, type EngineImages } from './engine-images.ts';
import { watchOutside } from './engine-outside.ts';
import { engineProbe } from './engine-probe.ts';
import { memoryKillsOf, startsRefusedIn } from './memory-kills.ts';
import { containerName, containerOf, labelNames, userMounts } from './spec.ts';
import { dropViews, makeViews } from './views.ts';

/** a backend that starts sandboxes from images */
export interface EngineBackend extends Backend {
  readonly images: EngineImages;
}

interface Running {
  readonly stdio: RunningSandbox['stdio'];
  readonly words: () => string;
  readonly remote: boolean;
  /** what somebody had the engine start in it before, by the engine’s names */
  readonly started: readonly string[];
}

const lookMs = 30_000;
const eventsRetryMs = 1000;

export class Engine implements EngineBackend {
  readonly name;
  readonly images: EngineImages;
  readonly #kind: EngineKind;
  readonly #options: EngineOptions;
  readonly #connections: Connections;
  readonly #over = new AbortController();

  constructor(kind: EngineKind, options: EngineOptions) {
    this.name = kind.name;
    this.#kind = kind;
    this.#options = options;
    this.#connections = kind.connections(options);
    this.images = imagesOf(kind.title, (signal) => this.#connections.for('container', signal));
  }

  async probe(signal?: AbortSignal): Promise<Probe> {
    return engineProbe(this.#kind, await this.#connections.look(signal), this.#options);
  }

  async start(spec: SandboxSpec, signal?: AbortSignal): Promise<RunningSandbox> {
    const connection = await this.#connected(spec.isolation, signal);
    const remote = isRemote(connection, this.#options);
    const { info, docker } = connection;
    try {
      const views = await makeViews(spec, this.#options.tools, !remote && !info.rootless);
      const body = containerOf(spec, {
        engine: this.#kind.name,
        rootless: info.rootless,
        runtime: this.#kind.runtimeFor(spec.isolation, info),
        hardLimits: this.#options.hardLimits,
        selinux: info.selinux,
        views,
      });
      refuseMisreadTargets(spec);
      const container = await docker.createContainer(signal === undefined ? body : { ...body, abortSignal: signal });
      const carry = spec.link.kind === 'stdio';
      const raw = await attachStream(connection, container.id, carry);
      const attached = attachedStdio(raw, carry);
      await container.start(signal === undefined ? {} : { abortSignal: signal });
      return this.#running(container.id, spec, {
        stdio: carry ? attached.stdio : null,
        words: () => attached.words(),
        remote,
        started: [],
      });
    } catch (error) {
      await this.#undo(containerName(spec), spec, connection);
      if (isUnreachable(error)) this.#connections.forget();
      throw engineFailure(this.#kind.title, 'starting the sandbox', error);
    }
  }

  async find(owner: string): Promise<readonly FoundSandbox[]> {
    const { docker } = await this.#connected('container');
    const filters = { label: [`${labelNames.managed}=1`, `${labelNames.owner}=${owner}`] };
    const containers = await docker.listContainers({ all: true, filters }).catch((error: unknown) => {
      this.#connections.forget();
      throw engineFailure(this.#kind.title, 'listing containers', error);
    });
    return containers.flatMap(({ Id, Labels, State }) => {
      const id = Labels[labelNames.id];
      return id === undefined ? [] : [{ id, engineId: Id, running: State === 'running' || State === 'paused' }];
    });
  }

  async adopt(found: FoundSandbox, spec: SandboxSpec): Promise<RunningSandbox | null> {
    const connection = await this.#connected(spec.isolation);
    try {
      const details = await connection.docker.getContainer(found.engineId).inspect();
      if (!details.State.Running || details.Config.Labels[labelNames.owner] !== spec.owner) return null;
      return this.#running(details.Id, spec, {
        stdio: null,
        words: () => '',
        remote: isRemote(connection, this.#options),
        started: details.ExecIDs ?? [],
      });
    } catch (error) {
      if (statusOf(error) === 404) return null;
      throw engineFailure(this.#kind.title, 'taking over the sandbox', error);
    }
  }

  async discard(found: FoundSandbox, scratch: string): Promise<void> {
    const container = found.engineId === '' ? containerName(found) : found.engineId;
    await this.#remove(container, await this.#isolationOf(container), scratch);
  }

  async dispose(): Promise<void> {
    this.#over.abort();
    await this.#connections.dispose();
  }

  async #connected(isolation: Isolation, signal?: AbortSignal): Promise<Connection> {
    return this.#connections.for(isolation, signal).catch((error: unknown) => {
      throw engineFailure(this.#kind.title, 'connecting', error);
    });
  }

  #running(engineId: string, spec: SandboxSpec, { stdio, words, remote, started: known }: Running): RunningSandbox {
    const watch = {
      engine: this.#kind.title,
      container: () => this.#container(engineId, spec.isolation),
      wait: async (signal: AbortSignal) => somethingHappened(await this.#connections.for(spec.isolation), engineId, signal),
      patienceMs: this.#options.lossMs,
      lookMs,
      words,
    };
    const ended: Promise<SandboxEnd> = containerEnd(watch, this.#over.signal).then((end) => {
      stdio?.destroy();
      return end;
    });
    let pid: Promise<number> | undefined;
    const pidOne = async (): Promise<number> => {
      // gVisor keeps its own account of what it uses, which the kernel's control groups do not show.
      if (remote || spec.isolation !== 'container') return 0;
      pid ??= this.#container(engineId, spec.isolation).then(async (container) => (await container.inspect()).State.Pid);
      return await pid.catch(() => 0);
    };
    let removed: Promise<void> | undefined;
    const over = new AbortController();
    void ended.then(() => over.abort());
    const since = Math.floor(Date.now() / 1000);
    return {
      engineId,
      stdio,
      ended,
      onOutsideStart: (told) => {
        const docker = async (): Promise<Docker> => (await this.#connections.for(spec.isolation)).docker;
        const failed = (error: unknown): void =>
          this.#options.log.warn(`${this.#kind.title} tells of no programs it starts in ${spec.id}: ${wordsOf(error)}`);
        void watchOutside(
          { container: engineId, docker, since, known, retryMs: eventsRetryMs, told, failed },
          AbortSignal.any([over.signal, this.#over.signal]),
        );
      },
      memoryKills: async () => memoryKillsOf(await pidOne()),
      startsRefused: async () => startsRefusedIn(await pidOne()),
      remove: () => {
        removed ??= this.#remove(engineId, spec.isolation, spec.scratch).catch((error: unknown) => {
          removed = undefined;
          throw error;
        });
        return removed;
      },
    };
  }

  /** The container on a connection that answers; a lost connection is made anew. */
  async #container(engineId: string, isolation: Isolation): Promise<Docker.Container> {
    const connection = await this.#connections.for(isolation);
    try {
      await connection.docker.ping();
    } catch (error) {
      this.#connections.forget();
      throw error;
    }
    return connection.docker.getContainer(engineId);
  }

  async #remove(engineId: string, isolation: Isolation, scratch: string): Promise<void> {
    try {
      await removeContainer(() => this.#container(engineId, isolation), this.#kind.removeQuery, this.#options.lossMs);
    } catch (error) {
      throw engineFailure(this.#kind.title, 'removing the sandbox', error);
    } finally {
      await dropViews(scratch, this.#options.tools);
    }
  }

  /** After a failed start nothing stays; what cannot be removed is found by its labels at the next start. */
  async #undo(name: string, spec: SandboxSpec, connection: Connection): Promise<void> {
    const container = (): Promise<Docker.Container> => Promise.resolve(connection.docker.getContainer(name));
    await removeContainer(container, this.#kind.removeQuery, 0).catch((error: unknown) =>
      this.#options.log.error(`removing ${name} after a failed start`, error),
    );
    await dropViews(spec.scratch, this.#options.tools);
  }

  async #isolationOf(container: string): Promise<Isolation> {
    try {
      const { docker } = await this.#connections.for('container');
      const level = (await docker.getContainer(container).inspect()).Config.Labels[labelNames.isolation];
      return level === 'gvisor' || level === 'kata' ? level : 'container';
    } catch {
      return 'container';
    }
  }
}

/** A target with a separator of some engine's mount syntax could say more than a path. */
function refuseMisreadTargets(spec: SandboxSpec): void {
  const misread = /[,"'\\:\n]/;
  const covered = spec.overlays.filter(({ path }) => misread.test(path)).map(({ path }) => JSON.stringify(path));
  if (covered.length > 0) {
    throw new LassoError(
      'CANNOT_ENFORCE',
      `Files that are hidden or closed have names that an engine’s mounts cannot hold: ${covered.slice(0, 5).join(', ')}`,
      'Rename them or the folders they lie in, or use --backend bubblewrap, which takes any name.',
      { details: covered.slice(0, 100) },
    );
  }
  const odd = userMounts(spec).find(({ target }) => misread.test(target));
  if (odd === undefined) return;
  throw new LassoError(
    'MOUNT_REFUSED',
    `The mount target ${JSON.stringify(odd.target)} cannot be used.`,
    'Use letters, digits, - _ . and /.',
  );
}
