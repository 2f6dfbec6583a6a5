/** The profile a sandbox gets and what it means: found, tightened by its folder's own, and held against the folder's lock. */
import { policyOf } from '../policy/policy.ts';
import { effectiveProfile, type ProfileWish } from './effective.ts';
import { requireLocked } from './lock.ts';
import type { ReadProfile, World } from './world.ts';

/** A profile that bans commands must not be taken for one that is obeyed. */
const commandsUnjudged = 'This profile’s command rules are not enforced yet: what runs inside is confined, not judged.';

/** @throws LassoError UNKNOWN_PROFILE, BAD_PROFILE, PROFILE_UNAPPROVED, PROFILE_MISMATCH, BAD_REQUEST when the settings have an error */
export async function readProfile(
  wish: ProfileWish,
  { sources, folders, settings, version }: Pick<World, 'sources' | 'folders' | 'settings' | 'version'>,
): Promise<ReadProfile> {
  const held = await effectiveProfile(wish, { sources, folders, config: await settings.sound() });
  const { profile, reference, digest, findings, notices, workspace, agent } = held;
  if (wish.dir !== undefined && wish.ignoreWorkspaceProfile !== true) await requireLocked(held, wish.dir, version, sources);
  const unjudged = findings.some(({ code, path }) => code === 'not-enforced' && path[0] === 'commands');
  return {
    name: profile.name,
    reference,
    digest,
    ...(workspace.state === 'approved' && workspace.digest !== undefined ? { workspaceDigest: workspace.digest } : {}),
    ...(agent === undefined ? {} : { agent }),
    policy: policyOf(profile, sources.hostGroups, digest),
    notices: [...notices, ...(unjudged ? [commandsUnjudged] : [])],
  };
}
