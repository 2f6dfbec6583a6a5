/**
 * What is particular to Podman: it is a program more than a daemon, so where no service listens one of our own is started, with the
 * runtime that works here; and another runtime (gVisor, Kata) is another service over the same images.
 */
import nodePath from 'node:path';
import { LassoError } from '../protocol/errors.ts';
import type { Isolation } from '../protocol/sandbox.ts';
import { runChild } from '../base/child.ts';
import { findProgram } from '../base/program.ts';
import type { IsolationSupport } from './backend.ts';
import { connectTo, type Connection } from './connection.ts';
import { endpointFacts, firstAnswering, refuse } from './discovery.ts';
import { dockerEndpoints, podmanEndpoints } from './endpoints.ts';
import {
  gvisorUnlimited,
  isRemote,
  missingLimits,
  type Connections,
  type EngineKind,
  type EngineOptions,
  type Found,
} from './engine-kind.ts';
import { wordsOf } from './engine-failure.ts';
import { endLeftServices } from './left-services.ts';
import { PodmanService, writeRuntimeWrapper } from './podman-service.ts';

export const podman: EngineKind = {
  name: 'podman',
  title: 'Podman',
  connections: (options) => new PodmanConnections(options),
  isolations: (_info, options, remote) => [
    { level: 'container', available: true, runtime: 'default' },
    ...(['gvisor', 'kata'] as const).map((level): IsolationSupport => {
      const program = find(options, runtimePrograms[level]);
      if (remote) return { level, available: false, reason: 'Podman runs in a virtual machine, where LASSO cannot name a runtime.' };
      if (find(options, 'podman') === undefined)
        return { level, available: false, reason: 'There is no podman program to name a runtime to.' };
      if (program === undefined) return { level, available: false, reason: `There is no ${runtimePrograms[level]} on this machine.` };
      return { level, available: true, runtime: program, links: ['stdio'], ...(level === 'gvisor' ? { missing: gvisorUnlimited } : {}) };
    }),
  ],
  // The runtime belongs to the service, not to the container.
  runtimeFor: () => undefined,
  missing: (info) => [
    ...missingLimits('Podman', info),
    ...(info.seccomp ? [] : [{ control: 'system-calls' as const, reason: 'Podman runs without seccomp here.' }]),
  ],
  // Otherwise Podman waits ten seconds for pid 1 to go by itself.
  removeQuery: { timeout: 0 },
};

const runtimePrograms = { gvisor: 'runsc', kata: 'kata-runtime' } as const;
const shortMs = 20_000;

const find = (options: EngineOptions, name: string): string | undefined =>
  findProgram(name, options.host.environment['PATH'], options.host.platform);

