/**
 * The contract every backend keeps. A backend carries out a spec: it starts one sandbox with the guest as its pid 1, says
 * when it ended, and removes all of it. It decides nothing, knows no profile, and never runs a command in a sandbox
 * itself: that goes over the guest's link.
 */
import type { Duplex } from 'node:stream';
import type { BackendName, Isolation, LinkKind } from '../protocol/sandbox.ts';

/** what a backend may or may not be able to enforce here */
export const controls = [
  'memory',
  'cpu',
  'pids',
  'open-files',
  'file-size',
  'temporary-size',
  'read-only-root',
  'no-network',
  'no-capabilities',
  'system-calls',
  'ownership',
] as const;
export type Control = (typeof controls)[number];

export interface IsolationSupport {
  readonly level: Isolation;
  readonly available: boolean;
  /** engine's runtime for it: `runc`, `runsc`, `kata-runtime` */
  readonly runtime?: string;
  /** why not, in one sentence */
  readonly reason?: string;
  /** links that work with it, where they are fewer than the backend's */
  readonly links?: readonly LinkKind[];
  /** controls it cannot enforce beyond those the backend cannot */
  readonly missing?: readonly { readonly control: Control; readonly reason: string }[];
}

/** what a look at the machine found */
export interface Probe {
  readonly backend: BackendName;
  readonly available: boolean;
  /** engine's version, `28.2.2` */
  readonly version?: string;
  /** how it is reached: a socket, a context, a program */
  readonly endpoint?: string;
  readonly rootless: boolean;
  /** engine runs in a virtual machine: bind-mounted sockets do not cross */
  readonly remote: boolean;
  /** why it is unavailable, one sentence, and what to do */
  readonly reason?: string;
  readonly hint?: string;
  /** `permission` when an engine is there but this user may not use it */
  readonly failure?: 'absent' | 'permission' | 'broken';
  readonly isolations: readonly IsolationSupport[];
  /** controls that cannot be enforced here, each with the reason */
  readonly missing: readonly { readonly control: Control; readonly reason: string }[];
  /** links that work here, best first */
  readonly links: readonly LinkKind[];
  /** whether a sandbox here outlives the helper that started it */
  readonly survives: boolean;
  /** whether it starts from an image (otherwise from the host's own /usr, read-only) */
  readonly needsImage: boolean;
  /** things a person should know: quirks found and adapted to */
  readonly notices: readonly string[];
}

export interface Limits {
  readonly memoryBytes: number;
  /** processors, 1.5 = one and a half */
  readonly cpus: number;
  readonly pids: number;
  readonly openFiles: number;
  readonly fileSizeBytes: number;
  /** size of /tmp */
  readonly temporaryBytes: number;
  /** size of /home/agent */
  readonly homeBytes: number;
}

export interface BindMount {
  /** absolute, every link resolved, already judged */
  readonly source: string;
  readonly target: string;
  readonly readonly: boolean;
}

/** a part of the workspace that is shown otherwise than it is on the host; it is there, and no link leads to it */
export interface Overlay {
  /** below the workspace, with “/”, without a leading one */
  readonly path: string;
  readonly kind: 'file' | 'folder';
  /** null: the thing itself, read-only; else the host's empty file or folder that is shown in its place, read-only */
  readonly instead: string | null;
}

/** one sandbox in container words; made by core from policy, understood by every backend */
export interface SandboxSpec {
  readonly id: string;
  readonly name: string;
  /** which LASSO home this belongs to, so that two of them on one engine never touch each other's */
  readonly owner: string;
  /** null where the backend starts from the host's /usr */
  readonly image: string | null;
  readonly isolation: Isolation;
  /** static guest binary on the host, for backends without an image */
  readonly guestProgram: string;
  readonly link: {
    readonly kind: LinkKind;
    /** host folder with the listening `socket` in it */ readonly directory: string;
    /** 64 hex digits */ readonly token: string;
  };
  /** who the agent is inside; `hostUid` is who its files belong to in the workspace */
  readonly identity: { readonly uid: number; readonly gid: number; readonly hostUid: number; readonly hostGid: number };
  readonly workspace: BindMount;
  /** outermost first */
  readonly overlays: readonly Overlay[];
  readonly mounts: readonly BindMount[];
  /** what LASSO itself provides, read-only: agents' programs where no image holds them, their managed settings below /etc */
  readonly provided: readonly BindMount[];
  /** host folder that is kept as /home/agent between starts; null: a home in memory */
  readonly home: string | null;
  /** whole environment of pid 1 and what its children inherit */
  readonly environment: Readonly<Record<string, string>>;
  /** host folder with generated passwd, group, hosts, resolv.conf, hostname */
  readonly etc: string;
  /** host folder for this sandbox's runtime things (mount points); the backend may use it and empties it */
  readonly scratch: string;
  readonly hostname: string;
  readonly limits: Limits;
  /** controls whose absence was accepted by the profile */
  readonly waived: readonly Control[];
  readonly labels: Readonly<Record<string, string>>;
}

/** how a sandbox as a whole ended */
export interface SandboxEnd {
  readonly code: number | null;
  readonly signal: number | null;
  readonly outOfMemory: boolean;
  /** last words of the engine or of pid 1, for a failed start */
  readonly message?: string;
}

/** a program that somebody had the engine itself start in a sandbox, past the guest */
export interface OutsideStart {
  /** '' where the engine does not say, or it was over before it could be asked about */
  readonly command: string;
  readonly argv: readonly string[] | null;
  /** as it was asked for; null: the sandbox's own */
  readonly user: string | null;
  readonly privileged: boolean | null;
}

export interface RunningSandbox {
  /** container id, or bubblewrap's process id */
  readonly engineId: string;
  /** the multiplexed link, when its kind is `stdio` */
  readonly stdio: Duplex | null;
  /** settles when pid 1 is gone, whoever ended it; never rejects */
  readonly ended: Promise<SandboxEnd>;
  /** Tells of every such start while the sandbox runs. Absent where nothing but the guest starts programs. */
  onOutsideStart?(told: (start: OutsideStart) => void): void;
  /** times the kernel killed something in here for memory, so far; null where it cannot be told */
  memoryKills(): Promise<number | null>;
  /** times the kernel started nothing in here for want of processes, so far; null where it cannot be told, absent where it never can */
  startsRefused?(): Promise<number | null>;
  /** ends it and leaves nothing: no container, mount, process, control group. Safe to call again. */
  remove(): Promise<void>;
}

/** something labelled as this owner's, found on the engine */
export interface FoundSandbox {
  readonly id: string;
  readonly engineId: string;
  readonly running: boolean;
}

export interface Backend {
  readonly name: BackendName;
  /** Looks, changes nothing, never throws. */
  probe(signal?: AbortSignal): Promise<Probe>;
  /** @throws LassoError ENGINE_FAILED, ENGINE_LOST, ENGINE_PERMISSION, IMAGE_MISSING, SANDBOX_START_FAILED; nothing is left behind then */
  start(spec: SandboxSpec, signal?: AbortSignal): Promise<RunningSandbox>;
  /** All of this owner's, running or not. */
  find(owner: string): Promise<readonly FoundSandbox[]>;
  /** Takes over one that runs already (socket link); null when it is gone. */
  adopt(found: FoundSandbox, spec: SandboxSpec): Promise<RunningSandbox | null>;
  /** Removes a found one and all that belongs to it; idempotent. */
  discard(found: FoundSandbox, scratch: string): Promise<void>;
  dispose(): Promise<void>;
}
