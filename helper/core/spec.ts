/** A saved sandbox and its policy in container words, and the files it needs on the host before it can start. */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Control, Overlay, SandboxSpec } from '../backends/backend.ts';
import type { Policy } from '../policy/policy.ts';
import type { SavedSandbox } from './state.ts';
import { sandboxFolders, type SandboxFolders } from './sandbox-folders.ts';
import type { World } from './world.ts';
import { availableParallelism } from 'node:os';
import { sandboxEnvironment } from '../policy/environment.ts';
import { guestPaths } from '../protocol/guest.ts';
import type { Provision } from './agents/provision.ts';
import { usualAuthorities } from './network/authorities.ts';
import { etcFiles } from './etc.ts';
import { placeholderEnvironment } from './secrets.ts';

/** what a sandbox is made of besides what its profile says */
export interface Parts extends Provision {
  readonly overlays: readonly Overlay[];
}

export function specOf(world: World, saved: SavedSandbox, policy: Policy, waived: readonly Control[], parts: Parts): SandboxSpec {
  const folders = sandboxFolders(world, saved.id);
  return {
    id: saved.id,
    name: saved.name,
    owner: world.owner,
    image: saved.image,
    isolation: saved.isolation,
    guestProgram: world.guestProgram,
    link: { kind: saved.link, directory: folders.link, token: saved.token },
    identity: saved.identity,
    workspace: { source: saved.workspace, target: guestPaths.workspace, readonly: !policy.workspaceWritable },
    overlays: parts.overlays.map(({ path, kind, instead }) => ({ path, kind, instead })),
    mounts: [...saved.mounts, ...parts.kept],
    provided: parts.provided,
    home: parts.home,
    environment: environmentOf(saved, policy),
    etc: folders.etc,
    scratch: folders.scratch,
    hostname: saved.name,
    limits: limitsOf(policy),
    waived,
    labels: { 'dev.lasso.profile': saved.profile },
  };
}

/** What every program in a sandbox starts with under a policy. */
export function environmentOf(saved: SavedSandbox, policy: Policy): Readonly<Record<string, string>> {
  const { environment, id, agent } = saved;
  return sandboxEnvironment({ policy, requested: environment, id, agent, placeholders: placeholderEnvironment(policy.secrets, saved) });
}

function limitsOf({ limits }: Policy): SandboxSpec['limits'] {
  const { cpuShare, ...rest } = limits;
  return { ...rest, cpus: Math.max(0.05, Math.round(cpuShare * availableParallelism() * 100) / 100) };
}

/**
 * Makes a sandbox's host folders, or what they lack. The link and etc folders are seen by the agent's uid; their parent is this
 * user's alone. Files are written where they are: each may be mounted by itself.
 * @param authorities PEM certificates that programs inside trust besides the usual ones
 */
export async function makeFolders(world: World, saved: SavedSandbox, authorities: readonly string[]): Promise<SandboxFolders> {
  const folders = sandboxFolders(world, saved.id);
  await mkdir(folders.root, { recursive: true, mode: 0o700 });
  for (const folder of [folders.link, folders.etc]) {
    await mkdir(folder, { recursive: true });
    await chmod(folder, 0o755);
  }
  await mkdir(folders.scratch, { recursive: true, mode: 0o700 });
  const trusted = [...(await usualAuthorities(world.host.platform)), ...authorities]
    .map((certificate) => `${certificate.trim()}\n`)
    .join('');
  const files = etcFiles(saved.identity, saved.name, guestPaths.home);
  for (const [name, text] of Object.entries({ ...files, [basename(guestPaths.authorities)]: trusted })) {
    const file = join(folders.etc, name);
    await writeFile(file, text);
    await chmod(file, 0o644);
  }
  return folders;
}
