/** What is particular to Docker: where it listens, its runtimes, and what it cannot do rootless. */
import type { Isolation } from '../protocol/sandbox.ts';
import type { IsolationSupport } from './backend.ts';
import type { Connection, EngineInfo } from './connection.ts';
import { endpointFacts, firstAnswering, refuse } from './discovery.ts';
import { dockerEndpoints } from './endpoints.ts';
import { gvisorUnlimited, missingLimits, type Connections, type EngineKind, type EngineOptions, type Found } from './engine-kind.ts';

export const docker: EngineKind = {
  name: 'docker',
  title: 'Docker',
  connections: (options) => new DockerConnections(options),
  isolations: (info) => [
    { level: 'container', available: true, runtime: 'default' },
    ...(['gvisor', 'kata'] as const).map((level): IsolationSupport => {
      const runtime = runtimeFor(level, info);
      if (runtime === undefined) return { level, available: false, reason: absentRuntime[level] };
      if (level === 'kata') return { level, available: true, runtime, links: ['stdio'] };
      const unlimited = info.runtimeArguments.get(runtime)?.includes('--ignore-cgroups') === true;
      return { level, available: true, runtime, links: ['stdio'], missing: unlimited ? gvisorUnlimited : [] };
    }),
  ],
  runtimeFor,
  missing: (info) => [
    ...missingLimits('Docker', info),
    ...(info.rootless
      ? [{ control: 'ownership' as const, reason: 'Rootless Docker gives files of the agent to a subordinate user id of this user.' }]
      : []),
    ...(info.userNamespaces ? [{ control: 'ownership' as const, reason: 'Docker remaps user ids (userns-remap).' }] : []),
    ...(info.seccomp ? [] : [{ control: 'system-calls' as const, reason: 'Docker runs without seccomp here.' }]),
  ],
  removeQuery: {},
};

const absentRuntime = {
  gvisor: 'Docker has no runtime named runsc. Install gVisor and register it (`runsc install`).',
  kata: 'Docker has no Kata runtime. Install Kata Containers and register io.containerd.kata.v2.',
} as const;

function runtimeFor(isolation: Isolation, info: EngineInfo): string | undefined {
  switch (isolation) {
    case 'container':
      return undefined;
    case 'gvisor':
      return info.runtimes.find((name) => /^runsc/.test(name));
    case 'kata':
      return info.runtimes.find((name) => /^(io\.containerd\.kata|kata)/.test(name));
  }
}

class DockerConnections implements Connections {
  readonly #options: EngineOptions;
  #connection: Promise<Connection> | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  async look(signal?: AbortSignal): Promise<Found> {
    const endpoints = dockerEndpoints(endpointFacts(this.#options));
    const found = await firstAnswering(endpoints, (info) => !info.podman, 'Docker', signal);
    if ('connection' in found) this.#connection = Promise.resolve(found.connection);
    return found;
  }

  async for(_isolation: Isolation, signal?: AbortSignal): Promise<Connection> {
    this.#connection ??= this.look(signal).then((found) => ('connection' in found ? found.connection : refuse('Docker', found)));
    this.#connection.catch(() => this.forget());
    return this.#connection;
  }

  forget(): void {
    this.#connection = undefined;
  }

  dispose(): Promise<void> {
    this.forget();
    return Promise.resolve();
  }
}
