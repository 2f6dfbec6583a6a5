/**
 * Which folders of the host no sandbox may have, whoever asks: those that hold credentials, drive the engine, belong to the
 * system or to LASSO. Paths come with every link resolved; nothing here looks at the file system.
 */
import { type Judgement, refuse } from './judgement.ts';
import { type Place, folded, placeOf, within } from './paths.ts';

/** what a judgement depends on; every path absolute, with its links resolved */
export interface HostFacts {
  readonly home: string;
  readonly engineSockets: readonly string[];
  /** LASSO's own: home, state, records, profiles, cache, runtime */
  readonly lassoFolders: readonly string[];
  /** as in `process.platform` */
  readonly platform: string;
}

/** names that hold credentials wherever they are */
const credentialNames = [
  ...['.ssh', '.gnupg', '.aws', '.azure', '.kube', '.docker', '.password-store', '.pki', '.mozilla', '.thunderbird'],
  ...['.netrc', '_netrc', '.npmrc', '.pypirc', '.git-credentials', '.vault-token', '.authinfo', '.authinfo.gpg', '.pgpass'],
];
/** folders of a home that hold credentials or browser profiles */
const credentialFolders = [
  ...['.config/gcloud', '.config/gh', '.config/op', '.config/containers', '.config/git/credentials', '.config/rclone'],
  ...['.config/google-chrome', '.config/chromium', '.config/microsoft-edge', '.config/BraveSoftware', '.config/vivaldi', '.config/opera'],
  ...['.local/share/keyrings', '.local/share/kwalletd', '.local/share/containers', '.cargo/credentials', '.cargo/credentials.toml'],
  ...['.var/app', 'snap/firefox', 'snap/chromium'],
  ...[
    'Library/Keychains',
    'Library/Safari',
    'Library/Cookies',
    'Library/Application Support/Google',
    'Library/Application Support/Firefox',
  ],
  ...['Library/Application Support/Chromium', 'Library/Application Support/BraveSoftware', 'Library/Application Support/Microsoft Edge'],
  ...['AppData/Roaming/gcloud', 'AppData/Roaming/GitHub CLI', 'AppData/Roaming/Mozilla', 'AppData/Roaming/Microsoft'],
  ...['AppData/Local/Google', 'AppData/Local/Microsoft', 'AppData/Local/BraveSoftware', 'AppData/Roaming/gnupg'],
];
const engineNames = ['docker.sock', 'podman.sock', 'containerd.sock', 'crio.sock', 'docker_engine'];
/** never, nor anything in them */
const closedFolders = {
  posix: [
    ...['/proc', '/sys', '/dev', '/run', '/var/run', '/boot', '/var/lib/docker', '/var/lib/containers', '/var/lib/containerd'],
    ...['/etc/shadow', '/etc/shadow-', '/etc/gshadow', '/etc/gshadow-', '/etc/sudoers', '/etc/sudoers.d', '/etc/ssh', '/etc/ssl/private'],
    ...['/etc/krb5.keytab', '/etc/kubernetes', '/etc/docker', '/etc/containers', '/etc/NetworkManager', '/etc/wireguard'],
    ...['/tmp/.X11-unix', '/tmp/.ICE-unix', '/private/var/run', '/private/var/db', '/System', '/Library/Keychains'],
  ],
  windows: ['C:/Windows', 'C:/ProgramData/Docker', 'C:/ProgramData/ssh', 'C:/Recovery', 'C:/System Volume Information'],
} as const;
/** only for reading, as an extra mount */
const systemFolders = {
  posix: ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/usr', '/etc', '/private/etc', '/Library'],
  windows: ['C:/Program Files', 'C:/Program Files (x86)', 'C:/ProgramData'],
} as const;
/** not as a whole, though what is in them may be a project */
const wholeFolders = {
  posix: [
    ...['/home', '/root', '/tmp', '/var', '/var/tmp', '/var/lib', '/var/log', '/var/cache', '/var/spool', '/opt', '/srv', '/mnt', '/media'],
    ...['/snap', '/nix', '/private', '/private/tmp', '/private/var', '/Users', '/Volumes', '/Applications', '/usr/src', '/usr/local/src'],
  ],
  windows: ['C:/Users'],
} as const;
/** folders for sources and disks within system ones */
const openFolders = ['/usr/src', '/usr/local/src', '/run/media'];

