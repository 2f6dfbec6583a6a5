/**
 * The one place where a sandbox spec becomes container words, for Docker and Podman alike. Pure: same spec, same words. It must
 * never be able to say "privileged", name a host namespace, or add a capability or a device.
 */
import { basename } from 'node:path';
import type { ContainerCreateOptions, HostConfig, MountSettings } from 'dockerode';
import { guestEnvironment, guestPaths } from '../protocol/guest.ts';
import type { BindMount, SandboxSpec } from './backend.ts';
import { overlayMounts } from './overlays.ts';

/** labels by which a sandbox is found again */
export const labelNames = {
  managed: 'dev.lasso.managed',
  id: 'dev.lasso.id',
  name: 'dev.lasso.name',
  owner: 'dev.lasso.owner',
  isolation: 'dev.lasso.isolation',
} as const;

/** what the engine at hand needs said differently */
export interface Dialect {
  readonly engine: 'docker' | 'podman';
  readonly rootless: boolean;
  /** runtime to name at creation; undefined: the engine's default */
  readonly runtime: string | undefined;
  /** hard limits of the host beyond which an engine without CAP_SYS_RESOURCE cannot go; null: unlimited */
  readonly hardLimits: HardLimits;
  /** SELinux confines containers here: the workspace keeps its own label */
  readonly selinux: boolean;
  /** host folder bound instead of a mount's source (an id-mapped or safely named view of the same folder) */
  readonly views: ReadonlyMap<string, string>;
}

export interface HardLimits {
  readonly openFiles: number | null;
  readonly processes: number | null;
  readonly fileSizeBytes: number | null;
}

/** body of the "create container" call; the library's types lack one field */
export type ContainerBody = ContainerCreateOptions & { readonly HostConfig: HostConfig & { readonly CgroupnsMode: 'private' } };

const etcFiles = ['passwd', 'group', 'hosts', 'resolv.conf', 'hostname'] as const;
const sharedMemoryBytes = 64 * 1024 * 1024;
/** size of the small writable folders many programs expect */
const spareBytes = 64 * 1024 * 1024;

/** The body of the engine's "create container" call for one sandbox. */
export function containerOf(spec: SandboxSpec, dialect: Dialect): ContainerBody {
  const stdio = spec.link.kind === 'stdio';
  return {
    name: containerName(spec),
    Image: spec.image ?? '',
    Entrypoint: [guestPaths.program],
    Cmd: [],
    User: `${spec.identity.uid}:${spec.identity.gid}`,
    WorkingDir: guestPaths.workspace,
    Hostname: spec.hostname,
    Env: environmentOf(spec, dialect),
    Labels: labelsOf(spec),
    Tty: false,
    OpenStdin: stdio,
    StdinOnce: stdio,
    AttachStdin: stdio,
    AttachStdout: true,
    AttachStderr: true,
    StopTimeout: 0,
    // Spares Docker the setting up of a network of its own; NetworkMode says the same to engines that do not know it.
    NetworkDisabled: true,
    Healthcheck: { Test: ['NONE'] },
    HostConfig: {
      NetworkMode: 'none',
      IpcMode: 'private',
      CgroupnsMode: 'private',
      Privileged: false,
      ReadonlyRootfs: true,
      AutoRemove: false,
      Init: false,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges', ...(dialect.selinux ? ['label=disable'] : [])],
      LogConfig: { Type: 'none', Config: {} },
      RestartPolicy: { Name: 'no' },
      Sysctls: { 'net.ipv4.ip_unprivileged_port_start': '0' },
      Memory: spec.limits.memoryBytes,
      MemorySwap: spec.limits.memoryBytes,
      NanoCpus: Math.round(spec.limits.cpus * 1e9),
      PidsLimit: spec.limits.pids,
      ShmSize: Math.min(sharedMemoryBytes, spec.limits.memoryBytes),
      Ulimits: ulimitsOf(spec, dialect),
      Tmpfs: temporaryFolders(spec, dialect),
      Mounts: [...mountsOf(spec, dialect)],
      ...(dialect.runtime === undefined ? {} : { Runtime: dialect.runtime }),
      ...userNamespace(spec, dialect),
    },
  };
}

/** Name of the container on the engine. */
export function containerName(spec: Pick<SandboxSpec, 'id'>): string {
  return `lasso-${spec.id}`;
}

