/** A connection to one engine: made from an endpoint, asked once who it is, and never taken from dockerode's own defaults. */
import Docker from 'dockerode';
import { LassoError } from '../protocol/errors.ts';
import { errnoOf } from '../base/atomic-file.ts';
import { endpointName, type Endpoint } from './endpoints.ts';

/** what an engine says of itself */
export interface EngineInfo {
  readonly version: string;
  readonly podman: boolean;
  readonly rootless: boolean;
  readonly userNamespaces: boolean;
  readonly selinux: boolean;
  readonly seccomp: boolean;
  readonly runtimes: readonly string[];
  /** arguments the engine gives a runtime, by its name */
  readonly runtimeArguments: ReadonlyMap<string, readonly string[]>;
  readonly kernel: string;
  readonly system: string;
  readonly hostName: string;
  readonly cgroupVersion: 1 | 2;
  readonly cgroupDriver: string;
  readonly enforces: { readonly memory: boolean; readonly cpu: boolean; readonly pids: boolean };
  /** where it keeps images */
  readonly storage: string;
}

export interface Connection {
  readonly docker: Docker;
  readonly endpoint: Endpoint;
  readonly info: EngineInfo;
}

const answerMs = 10_000;

/** @throws the system's or the engine's error */
export async function connectTo(endpoint: Endpoint, signal?: AbortSignal): Promise<Connection> {
  const docker = new Docker(optionsOf(endpoint));
  const limit = AbortSignal.timeout(answerMs);
  const asked: Promise<readonly [unknown, unknown]> = Promise.all([docker.version(), docker.info()]);
  const [version, info] = await unless(signal === undefined ? limit : AbortSignal.any([limit, signal]), asked);
  return { docker, endpoint, info: readInfo(version, info) };
}

/** The promise's value, unless the signal fires first: these two calls of the library take no signal. */
function unless<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error('cancelled'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** Why an endpoint could not be used, in the three ways that differ for a person. */
export function connectFailure(error: unknown): 'absent' | 'permission' | 'broken' {
  const code = errnoOf(error);
  if (code === 'EACCES' || code === 'EPERM') return 'permission';
  return code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ENOTDIR' || code === 'ENOTFOUND' ? 'absent' : 'broken';
}

/** @throws LassoError UNSUPPORTED for what no client here speaks */
function optionsOf(endpoint: Endpoint): Docker.DockerOptions {
  // `host: undefined` keeps the library from mixing DOCKER_HOST of its own process in.
  switch (endpoint.kind) {
    case 'socket':
      return { host: undefined, socketPath: endpoint.path };
    case 'tcp':
      return endpoint.tls === null
        ? { protocol: 'http', host: endpoint.host, port: endpoint.port }
        : { protocol: 'https', host: endpoint.host, port: endpoint.port, ...endpoint.tls };
    case 'ssh':
      return { protocol: 'ssh', host: endpoint.host, port: endpoint.port, username: endpoint.user };
    default:
      throw new LassoError('UNSUPPORTED', `${endpointName(endpoint)} cannot be reached.`, 'Use a unix, tcp or ssh address.');
  }
}

/** Reads the engine's own words; a field that is absent or odd counts as "cannot". */
function readInfo(version: unknown, info: unknown): EngineInfo {
  const options = list(field(info, 'SecurityOptions')).filter((value) => typeof value === 'string');
  const has = (name: string): boolean => options.some((option) => option.split(',').includes(`name=${name}`));
  const components = list(field(version, 'Components')).map((component) => text(field(component, 'Name')));
  const runtimes = field(info, 'Runtimes');
  return {
    version: text(field(version, 'Version')),
    podman: components.some((name) => name.startsWith('Podman')),
    rootless: has('rootless') || field(info, 'Rootless') === true,
    userNamespaces: has('userns'),
    selinux: has('selinux'),
    seccomp: has('seccomp'),
    runtimes: typeof runtimes === 'object' && runtimes !== null ? Object.keys(runtimes) : [],
    runtimeArguments: argumentsOf(runtimes),
    kernel: text(field(info, 'KernelVersion')),
    system: text(field(info, 'OperatingSystem')),
    hostName: text(field(info, 'Name')),
    cgroupVersion: text(field(info, 'CgroupVersion')) === '2' ? 2 : 1,
    cgroupDriver: text(field(info, 'CgroupDriver')),
    enforces: {
      memory: field(info, 'MemoryLimit') === true,
      cpu: field(info, 'CpuCfsQuota') === true,
      pids: field(info, 'PidsLimit') === true,
    },
    storage: text(field(info, 'DockerRootDir')),
  };
}

function argumentsOf(runtimes: unknown): ReadonlyMap<string, readonly string[]> {
  if (typeof runtimes !== 'object' || runtimes === null) return new Map();
  return new Map(Object.entries(runtimes).map(([name, value]) => [name, list(field(value, 'runtimeArgs')).map(text)]));
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
