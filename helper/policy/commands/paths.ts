/** Paths of the sandbox as text: made absolute, and sorted by whose they are. Follows only links it is told of, and looks at no disk. */
import { anyDepth, type Fits, isAbove, matchesItself, matchesPattern, nameFits, type Pattern } from '../files/patterns.ts';
import { unknown, wildcard } from './argument.ts';

/** where a command would run, as paths of the sandbox */
export interface CommandPlace {
  readonly workspace: string;
  readonly cwd: string;
  readonly home: string;
  /** further folders that may be changed like the workspace */
  readonly mounts?: readonly string[];
}

/** links a text has made, from their paths to where they lead */
export interface Following {
  readonly links: ReadonlyMap<string, string>;
  /** whether the last step is followed too: what removes or makes a link means the link */
  readonly last: boolean;
}

/** steps of a path through links; longer ones are taken as they are written */
const stepsFollowed = 100;

/**
 * A path without `.` and `..`, from the root; undefined where the text does not tell. What follows an unknown part is unknown too,
 * and so is what `..` takes back from one.
 */
export function absolutePath(text: string, cwd: string | undefined, home: string, following?: Following): string | undefined {
  const whole = text === '~' || text.startsWith('~/') ? home + text.slice(1) : text;
  if (whole.startsWith(unknown)) return undefined;
  if (!whole.startsWith('/') && cwd === undefined) return undefined;
  const steps = (whole.startsWith('/') ? whole : `${cwd ?? ''}/${whole}`).split('/');
  const follows = following !== undefined && following.links.size > 0 && steps.length <= stepsFollowed;
  const end = follows && !following.last ? steps.findLastIndex((step) => step !== '' && step !== '.') : steps.length;
  const kept: string[] = [];
  for (const [index, step] of steps.entries()) {
    if (step === '' || step === '.') continue;
    if (step !== '..') {
      kept.push(step);
      const target = follows && index !== end ? following.links.get(`/${kept.join('/')}`) : undefined;
      if (target !== undefined) kept.splice(0, kept.length, ...target.split('/').slice(1));
    } else if (kept.at(-1)?.includes(unknown) === true) return undefined;
    else kept.pop();
  }
  return `/${kept.join('/')}`;
}

/** Whether `path` is `folder` or lies in it. */
export const isWithin = (path: string, folder: string): boolean => path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);

/** what changing a path would mean */
export type Territory =
  | { readonly kind: 'workspace' }
  /** the workspace itself, or all that is in it */
  | { readonly kind: 'workspace-root' }
  | { readonly kind: 'git' }
  | { readonly kind: 'guarded'; readonly pattern: string; readonly certain: boolean }
  /** the sandbox’s own: /tmp, the home folder, harmless devices */
  | { readonly kind: 'sandbox' }
  /** /tmp or the home folder itself */
  | { readonly kind: 'sandbox-root' }
  | { readonly kind: 'credentials' }
  | { readonly kind: 'startup' }
  | { readonly kind: 'outside' }
  | { readonly kind: 'unknown' };

const harmlessDevice = /^\/dev\/(null|zero|full|tty|stdin|stdout|stderr|random|urandom|ptmx|fd(\/\d+)?|shm\/.+|pts\/\d+)$/;
const startupFile =
  /^\.(bash(rc|_profile|_login|_logout|_aliases)|profile|zshrc|zshenv|zprofile|zlogin|kshrc|inputrc|pam_environment|xprofile|xinitrc|gitconfig|config\/(autostart|systemd|environment\.d|git|fish)(\/.*)?)$/;

/** Whose a path is that would be written, changed or removed. `path` is absolute, with marks. */
export function territoryOf(path: string | undefined, place: CommandPlace, guarded: readonly Pattern[]): Territory {
  if (path === undefined) return { kind: 'unknown' };
  const { workspace, home } = place;
  const own = [workspace, ...(place.mounts ?? [])].find((folder) => isWithin(path, folder));
  if (own !== undefined) return inWorkspace(path, own, guarded);
  const sure = path.indexOf(unknown);
  const prefix = sure < 0 ? path : path.slice(0, path.lastIndexOf('/', sure));
  if (isCredential(path, home)) return { kind: 'credentials' };
  if (path === home || path === `${home}/${wildcard}` || /^\/((var\/)?tmp|dev\/shm)$/.test(path)) return { kind: 'sandbox-root' };
  if (path.startsWith(`${home}/`)) {
    const inner = path.slice(home.length + 1);
    if (/^\.(config|local|local\/share|local\/bin)$/.test(inner)) return { kind: 'sandbox-root' };
    if (startupFile.test(inner)) return { kind: 'startup' };
    return { kind: sure >= 0 ? 'unknown' : 'sandbox' };
  }
  if (harmlessDevice.test(path) || /^\/(var\/)?tmp\/./.test(path))
    return sure >= 0 && prefix === '/tmp' ? { kind: 'unknown' } : { kind: 'sandbox' };
  // Everything right below the root is the system’s; nobody has the workspace’s own path filled in there.
  return sure >= 0 && prefix !== '' && isWithin(workspace, prefix) ? { kind: 'unknown' } : { kind: 'outside' };
}

function inWorkspace(path: string, workspace: string, guarded: readonly Pattern[]): Territory {
  const inner = path.slice(workspace.length + 1);
  if (inner === '') return { kind: 'workspace-root' };
  const steps = inner.split('/');
  if (steps.length === 1 && (inner === wildcard || inner === `.${wildcard}`)) return { kind: 'workspace-root' };
  const guard = guardOf(inner, guarded);
  if (guard?.certain === true) return guard;
  const git = steps.findIndex((step) => step.toLowerCase() === '.git');
  // Left behind by a git that was interrupted; its own message tells people to remove it.
  if (git >= 0 && !/^([A-Za-z_]+\.lock|info)$/.test(steps[git + 1] ?? '')) return { kind: 'git' };
  if (inner.includes(unknown)) return { kind: 'unknown' };
  return guard ?? { kind: 'workspace' };
}

