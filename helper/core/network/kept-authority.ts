/**
 * A sandbox's own authority, kept beside its link for as long as it runs: programs inside that trusted it go on doing so when the
 * helper was killed and another one takes the sandbox back. The file is this user's alone and is never shown inside.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { readFileIfAny, writeFileAtomic } from '../../base/atomic-file.ts';
import { openAuthority, type KeptAuthority, type SandboxAuthority } from '../../egress/certificates.ts';
import type { Sandbox } from '../sandbox.ts';
import { sandboxFolders } from '../sandbox-folders.ts';
import type { World } from '../world.ts';

const kept = z.object({ certificatePem: z.string(), keyPem: z.string() });

/** The authority of a sandbox that is taken back, or a new one. */
export async function authorityOf(world: World, sandbox: Sandbox): Promise<SandboxAuthority> {
  const file = join(sandboxFolders(world, sandbox.id).root, 'authority.json');
  // One that starts anew starts with nothing of before.
  const earlier = sandbox.saved.state === 'creating' ? undefined : parsed((await readFileIfAny(file)) ?? '');
  try {
    if (earlier !== undefined) return await openAuthority(earlier);
  } catch (error) {
    world.log.error(`the authority of ${sandbox.id} cannot be used again`, error);
  }
  const authority = await openAuthority();
  await writeFileAtomic(file, `${JSON.stringify(authority.kept)}\n`);
  return authority;
}

function parsed(text: string): KeptAuthority | undefined {
  try {
    return kept.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
