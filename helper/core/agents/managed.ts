/**
 * The settings of every agent that stand above what a project, a user or the agent itself can say: written for each sandbox from the
 * profile that holds in it, shown in it read-only, and written anew when the profile or the mode changes. They are LASSO's: no one else
 * writes there, and nothing is read back.
 */
import { chmod, mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { agents } from '../../agents/index.ts';
import type { Brief } from '../../agents/brief.ts';
import type { ManagedFile } from '../../agents/agent.ts';
import { briefOf } from '../../agents/make-brief.ts';
import type { BindMount } from '../../backends/backend.ts';
import { writeFileAtomic } from '../../base/atomic-file.ts';
import type { Policy } from '../../policy/policy.ts';
import { rulesNow } from '../rules-now.ts';
import { sandboxFolders } from '../sandbox-folders.ts';
import type { SavedSandbox } from '../state.ts';
import type { World } from '../world.ts';

/** What a sandbox's profile says to agents, in the mode it is in now. */
export function briefNow(world: Pick<World, 'sources'>, saved: Pick<SavedSandbox, 'mode'>, policy: Policy): Brief {
  return briefOf({ ...policy, mode: saved.mode ?? policy.mode, commands: rulesNow(saved, policy) }, world.sources.hostGroups);
}

/** Managed settings of every agent, in the order of agents. */
export function managedFiles(brief: Brief): readonly ManagedFile[] {
  return Object.values(agents).flatMap(({ managed }) => managed?.(brief) ?? []);
}

/** Writes them for a sandbox, each whole; those that are no longer needed go. */
export async function writeManaged(world: World, saved: SavedSandbox, policy: Policy): Promise<void> {
  const root = managedRoot(world, saved.id);
  const files = managedFiles(briefNow(world, saved, policy));
  for (const folder of folders) {
    const path = join(root, folder);
    await mkdir(path, { recursive: true, mode: 0o755 });
    await chmod(path, 0o755);
  }
  const written = new Set<string>();
  for (const { path, text } of files) {
    const file = join(root, path);
    const parent = dirname(file);
    await mkdir(parent, { recursive: true, mode: 0o755 });
    await chmod(parent, 0o755);
    await writeFileAtomic(file, text, 0o644);
    // Whatever this process's own mask is.
    await chmod(file, 0o644);
    written.add(file);
  }
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (!entry.isDirectory() && !written.has(file)) await rm(file, { force: true });
  }
}

/** How a sandbox sees them. */
export function managedMounts(world: World, id: string): readonly BindMount[] {
  return folders.map((folder) => ({ source: join(managedRoot(world, id), folder), target: folder, readonly: true }));
}

/** every folder below which some agent looks; there in every sandbox, whatever is in it, so that nothing inside can be the first */
const folders = ['/etc/claude-code', '/etc/codex', '/etc/gemini-cli', '/etc/github-copilot', '/etc/opencode'] as const;

const managedRoot = (world: World, id: string): string => join(sandboxFolders(world, id).root, 'managed');