class PodmanConnections implements Connections {
  readonly #options: EngineOptions;
  readonly #connections = new Map<Isolation, Promise<Connection>>();
  readonly #services = new Map<Isolation, PodmanService>();

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  async look(signal?: AbortSignal): Promise<Found> {
    const running = this.#services.get('container');
    if (running?.alive === true) return this.#own('container', []);
    const facts = endpointFacts(this.#options);
    const endpoints = [...podmanEndpoints(facts), ...dockerEndpoints(facts)];
    const found = await firstAnswering(endpoints, (info) => info.podman, 'Podman', signal);
    if ('connection' in found) {
      this.#connections.set('container', Promise.resolve(found.connection));
      return found;
    }
    const named = (this.#options.host.environment['CONTAINER_HOST'] ?? '') !== '';
    const program = find(this.#options, 'podman');
    if (named || program === undefined || this.#options.host.platform !== 'linux') {
      return found.failure === 'absent' && !named
        ? {
            ...found,
            reason: 'Podman is not installed here, or its machine is not running.',
            hint: 'Install Podman, or run `podman machine start`.',
          }
        : found;
    }
    return this.#startOwn(program);
  }

  async for(isolation: Isolation, signal?: AbortSignal): Promise<Connection> {
    const known = this.#connections.get(isolation) ?? (isolation === 'container' ? this.#first(signal) : this.#other(isolation));
    this.#connections.set(isolation, known);
    known.catch(() => this.#connections.delete(isolation));
    return known;
  }

  forget(): void {
    this.#connections.clear();
  }

  async dispose(): Promise<void> {
    this.forget();
    await Promise.all([...this.#services.values()].map((service) => service.dispose()));
    this.#services.clear();
    await endLeftServices(this.#folder);
  }

  get #folder(): string {
    return nodePath.join(this.#options.runtimeFolder, 'podman');
  }

  async #first(signal?: AbortSignal): Promise<Connection> {
    const found = await this.look(signal);
    return 'connection' in found ? found.connection : refuse('Podman', found);
  }

  /** A service of our own; where the default runtime refuses this machine's control groups, with one that does not. */
  async #startOwn(program: string): Promise<Found> {
    const notices: string[] = [];
    const options: string[] = [];
    const info = await runChild(program, ['info', '--format', 'json'], { timeoutMs: shortMs, environment: this.#options.host.environment });
    const runc = find(this.#options, 'runc');
    if (await this.#defaultRuntimeFails(info.code === 0 ? info.stdout : '')) {
      if (runc === undefined) {
        const hint = 'Install runc, or boot with the unified control groups (systemd.unified_cgroup_hierarchy=1).';
        return { failure: 'broken', reason: 'Podman’s runtime crun refuses this machine’s hybrid control groups.', hint };
      }
      options.push('--runtime', runc);
      notices.push('Podman uses runc, because crun refuses this machine’s hybrid control groups.');
    }
    try {
      await this.#serve('container', program, options);
      return await this.#own('container', notices);
    } catch (error) {
      return { failure: 'broken', reason: `Podman’s service could not be started: ${wordsOf(error)}`, hint: 'Try `podman info`.' };
    }
  }

  /** crun cannot use a v1 hierarchy that has an empty unified one beside it. */
  async #defaultRuntimeFails(info: string): Promise<boolean> {
    if (info === '') return true;
    if (/"name": "crun"/.test(info) && /"cgroupVersion": "v1"/.test(info)) return true;
    return Promise.resolve(false);
  }

  /** The service for another runtime, beside whichever service runs containers. */
  async #other(isolation: 'gvisor' | 'kata'): Promise<Connection> {
    const program = find(this.#options, 'podman');
    const runtime = find(this.#options, runtimePrograms[isolation]);
    const absent = (why: string): LassoError =>
      new LassoError(
        'ISOLATION_ABSENT',
        `${isolation} is not available with Podman: ${why}`,
        'Install its runtime, or choose another isolation.',
      );
    if (program === undefined || runtime === undefined) throw absent('its runtime is not installed.');
    const first = await this.for('container');
    if (isRemote(first, this.#options)) throw absent('Podman runs in a virtual machine.');
    const wrapper = writeRuntimeWrapper(
      this.#folder,
      runtimePrograms[isolation],
      runtime,
      isolation === 'gvisor' ? ['--network=none', '--ignore-cgroups', `--platform=${await this.#platform(runtime)}`] : [],
    );
    await this.#serve(isolation, program, ['--runtime', wrapper]);
    const found = await this.#own(isolation, []);
    if (!('connection' in found)) throw absent(found.reason);
    if (found.connection.info.storage === first.info.storage) return found.connection;
    throw absent('the podman program and the Podman service keep their images in different places.');
  }

  /** systrap where this gVisor has it; ptrace works everywhere. */
  async #platform(runtime: string): Promise<string> {
    const { stdout } = await runChild(runtime, ['flags'], { timeoutMs: shortMs, environment: this.#options.host.environment });
    return /systrap/.test(stdout) ? 'systrap' : 'ptrace';
  }

  async #serve(isolation: Isolation, program: string, options: readonly string[]): Promise<void> {
    await this.#services.get(isolation)?.dispose();
    const folder = this.#folder;
    const { environment } = this.#options.host;
    this.#services.set(isolation, await PodmanService.start({ program, arguments: options, folder, name: isolation, environment }));
  }

  async #own(isolation: Isolation, notices: readonly string[]): Promise<Found> {
    const service = this.#services.get(isolation);
    if (service?.alive !== true) return { failure: 'broken', reason: 'Podman’s service ended.', hint: 'Try `podman info`.' };
    const connection = await connectTo({ kind: 'socket', path: service.socket, source: 'a service of LASSO’s own' });
    this.#connections.set(isolation, Promise.resolve(connection));
    return { connection, notices };
  }
}