/** Judges one folder or file of the host; `writable` is stricter about the system's own. */
export function judgePlace(path: string, writable: boolean, facts: HostFacts): Judgement {
  const { platform } = facts;
  const place = placeOf(path, platform);
  if (place === undefined || path.includes('\0'))
    return refuse('the path is not absolute, or not plain', 'Give the whole path of a folder.');
  const places = (paths: readonly string[]): readonly Place[] => paths.flatMap((entry) => placeOf(entry, platform) ?? []);
  if (place.names.length === 0) return refuse('it is the root of a file system', 'Choose one project folder.');

  const home = placeOf(facts.home, platform);
  const own = facts.lassoFolders.map((folder) => placeOf(folder, platform));
  if (home === undefined || own.includes(undefined))
    return refuse('it cannot be told from your home folder and LASSO’s own', 'Set HOME and LASSO’s folders to whole, plain paths.');
  if (within(home, place)) {
    const whose = home.names.length === place.names.length ? 'it is your home folder' : 'your home folder lies in it';
    return refuse(`${whose}, with the credentials in it`, 'Choose one project folder in it, such as ~/src/app.');
  }
  const sockets = places(facts.engineSockets);
  const last = place.names.at(-1) ?? '';
  if (sockets.some((socket) => within(socket, place)) || engineNames.includes(last.toLowerCase()))
    return refuse('the container engine’s socket is in it: whoever has that rules the machine', 'Choose a folder without it.');
  if (own.some((folder) => folder && (within(folder, place) || within(place, folder))))
    return refuse('it holds LASSO’s own files, records or sockets, or lies among them', 'Choose a folder apart from LASSO’s own.');
  return judgeCredentials(place, home, platform) ?? judgeSystem(place, writable, platform) ?? { ok: true };
}

function judgeCredentials(place: Place, home: Place, platform: string): Judgement | undefined {
  const name = place.names.find((entry) => credentialNames.includes(entry.toLowerCase()));
  const inHome = credentialFolders
    .map((entry) => ({ entry, names: entry.split('/').map((part) => folded(part, platform)) }))
    .find(({ names }) => {
      const kept = { root: home.root, names: [...home.names, ...names] };
      return within(place, kept) || within(kept, place);
    });
  const what = name ?? (inHome ? `~/${inHome.entry}` : undefined);
  if (what === undefined) return undefined;
  return refuse(
    `credentials are kept there (${what})`,
    'Choose a folder without credentials; give single values as environment variables.',
  );
}

function judgeSystem(place: Place, writable: boolean, platform: string): Judgement | undefined {
  const kind = platform === 'win32' ? 'windows' : 'posix';
  const among = (paths: readonly string[], test: (entry: Place) => boolean): boolean =>
    paths.some((path) => {
      const entry = placeOf(path, platform);
      return entry !== undefined && test(entry);
    });
  const inside = (entry: Place): boolean => within(place, entry);
  const around = (entry: Place): boolean => within(entry, place);
  const hint = 'Choose one project folder.';
  if (kind === 'posix' && among(openFolders, (entry) => inside(entry) && place.names.length > entry.names.length)) return undefined;
  if (among(closedFolders[kind], inside) || (place.names[0] === 'tmp' && place.names[1]?.startsWith('ssh-')))
    return refuse('it belongs to the operating system and no sandbox may have it', hint);
  if (among(closedFolders[kind], around) || among(wholeFolders[kind], (entry) => inside(entry) && around(entry)))
    return refuse('it is a folder of the operating system, with much more in it than a project', hint);
  if (writable && among(systemFolders[kind], inside))
    return refuse(
      'it belongs to the operating system and must not be written by a sandbox',
      `${hint} An extra mount may be read-only (:ro).`,
    );
  return undefined;
}
