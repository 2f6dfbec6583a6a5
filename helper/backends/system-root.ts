/**
 * What a sandbox without an image sees of the host's own system: /usr, the links and folders that lead into it, and a copy of
 * a few entries of /etc.
 */
import { lstat, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { copyOfEtc } from './system-etc.ts';

export interface SystemRoot {
  /** symbolic links to make: path in the sandbox → what it says */
  readonly links: readonly { readonly path: string; readonly target: string }[];
  /** folders to show read-only, under the same path */
  readonly binds: readonly { readonly source: string; readonly path: string }[];
  /** host folder to show as /etc */
  readonly etc: string;
}

/** Looks at the system below `root`; the copy of /etc is kept below `cache`. */
export async function lookAtSystem(cache: string, root = '/'): Promise<SystemRoot> {
  const links: { path: string; target: string }[] = [];
  const binds: { source: string; path: string }[] = [];
  for (const path of ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32']) {
    const source = join(root, path);
    const found = await lstat(source).catch(() => undefined);
    if (found?.isSymbolicLink()) links.push({ path, target: await readlink(source) });
    else if (found?.isDirectory()) binds.push({ source, path });
  }
  return { links, binds, etc: await copyOfEtc(cache, root) };
}
