/**
 * A copy of those few entries of the host's /etc that programs need, made once and shown read-only to every sandbox without an
 * image: one mount instead of forty. Never an entry that holds a secret, a user or a machine's identity, and nothing that is
 * not open to everybody on this host.
 */
import { createHash } from 'node:crypto';
import { copyFile, chmod, lstat, mkdir, mkdtemp, readdir, readlink, realpath, rename, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** programs' settings that ship with the system; folders come whole */
const wanted = [
  'alternatives',
  'bash.bashrc',
  'bashrc',
  'ca-certificates',
  'crypto-policies',
  'debian_version',
  'ethertypes',
  'fedora-release',
  'fonts',
  'gai.conf',
  'host.conf',
  'inputrc',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'locale.alias',
  'locale.conf',
  'localtime',
  'login.defs',
  'lsb-release',
  'magic',
  'magic.mime',
  'mime.types',
  'nanorc',
  'networks',
  'nsswitch.conf',
  'os-release',
  'perl',
  'pki/ca-trust/extracted',
  'pki/tls/cert.pem',
  'pki/tls/certs',
  'pki/tls/openssl.cnf',
  'profile',
  'protocols',
  'redhat-release',
  'rpc',
  'services',
  'shells',
  'ssl/cert.pem',
  'ssl/certs',
  'ssl/openssl.cnf',
  'terminfo',
  'timezone',
  'vim',
];
/** families of entries with a version in their name */
const wantedPattern = /^(java-[\w.-]+-openjdk|java(?:-\d+)?-openjdk|python3(?:\.\d+)?)$/;

/** entries that every sandbox has of its own, and the folder inside it where they lie */
export const ownEntries = { names: ['passwd', 'group', 'hosts', 'resolv.conf', 'hostname'], folder: '/.lasso/etc' } as const;
/** folders of /etc in which agents look for settings above all others; what is below is provided for each sandbox */
const managedFolders = ['claude-code', 'codex', 'gemini-cli', 'github-copilot', 'opencode'];
/** the sandbox's own list of authorities, and where else systems keep theirs: folders that may be links to each other */
const authorities = 'ca-certificates.crt';
const otherAuthorities = [
  'ssl/cert.pem',
  'pki/tls/cert.pem',
  'pki/tls/certs/ca-bundle.crt',
  'pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
];

const fileLimitBytes = 4 * 1024 * 1024;
const depthLimit = 8;
/** changes when what is copied, or how, changes */
const edition = 3;

/** Folder with the copy, below `cache`; made anew when one of the entries has changed. */
export async function copyOfEtc(cache: string, root = '/'): Promise<string> {
  const etc = join(root, 'etc');
  const present = await readdir(etc).catch(() => []);
  const names = [...wanted, ...present.filter((entry) => wantedPattern.test(entry))];
  const marks = await Promise.all(names.map((name) => markOf(join(etc, name))));
  const digest = createHash('sha256')
    .update(JSON.stringify([edition, marks]))
    .digest('hex');
  const folder = join(cache, `etc-${digest.slice(0, 16)}`);
  if ((await lstat(folder).catch(() => undefined))?.isDirectory()) return folder;
  await mkdir(cache, { recursive: true, mode: 0o700 });
  const beside = await mkdtemp(join(cache, '.etc-'));
  try {
    await chmod(beside, 0o755);
    await Promise.all(names.map((name) => copyTop(root, name, join(beside, name), names)));
    for (const name of ownEntries.names) await symlink(join(ownEntries.folder, name), join(beside, name));
    await showAuthorities(beside);
    // Places for agents' managed settings, which each sandbox has of its own.
    for (const name of managedFolders) await mkdir(join(beside, name), { recursive: true, mode: 0o755 });
    await rename(beside, folder);
  } catch (error) {
    await rm(beside, { recursive: true, force: true });
    // Somebody else was quicker with the very same copy.
    if (!(await lstat(folder).catch(() => undefined))?.isDirectory()) throw error;
  }
  return folder;
}

/** Every list of authorities is the sandbox's own, whatever this system calls it. */
async function showAuthorities(etc: string): Promise<void> {
  const certificates = join(etc, 'ssl', 'certs');
  const shared = (await lstat(certificates).catch(() => undefined))?.isSymbolicLink() === true;
  const folder = shared ? join(etc, 'pki', 'tls', 'certs') : certificates;
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const others = await Promise.all(otherAuthorities.map((name) => lstat(join(etc, name)).catch(() => undefined)));
  const present = otherAuthorities.filter((_, index) => others[index] !== undefined).map((name) => join(etc, name));
  for (const file of [join(folder, authorities), ...present]) {
    await rm(file, { force: true });
    await symlink(join(ownEntries.folder, authorities), file);
  }
}

/** What tells that an entry changed. */
async function markOf(file: string): Promise<readonly (string | number)[]> {
  const [link, target] = await Promise.all([readlink(file).catch(() => ''), stat(file).catch(() => undefined)]);
  return [link, target?.mtimeMs ?? 0, target?.size ?? 0];
}

/** A link stays one where it leads to what is shown too; any other is followed once, here. */
async function copyTop(root: string, name: string, to: string, names: readonly string[]): Promise<void> {
  const from = join(root, 'etc', name);
  const found = await lstat(from).catch(() => undefined);
  if (found === undefined) return;
  await mkdir(dirname(to), { recursive: true, mode: 0o755 });
  if (!found.isSymbolicLink()) return copyEntry(from, to, 0);
  const target = await readlink(from);
  const place = join(target.startsWith('/') ? '' : `/etc/${dirname(name)}`, target);
  const shown = place.startsWith('/usr/') || names.some((other) => place === `/etc/${other}` || place.startsWith(`/etc/${other}/`));
  if (shown) return symlink(target, to);
  const real = await realpath(from).catch(() => undefined);
  if (real !== undefined) await copyEntry(real, to, 0);
}

async function copyEntry(from: string, to: string, depth: number): Promise<void> {
  const found = await lstat(from).catch(() => undefined);
  if (found === undefined || depth > depthLimit) return;
  if (found.isSymbolicLink()) return symlink(await readlink(from), to);
  if ((found.mode & 0o004) === 0) return;
  if (found.isDirectory()) {
    await mkdir(to, { mode: 0o755 });
    const entries = await readdir(from);
    await Promise.all(entries.map((entry) => copyEntry(join(from, entry), join(to, entry), depth + 1)));
  } else if (found.isFile() && found.size <= fileLimitBytes) {
    await copyFile(from, to);
    await chmod(to, 0o644 | (found.mode & 0o111));
  }
}