/** The first guarded pattern that a path of the workspace matches, lies in, or is above. */
function guardOf(path: string, guarded: readonly Pattern[]): Extract<Territory, { kind: 'guarded' }> | undefined {
  const sure = guarded.find((pattern) => matchesPattern(path, pattern, surely) || takesAlong(path, pattern, surely));
  if (sure) return { kind: 'guarded', pattern: sure.text, certain: true };
  if (!path.includes(wildcard)) return undefined;
  const doubtful = guarded.find((pattern) => {
    // Everything in a folder is as little as the folder; and a folder that is filled in is hardly named like a guarded file.
    if (pattern.steps[0] === anyDepth && path.endsWith(`/${wildcard}`)) return false;
    const matches = pattern.text.endsWith('/') ? matchesPattern : matchesItself;
    return matches(path, pattern, perhaps) || takesAlong(path, pattern, perhaps);
  });
  return doubtful && { kind: 'guarded', pattern: doubtful.text, certain: false };
}

/** A folder above what is guarded: changing it takes that along. Git’s own are judged as a whole. */
const takesAlong = (path: string, pattern: Pattern, fits: Fits): boolean => pattern.steps[0] !== anyDepth && isAbove(path, pattern, fits);

const surely: Fits = (step, name) => !step.includes(wildcard) && nameFits(step, name);
const perhaps: Fits = (step, name) => (step.includes(wildcard) ? couldBe(step, name.text) : nameFits(step, name));

/** Whether a name with filled-in parts could come out as `want`; a leading dot is never filled in. */
function couldBe(step: string, want: string): boolean {
  const [first = '', ...rest] = step.split(wildcard);
  if (first === '' && want.startsWith('.')) return false;
  const [begin = '', ...more] = want.split(/[*?[]/);
  if (!begin.startsWith(first) && !first.startsWith(begin)) return false;
  const end = rest.at(-1) ?? '';
  const wantedEnd = more.at(-1) ?? want;
  if (more.length > 0) return end !== '' && (wantedEnd.endsWith(end) || end.endsWith(wantedEnd));
  return want.endsWith(end);
}

const credentialHome =
  /^\.(ssh|gnupg|aws|azure|kube|password-store|netrc|git-credentials|npmrc|pypirc|pgpass|my\.cnf|vault-token|terraformrc|docker\/config\.json|config\/(gcloud|gh|hub|op|rclone|doctl|helm)|local\/share\/keyrings|mozilla|claude\/\.credentials\.json|codex\/auth\.json|cargo\/credentials(\.toml)?|gem\/credentials|m2\/settings\.xml|(bash|zsh|psql|mysql|python|node_repl)_history)(\/|$)/;
const credentialSystem =
  /^\/(etc\/(g?shadow-?|sudoers(\.d)?|ssh\/ssh_host_[^/]*key|krb5\.keytab|ssl\/private|kubernetes|docker\/key\.json)|root|run\/secrets|var\/run\/secrets|(var\/)?run\/(docker|podman\/podman|containerd\/containerd|crio\/crio)\.sock|var\/lib\/(docker|kubelet)|proc\/(kcore|kmem|kallsyms|sysrq-trigger)|dev\/(k?mem|port|sd[a-z]|nvme|vd[a-z]|xvd|mapper|dm-|loop\d|disk))(\/|\d|[a-z]\d|$)/;
const otherProcess = /^\/proc\/[^/]+(\/task\/[^/]+)?\/(environ|mem|root|cwd|auxv|maps|smaps|syscall|stack|ns)(\/|$)/;

/** What a path with filled-in parts is held against: one path for each kind of credential. */
const credentialPlaces = [
  '/etc/shadow',
  '/etc/gshadow',
  '/etc/sudoers',
  '/root/.ssh',
  '/proc/1/environ',
  '/run/secrets/x',
  '/var/run/docker.sock',
];
const credentialFolders = [
  '.ssh/id_rsa',
  '.ssh/id_ed25519',
  '.aws/credentials',
  '.gnupg/secring.gpg',
  '.kube/config',
  '.netrc',
  '.git-credentials',
  '.docker/config.json',
  '.npmrc',
];

/** Whether the shell could make a credential’s path of this one. */
export function couldBeCredential(path: string, home: string): boolean {
  if (!path.includes(wildcard)) return false;
  const steps = path.split('/').slice(1);
  return [...credentialPlaces, ...credentialFolders.map((place) => `${home}/${place}`)].some((place) => {
    const wanted = place.split('/').slice(1);
    return (
      steps.length >= Math.min(wanted.length, 2) &&
      steps.every(
        (step, index) => step === wanted[index] || wanted[index] === undefined || (step.includes(wildcard) && couldBe(step, wanted[index])),
      )
    );
  });
}

/** Whether a path outside the workspace holds what proves who somebody is, or reaches around the sandbox. */
export function isCredential(path: string, home: string): boolean {
  const lower = path.toLowerCase();
  if (credentialSystem.test(lower)) return true;
  if (otherProcess.test(lower)) return !/^\/proc\/(self|thread-self)\/(maps|smaps|cwd|ns|stack)(\/|$)/.test(lower);
  const inHome = path.startsWith(`${home}/`) ? lower.slice(home.length + 1) : /^\/(home\/[^/]+|users\/[^/]+)\/(.*)$/.exec(lower)?.[2];
  return inHome !== undefined && credentialHome.test(inHome);
}
