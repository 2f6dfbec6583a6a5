/**
 * A spec in bubblewrap's words. Pure. The words go to bubblewrap over a pipe (`--args`), not on its command line, which
 * every user of the host could read.
 */
import { posix } from 'node:path';
import { guestEnvironment, guestPaths } from '../protocol/guest.ts';
import type { BindMount, Limits, SandboxSpec } from './backend.ts';
import type { HardLimits } from './spec.ts';
import { insteadFolders, overlayMounts } from './overlays.ts';
import { ownEntries } from './system-etc.ts';
import type { SystemRoot } from './system-root.ts';

/** descriptors that bubblewrap is started with */
export const descriptors = { words: 3, information: 4, block: 5, filter: 6 } as const;

/** what the words depend on besides the spec */
export interface WordFacts {
  readonly system: SystemRoot;
  /** bubblewrap can forbid further user namespaces (0.8) */
  readonly disablesUserNamespaces: boolean;
  /** this process's own hard limits; more cannot be given */
  readonly hardLimits: HardLimits;
  /** where a host folder or file of the spec is found instead: host path → path that bubblewrap can reach */
  readonly reachable: ReadonlyMap<string, string>;
}

/** size of /dev/shm at most, and of the small writable folders, in bytes */
const sharedMemoryBytes = 64 * 1024 * 1024;
const spareBytes = 16 * 1024 * 1024;
/** parts of /proc that set something: of these namespaces, and, for one who is root outside, of the whole machine */
const closedProc = ['sys', 'pressure'];
const closedToRoot = ['acpi', 'fs', 'mtrr', 'scsi', 'sysrq-trigger'];

export function bubblewrapWords(spec: SandboxSpec, facts: WordFacts): readonly string[] {
  const { limits } = spec;
  const at = (source: string): string => facts.reachable.get(source) ?? source;
  const program: BindMount = { source: spec.guestProgram, target: guestPaths.program, readonly: true };
  const link: readonly BindMount[] =
    spec.link.kind === 'socket' ? [{ source: spec.link.directory, target: guestPaths.linkDirectory, readonly: true }] : [];
  return [
    // Every namespace is its own; there is no --share-net anywhere in LASSO.
    ...['--unshare-all', '--unshare-user', '--uid', `${spec.identity.uid}`, '--gid', `${spec.identity.gid}`],
    ...(facts.disablesUserNamespaces ? ['--disable-userns'] : []),
    ...['--hostname', spec.hostname, '--as-pid-1', '--die-with-parent', '--new-session', '--cap-drop', 'ALL'],
    ...environmentWords(spec, facts),
    ...['/home', '/.lasso', ...parentsOf(spec.provided)].flatMap((path) => ['--dir', path]),
    ...facts.system.binds.flatMap(({ source, path }) => ['--ro-bind', source, path]),
    ...facts.system.links.flatMap(({ path, target }) => ['--symlink', target, path]),
    ...['--proc', '/proc', '--dev', '/dev'],
    // Mapped to root, the agent owns the files of /proc: writing kernel settings takes no capability then, so a mount stops it.
    ...[...closedProc, ...(spec.identity.hostUid === 0 ? closedToRoot : [])].flatMap((name) => [
      '--ro-bind-try',
      `/proc/${name}`,
      `/proc/${name}`,
    ]),
    ...memoryFolder('/dev/shm', Math.min(sharedMemoryBytes, limits.memoryBytes), '1777'),
    ...memoryFolder('/tmp', limits.temporaryBytes, '1777'),
    ...memoryFolder('/var/tmp', spareBytes, '1777'),
    ...memoryFolder('/run', spareBytes, '0755'),
    ...(spec.home === null ? memoryFolder(guestPaths.home, limits.homeBytes, '0700') : ['--bind', at(spec.home), guestPaths.home]),
    ...['--symlink', '/run', '/var/run'],
    ...['--ro-bind', at(facts.system.etc), '/etc', '--ro-bind', at(spec.etc), ownEntries.folder],
    ...bindWords([program, ...link, ...spec.provided, spec.workspace], at),
    ...bindWords(overlayMounts(spec, at), (source) => source),
    ...bindWords(spec.mounts, at),
    ...['--remount-ro', '/dev', '--remount-ro', '/', '--chdir', '/'],
    ...['--info-fd', `${descriptors.information}`, '--block-fd', `${descriptors.block}`, '--seccomp', `${descriptors.filter}`],
  ];
}

const bindWords = (mounts: readonly BindMount[], at: (source: string) => string): readonly string[] =>
  mounts.flatMap((mount) => [mount.readonly ? '--ro-bind' : '--bind', at(mount.source), mount.target]);

/** Folders to make for what is provided; below /etc they are in the copy of it. */
const parentsOf = (provided: readonly BindMount[]): readonly string[] => [
  ...new Set(provided.flatMap(({ target }) => (target.startsWith('/etc/') ? [] : [posix.dirname(target)]))),
];

const memoryFolder = (path: string, bytes: number, mode: string): string[] => ['--perms', mode, '--size', `${bytes}`, '--tmpfs', path];

function environmentWords(spec: SandboxSpec, facts: WordFacts): string[] {
  const own = {
    [guestEnvironment.LINK]: spec.link.kind,
    ...(spec.link.kind === 'socket' ? { [guestEnvironment.TOKEN]: spec.link.token } : {}),
    [guestEnvironment.LIMITS]: limitWords(spec.limits, facts.hardLimits),
  };
  return ['--clearenv', ...Object.entries({ ...spec.environment, ...own }).flatMap(([name, value]) => ['--setenv', name, value])];
}

/** Host paths that bubblewrap binds and that may lie in folders closed to others. */
export function boundSources(spec: SandboxSpec, system: SystemRoot): readonly string[] {
  const link = spec.link.kind === 'socket' ? [spec.link.directory] : [];
  const folders = [...[...spec.provided, spec.workspace, ...spec.mounts].map(({ source }) => source), ...insteadFolders(spec)];
  return [...new Set([system.etc, spec.etc, spec.guestProgram, ...link, ...(spec.home === null ? [] : [spec.home]), ...folders])];
}

/** The resource limits the guest sets before its first child, in the form of LASSO_LIMITS. */
export function limitWords(limits: Limits, hard: WordFacts['hardLimits']): string {
  const most = (wanted: number, limit: number | null): number => (limit === null ? wanted : Math.min(wanted, limit));
  const values: readonly (readonly [string, number])[] = [
    ['nofile', most(limits.openFiles, hard.openFiles)],
    ['fsize', most(limits.fileSizeBytes, hard.fileSizeBytes)],
    // Counted per user namespace since Linux 5.14, so it is this sandbox's own; control groups count besides.
    ['nproc', most(limits.pids, hard.processes)],
    ['core', 0],
  ];
  return values.map(([name, value]) => `${name}=${value}:${value}`).join(',');
}
