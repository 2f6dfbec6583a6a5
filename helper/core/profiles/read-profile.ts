/** The profile a sandbox gets and what it means: found, tightened by its folder's own, and held against the folder's lock. */
import { policyOf } from '../../policy/policy.ts';
import { secretRulesOf } from '../../policy/secrets.ts';
import { effectiveProfile, type ProfileWish } from './effective.ts';
import { originText } from '../gating/gating.ts';
import { requireLocked } from './lock.ts';
import type { ReadProfile, World } from '../world.ts';

const unreviewed = 'Changes cannot be reviewed yet, so the agent cannot make any: the folder is read-only.';

/** @throws LassoError UNKNOWN_PROFILE, BAD_PROFILE, PROFILE_UNAPPROVED, PROFILE_MISMATCH, BAD_REQUEST when the settings have an error */
export async function readProfile(
  wish: ProfileWish,
  { sources, folders, settings, version }: Pick<World, 'sources' | 'folders' | 'settings' | 'version'>,
): Promise<ReadProfile> {
  const held = await effectiveProfile(wish, { sources, folders, config: await settings.sound() });
  const { profile, reference, digest, notices, workspace, agent, origins } = held;
  if (wish.dir !== undefined && wish.ignoreWorkspaceProfile !== true) await requireLocked(held, wish.dir, version, sources);
  return {
    name: profile.name,
    reference,
    digest,
    ...(workspace.state === 'approved' && workspace.digest !== undefined ? { workspaceDigest: workspace.digest } : {}),
    ...(agent === undefined ? {} : { agent }),
    policy: { ...policyOf(profile, sources.hostGroups, digest), secrets: secretRulesOf(profile, sources.hostGroups, origins) },
    content: profile,
    originOf: (rule) => {
      const origin = origins.get(rule);
      return origin && originText(origin);
    },
    fileOf: (path) => origins.get(path)?.file,
    notices: profile.workspace.mode === 'review' ? [...notices, unreviewed] : notices,
  };
}
