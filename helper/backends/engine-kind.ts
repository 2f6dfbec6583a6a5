/** What makes one engine different from another, as data and a few functions; `engine.ts` is the same for all. */
import type { Isolation } from '../protocol/sandbox.ts';
import type { Log } from '../base/log.ts';
import type { Host } from '../base/platform.ts';
import type { Control, IsolationSupport } from './backend.ts';
import type { Connection, EngineInfo } from './connection.ts';
import type { HardLimits } from './spec.ts';
import type { ViewTools } from './views.ts';

/** what every engine is given of the machine */
export interface EngineOptions {
  readonly host: Host;
  /** kernel release and name of this host: an engine that says the same runs on it, not in a virtual machine */
  readonly kernel: string;
  readonly hostName: string;
  /** our own folder for sockets */
  readonly runtimeFolder: string;
  readonly hardLimits: HardLimits;
  readonly tools: ViewTools;
  readonly log: Log;
  /** how long an engine that went silent is waited for */
  readonly lossMs: number;
}

export type Failure = { readonly failure: 'absent' | 'permission' | 'broken'; readonly reason: string; readonly hint: string };
export type Found = { readonly connection: Connection; readonly notices: readonly string[] } | Failure;

/** the connections of one engine */
export interface Connections {
  /** Looks for the engine anew; changes nothing of it. */
  look(signal?: AbortSignal): Promise<Found>;
  /** A connection over which containers of this isolation are made. @throws LassoError */
  for(isolation: Isolation, signal?: AbortSignal): Promise<Connection>;
  /** Forgets what does not answer any more. */
  forget(): void;
  dispose(): Promise<void>;
}

export interface EngineKind {
  readonly name: 'docker' | 'podman';
  /** as people write it */
  readonly title: string;
  connections(options: EngineOptions): Connections;
  /** what isolations there are, and the runtime to name at creation */
  isolations(info: EngineInfo, options: EngineOptions, remote: boolean): readonly IsolationSupport[];
  runtimeFor(isolation: Isolation, info: EngineInfo): string | undefined;
  missing(info: EngineInfo): readonly { readonly control: Control; readonly reason: string }[];
  /** more words of the engine's "remove container" call */
  readonly removeQuery: Readonly<Record<string, unknown>>;
}

/** True where the engine runs on another kernel: bind-mounted sockets do not cross, and host ids mean nothing there. */
export function isRemote(connection: Connection, options: EngineOptions): boolean {
  const { info, endpoint } = connection;
  if (options.host.platform !== 'linux' || /Docker Desktop/i.test(info.system)) return true;
  return endpoint.kind !== 'socket' || info.kernel !== options.kernel;
}

/** Controls a rootless engine cannot enforce without delegated control groups. */
export function missingLimits(title: string, info: EngineInfo): { readonly control: Control; readonly reason: string }[] {
  const why = info.rootless && info.cgroupVersion === 1 ? 'is rootless on cgroup v1' : 'has no such control group here';
  const without = info.rootless && info.cgroupVersion === 1;
  return (['memory', 'cpu', 'pids'] as const)
    .filter((control) => without || !info.enforces[control])
    .map((control) => ({ control, reason: `${title} ${why}.` }));
}

/** controls gVisor does not enforce when it is told to leave control groups alone */
export const gvisorUnlimited = (['memory', 'cpu', 'pids'] as const).map((control) => ({
  control,
  reason: 'gVisor runs without control groups here (--ignore-cgroups).',
}));
