/**
 * Whether bubblewrap works here: where it is, how old, whether this user may make namespaces, and which limits can be set.
 * It tries a sandbox that runs nothing and changes nothing. A program from a folder others may write is never taken.
 */
import { access, constants, readFile, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { runChild } from '../base/child.ts';
import type { Host } from '../base/platform.ts';
import { isolation, type Isolation } from '../protocol/sandbox.ts';
import type { IsolationSupport, Probe } from './backend.ts';
import { controllers, findGroupPlaces, type Controller, type GroupEyes, type GroupPlace } from './control-group-places.ts';
import { findScope, type Scope } from './control-group-scope.ts';

/** what starting a sandbox needs to know besides its spec */
export interface BubblewrapFacts {
  readonly program: string;
  readonly disablesUserNamespaces: boolean;
  readonly places: readonly GroupPlace[];
  /** systemd makes the group, where this user may not */
  readonly scope: Scope | null;
  /** starts a program as another user; root only */
  readonly setpriv: string | null;
}

export interface Look {
  readonly probe: Probe;
  readonly facts: BubblewrapFacts | null;
}

const shortMs = 10_000;
const usualFolders = ['/usr/bin', '/bin', '/usr/local/bin', '/run/current-system/sw/bin'];

/** how the running system's files are looked at */
export const systemEyes: GroupEyes = {
  read: (file) => readFile(file, 'utf8').catch(() => undefined),
  writable: (path) =>
    access(path, constants.W_OK).then(
      () => true,
      () => false,
    ),
};

export async function lookForBubblewrap(host: Host, eyes: GroupEyes = systemEyes, signal?: AbortSignal): Promise<Look> {
  if (host.platform !== 'linux') return absent('bubblewrap works on Linux only.', 'Use Docker or Podman.');
  const program = await findTrusted('bwrap', host);
  if (program === undefined) {
    return absent(
      'bubblewrap is not installed.',
      'Install it: `apt install bubblewrap`, `dnf install bubblewrap` or `pacman -S bubblewrap`.',
    );
  }
  const options = { timeoutMs: shortMs, environment: {}, ...(signal === undefined ? {} : { signal }) };
  const told = await runChild(program, ['--version'], options);
  const version = /(\d+)\.(\d+)(?:\.\d+)?/.exec(told.stdout);
  const [text = '', major = '', minor = ''] = version ?? [];
  const age = Number(major) * 1000 + Number(minor);
  if (version === null) return broken(`${program} does not tell its version.`, 'Install bubblewrap again.');
  if (age < 5) return broken(`bubblewrap ${text} is too old.`, 'Install bubblewrap 0.5 or later.');
  const disablesUserNamespaces = age >= 8;
  const trial = await runChild(program, [...trialWords(disablesUserNamespaces), '--', '/proc/self/exe', '--version'], options);
  if (trial.code !== 0) {
    const { reason, hint } = await explainRefusal(trial.failure ?? trial.stderr, eyes);
    return { facts: null, probe: { ...failed('permission', reason, hint), version: text, endpoint: program } };
  }
  const places = await findGroupPlaces(eyes);
  const limited = places.flatMap((place) => place.controllers);
  const scope =
    limited.length < controllers.length && host.uid !== 0 ? await findScope(host, eyes, await findTrusted('systemd-run', host)) : null;
  const setpriv = host.uid === 0 ? ((await findTrusted('setpriv', host)) ?? null) : null;
  const useScope = scope !== null && scope.controllers.length > limited.length;
  const facts = { program, disablesUserNamespaces, places: useScope ? [] : places, scope: useScope ? scope : null, setpriv };
  return { facts, probe: working(host, text, program, useScope ? scope.controllers : limited) };
}

/** Words of a sandbox that holds bubblewrap's own program, which then tells its version. */
function trialWords(disablesUserNamespaces: boolean): readonly string[] {
  return [
    ...['--unshare-all', '--unshare-user', '--uid', '1000', '--gid', '1000', ...(disablesUserNamespaces ? ['--disable-userns'] : [])],
    ...['--die-with-parent', '--new-session', '--cap-drop', 'ALL', '--ro-bind', '/', '/', '--proc', '/proc', '--dev', '/dev'],
    ...['--tmpfs', '/tmp', '--remount-ro', '/'],
  ];
}

/** Absolute path of a program: in the usual places first, then in those of PATH that only root or this user can write. */
export async function findTrusted(name: string, host: Pick<Host, 'environment' | 'uid'>): Promise<string | undefined> {
  const listed = (host.environment['PATH'] ?? '').split(':').filter((folder) => isAbsolute(folder));
  for (const folder of [...usualFolders, ...listed]) {
    const file = await realpath(join(folder, name)).catch(() => undefined);
    if (file === undefined) continue;
    const [place, program] = await Promise.all([stat(join(file, '..')), stat(file)]);
    const safe = [place, program].every(({ mode, uid }) => (mode & 0o002) === 0 && (uid === 0 || uid === host.uid));
    if (safe && program.isFile() && (program.mode & 0o111) !== 0) return join(folder, name);
  }
  return undefined;
}

/** Why no namespace could be made, from the kernel's own switches. */
export async function explainRefusal(said: string, eyes: GroupEyes): Promise<{ readonly reason: string; readonly hint: string }> {
  const value = async (name: string): Promise<string> => ((await eyes.read(`/proc/sys/${name}`)) ?? '').trim();
  const persist = (name: string, setting: string): string =>
    `Run \`sudo sysctl ${name}=${setting}\`, and put \`${name} = ${setting}\` into a file in /etc/sysctl.d to keep it.`;
  if ((await value('kernel/unprivileged_userns_clone')) === '0') {
    return {
      reason: 'This kernel lets no ordinary user make user namespaces (kernel.unprivileged_userns_clone = 0).',
      hint: persist('kernel.unprivileged_userns_clone', '1'),
    };
  }
  if ((await value('kernel/apparmor_restrict_unprivileged_userns')) === '1') {
    return {
      reason: 'AppArmor lets no ordinary program make user namespaces (kernel.apparmor_restrict_unprivileged_userns = 1).',
      hint: 'Give bubblewrap an AppArmor profile: install the package apparmor-profiles, then `sudo ln -s /usr/share/apparmor/extra-profiles/bwrap-userns-restrict /etc/apparmor.d/ && sudo apparmor_parser -r /etc/apparmor.d/bwrap-userns-restrict`.',
    };
  }
  if ((await value('user/max_user_namespaces')) === '0') {
    return {
      reason: 'This kernel allows no user namespaces (user.max_user_namespaces = 0).',
      hint: persist('user.max_user_namespaces', '10000'),
    };
  }
  const line = said.trim().split('\n').at(-1) ?? '';
  return {
    reason: `bubblewrap cannot make a sandbox here: ${line}`,
    hint: 'Inside a container it needs user namespaces and an unmasked /proc; otherwise use Docker or Podman.',
  };
}

function working(host: Host, version: string, program: string, limited: readonly Controller[]): Probe {
  const missing = controllers
    .filter((control) => !limited.includes(control))
    .filter((control) => control !== 'pids' || host.uid === 0)
    .map((control) => ({
      control,
      reason: 'This user may make no control group here; log in through systemd on cgroup v2, or have one delegated.',
    }));
  return {
    backend: 'bubblewrap',
    available: true,
    version,
    endpoint: program,
    rootless: host.uid !== 0,
    remote: false,
    isolations: isolation.options.map(support),
    missing,
    links: ['socket', 'stdio'],
    survives: false,
    needsImage: false,
    notices: [],
  };
}

function support(level: Isolation): IsolationSupport {
  if (level === 'container') return { level, available: true };
  return { level, available: false, reason: `bubblewrap shares the host's kernel; ${level} needs Docker or Podman.` };
}

function failed(failure: 'absent' | 'permission' | 'broken', reason: string, hint: string): Probe {
  return {
    backend: 'bubblewrap',
    available: false,
    rootless: true,
    remote: false,
    reason,
    hint,
    failure,
    isolations: [],
    missing: [],
    links: [],
    survives: false,
    needsImage: false,
    notices: [],
  };
}

const absent = (reason: string, hint: string): Look => ({ facts: null, probe: failed('absent', reason, hint) });
const broken = (reason: string, hint: string): Look => ({ facts: null, probe: failed('broken', reason, hint) });
