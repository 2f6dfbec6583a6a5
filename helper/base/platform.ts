/**
 * Every choice of path, socket and process that differs between Linux, macOS and Windows, in one place. The platform is
 * an argument, so that all three are tested on any of them.
 */
import { createHash } from 'node:crypto';
import nodePath from 'node:path';

/** what the choices depend on; `hostOf(process)` makes one from the running process */
export interface Host {
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** undefined on Windows */
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  readonly user: string;
  readonly temporary: string;
}

/** where this user's LASSO keeps things */
export interface Folders {
  /** ~/.lasso: what lasts */
  readonly home: string;
  /** one folder a sandbox: what is needed to find it again */
  readonly state: string;
  /** chains, one file a sandbox */
  readonly audit: string;
  /** user's profiles, first wins */
  readonly profiles: readonly string[];
  /** 0700, gone after a reboot: sockets */
  readonly runtime: string;
  /** base file systems and other things that can be made again */
  readonly cache: string;
  /** helper's log */
  readonly log: string;
}

const paths = (host: Host): nodePath.PlatformPath => (host.platform === 'win32' ? nodePath.win32 : nodePath.posix);

/**
 * This user's folders. `LASSO_HOME`, `LASSO_RUNTIME_DIR` and `LASSO_PROFILE_DIR` (a path list) come first; then the
 * platform's customs (XDG base directories; %LOCALAPPDATA% on Windows, as LASSO 1.x had it).
 */
export function foldersOf(host: Host): Folders {
  const path = paths(host);
  const env = host.environment;
  const windows = host.platform === 'win32';
  const given = (name: string): string | undefined => (env[name] === undefined || env[name] === '' ? undefined : path.resolve(env[name]));
  const home =
    given('LASSO_HOME') ??
    (windows ? path.join(env['LOCALAPPDATA'] ?? path.join(host.home, 'AppData', 'Local'), 'lasso') : path.join(host.home, '.lasso'));
  const listed = (env['LASSO_PROFILE_DIR'] ?? '')
    .split(windows ? ';' : ':')
    .filter((entry) => entry !== '')
    .map((entry) => path.resolve(entry));
  return {
    home,
    state: path.join(home, 'state'),
    audit: path.join(home, 'audit'),
    profiles: [path.join(home, 'profiles'), ...listed],
    runtime: given('LASSO_RUNTIME_DIR') ?? runtimeOf(host, home),
    cache: given('LASSO_CACHE_DIR') ?? path.join(home, 'cache'),
    log: path.join(home, 'helper.log'),
  };
}

function runtimeOf(host: Host, home: string): string {
  const path = paths(host);
  if (host.platform === 'win32') return path.join(home, 'run');
  const xdg = host.environment['XDG_RUNTIME_DIR'];
  if (host.platform === 'linux' && xdg !== undefined && path.isAbsolute(xdg)) return path.join(xdg, 'lasso');
  // A socket's path ends at 104 bytes on macOS, so the long per-user $TMPDIR there is not used.
  return path.join(host.platform === 'darwin' ? '/tmp' : host.temporary, `lasso-${host.uid ?? host.user}`);
}

/**
 * Address of a listening socket named `name` of this user: a path in the runtime folder, or on Windows a named pipe whose
 * name cannot be guessed from another user's runtime folder.
 */
export function socketAddress(host: Host, runtime: string, name: string): string {
  if (host.platform !== 'win32') return paths(host).join(runtime, `${name}.sock`);
  const scope = createHash('sha256').update(`${host.user}\0${runtime.toLowerCase()}`).digest('hex').slice(0, 24);
  return `\\\\.\\pipe\\lasso-${scope}-${name}`;
}

/** longest path a Unix socket may have, in bytes, or undefined where there is no such limit */
export function socketPathLimitBytes(platform: NodeJS.Platform): number | undefined {
  return platform === 'win32' ? undefined : platform === 'darwin' ? 103 : 107;
}
