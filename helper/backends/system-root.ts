/**
 * What a sandbox without an image sees of the host's own system: /usr, the links that lead into it, and those few entries of
 * /etc that programs need. Never an entry that holds a secret, a user, or a machine's identity.
 */
import { lstat, readdir, readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';

/** entries of /etc: programs' settings that ship with the system; directories come whole */
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

export interface SystemRoot {
  /** symbolic links to make: path in the sandbox → what it says */
  readonly links: readonly { readonly path: string; readonly target: string }[];
  /** files and folders to show read-only, under the same path */
  readonly binds: readonly { readonly source: string; readonly path: string }[];
}

/** Looks at the system below `root`. Missing entries are left out. */
export async function lookAtSystem(root = '/'): Promise<SystemRoot> {
  const links: { path: string; target: string }[] = [];
  const binds: { source: string; path: string }[] = [];
  const consider = async (path: string): Promise<void> => {
    const real = join(root, path);
    const found = await lstat(real).catch(() => undefined);
    if (found === undefined) return;
    if (!found.isSymbolicLink()) {
      if (found.isDirectory() || found.isFile()) binds.push({ source: real, path });
      return;
    }
    const target = await readlink(real);
    // A link into /usr works as it is; any other is followed once, here, so that nothing inside points at what is not there.
    if (/^(\/|(\.\.\/)*|)usr\//.test(target)) links.push({ path, target });
    else {
      const source = await realpath(real).catch(() => undefined);
      if (source !== undefined) binds.push({ source, path });
    }
  };
  for (const path of ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32']) await consider(path);
  const present = await readdir(join(root, 'etc')).catch(() => []);
  for (const name of [...wanted, ...present.filter((entry) => wantedPattern.test(entry))]) await consider(`/etc/${name}`);
  return { links, binds };
}
