/** What the host’s git would obey of a workspace because its configuration names it: closed like the rest of what git obeys. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { filesNamedByGit } from '../../policy/files/obeyed.ts';

/** largest configuration that is read, in bytes */
const limitBytes = 1_000_000;

/** Paths below the workspace, with “/”; none where there is no repository. Never rejects, never waits for a FIFO. */
export async function namedByGit(root: string): Promise<readonly string[]> {
  const { hooks, includes } = filesNamedByGit(await textOf(join(root, '.git', 'config')));
  const paths = [...hooks.map((path) => inside(root, root, path)), ...includes.map((path) => inside(root, join(root, '.git'), path))];
  return [...new Set(paths.filter((path) => path !== undefined))];
}

function inside(root: string, from: string, path: string): string | undefined {
  const found = relative(root, isAbsolute(path) ? path : join(from, path));
  return found === '' || found === '..' || found.startsWith(`..${sep}`) || isAbsolute(found) ? undefined : found.split(sep).join('/');
}

async function textOf(file: string): Promise<string> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const status = await handle.stat();
      return status.isFile() && status.size <= limitBytes ? await handle.readFile('utf8') : '';
    } finally {
      await handle.close();
    }
  } catch {
    return '';
  }
}