/** Every folder of the host a sandbox sees, before views. */
export function userMounts(spec: SandboxSpec): readonly BindMount[] {
  return [spec.workspace, ...(spec.home === null ? [] : [{ source: spec.home, target: guestPaths.home, readonly: false }]), ...spec.mounts];
}

/** files pid 1 may need, whatever its programs may have */
const guestFiles = 8192;

function environmentOf(spec: SandboxSpec, { hardLimits }: Dialect): string[] {
  const own: Record<string, string> = { [guestEnvironment.LINK]: spec.link.kind };
  if (spec.link.kind === 'socket') own[guestEnvironment.TOKEN] = spec.link.token;
  const files = Math.min(spec.limits.openFiles, hardLimits.openFiles ?? spec.limits.openFiles);
  own[guestEnvironment.LIMITS] = `nofile=${files}:${files}`;
  return Object.entries({ ...spec.environment, ...own }).map(([name, value]) => `${name}=${value}`);
}

function labelsOf(spec: SandboxSpec): Record<string, string> {
  return {
    ...spec.labels,
    [labelNames.managed]: '1',
    [labelNames.id]: spec.id,
    [labelNames.name]: spec.name,
    [labelNames.owner]: spec.owner,
    [labelNames.isolation]: spec.isolation,
  };
}

function ulimitsOf(spec: SandboxSpec, dialect: Dialect): { Name: string; Soft: number; Hard: number }[] {
  const hard = dialect.hardLimits;
  const limit = (Name: string, wanted: number, most: number | null): { Name: string; Soft: number; Hard: number } => {
    const value = most === null ? wanted : Math.min(wanted, most);
    return { Name, Soft: value, Hard: value };
  };
  const limits = [
    // The engine's limit is pid 1's, which holds several files for each program; the guest lowers it for what it starts.
    limit('nofile', Math.max(spec.limits.openFiles, guestFiles), hard.openFiles),
    limit('fsize', spec.limits.fileSizeBytes, hard.fileSizeBytes),
    limit('core', 0, null),
  ];
  // Counted per user over all sandboxes, so it is no limit of one: only said where the engine's default is beyond the host's.
  if (dialect.engine === 'podman' && hard.processes !== null) limits.push(limit('nproc', hard.processes, hard.processes));
  return limits;
}

function temporaryFolders(spec: SandboxSpec, dialect: Dialect): Record<string, string> {
  const { uid, gid } = spec.identity;
  // Podman knows no owner here; its folders are open to all, and nobody but the agent's user is in there.
  const owned = dialect.engine === 'docker' ? `,mode=0700,uid=${uid},gid=${gid}` : ',mode=1777';
  return {
    '/tmp': `rw,exec,nosuid,nodev,size=${spec.limits.temporaryBytes},mode=1777`,
    '/var/tmp': `rw,exec,nosuid,nodev,size=${spareBytes},mode=1777`,
    '/run': `rw,noexec,nosuid,nodev,size=${spareBytes},mode=1777`,
    ...(spec.home === null ? { [guestPaths.home]: `rw,exec,nosuid,nodev,size=${spec.limits.homeBytes}${owned}` } : {}),
  };
}

function mountsOf(spec: SandboxSpec, dialect: Dialect): readonly MountSettings[] {
  const at = (source: string): string => dialect.views.get(source) ?? source;
  const bind = (mount: BindMount): MountSettings => ({
    Type: 'bind',
    Source: at(mount.source),
    Target: mount.target,
    ReadOnly: mount.readonly,
    BindOptions: { Propagation: 'rprivate' },
  });
  const etc = etcFiles.map((name) => bind({ source: `${spec.etc}/${name}`, target: `/etc/${name}`, readonly: true }));
  const authorities = bind({ source: `${spec.etc}/${basename(guestPaths.authorities)}`, target: guestPaths.authorities, readonly: true });
  const link = spec.link.kind === 'socket' ? [bind({ source: spec.link.directory, target: guestPaths.linkDirectory, readonly: true })] : [];
  return [...[...spec.provided, ...userMounts(spec), ...overlayMounts(spec, at)].map(bind), ...etc, authorities, ...link];
}

function userNamespace(spec: SandboxSpec, dialect: Dialect): { readonly UsernsMode?: string } {
  if (dialect.engine !== 'podman' || !dialect.rootless) return {};
  const { uid, gid, hostUid, hostGid } = spec.identity;
  return { UsernsMode: uid === hostUid && gid === hostGid ? 'keep-id' : `keep-id:uid=${uid},gid=${gid}` };
}
