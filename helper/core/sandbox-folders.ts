/** Where a sandbox's own files lie on the host while it runs, and how they go again. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { World } from './world.ts';

/** host folders of one sandbox, all under the runtime folder */
export interface SandboxFolders {
  readonly root: string;
  readonly link: string;
  readonly etc: string;
  readonly scratch: string;
}

export function sandboxFolders(world: World, id: string): SandboxFolders {
  const root = join(world.folders.runtime, id);
  return { root, link: join(root, 'link'), etc: join(root, 'etc'), scratch: join(root, 'scratch') };
}

/**
 * Removes a sandbox's host folders. Never while something is mounted below them: deleting through a mount of the workspace
 * would delete the user's files.
 */
export async function removeFolders(world: World, id: string): Promise<void> {
  const { root } = sandboxFolders(world, id);
  const mounted = world.host.platform === 'linux' ? mountsUnder(await readFile('/proc/self/mountinfo', 'utf8'), root) : [];
  if (mounted.length > 0) {
    world.log.error(`still mounted, left alone: ${mounted.join(', ')}`);
    return;
  }
  await rm(root, { recursive: true, force: true });
}

/** Mount points at or below `folder`, from the text of a mountinfo file (proc(5): field 5, octal escapes). */
export function mountsUnder(mountinfo: string, folder: string): readonly string[] {
  return mountinfo
    .split('\n')
    .map((line) =>
      (line.split(' ')[4] ?? '').replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
    )
    .filter((point) => point === folder || point.startsWith(`${folder}/`));
}
