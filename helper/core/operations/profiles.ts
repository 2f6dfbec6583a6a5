/** The verbs that look at profiles: what there is, what one means, where it was found, and how two differ. They change nothing. */
import { realpath } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { effectiveText } from '../../profile/effective-text.ts';
import { effectiveValues } from '../../profile/effective-values.ts';
import { diffPolicies } from '../../profile/diff/diff.ts';
import { listProfiles } from '../../profile/load.ts';
import { lookedPlaces } from '../../profile/lookup.ts';
import { profileJsonSchema } from '../../profile/schema.ts';
import { LassoError } from '../../protocol/errors.ts';
import { type EffectiveProfile, effectiveProfile, type ProfileWish } from '../profiles/effective.ts';
import { readTextFile } from '../profiles/profiles.ts';
import type { World } from '../world.ts';
import type { OperationHandlers } from './contract.ts';

export type ProfilePlaces = Pick<World, 'sources' | 'folders' | 'settings'>;

type Reading = 'profileList' | 'profileShow' | 'profileDiff' | 'profileResolve' | 'profileSchema';

export function profileOperations(world: ProfilePlaces): Pick<OperationHandlers, Reading> {
  const { sources } = world;
  return {
    profileList: async ({ dir }) => ({
      profiles: (await listProfiles(sources, await folderOf(dir))).map((profile) => ({ ...profile, tags: [...profile.tags] })),
    }),
    profileShow: async ({ profile: reference, dir, all }) => {
      const shown = await profileFor({ reference, dir }, world);
      const { profile, source, file, files, digest, findings, notices } = shown;
      return {
        name: profile.name,
        description: profile.description,
        source,
        file,
        files: [...files],
        digest,
        values: [...effectiveValues(shown, all)],
        findings: [...findings],
        notices: [...notices],
        effective: wholeText(shown),
        text: await writtenText(shown, world),
      };
    },
    profileDiff: async ({ from, to, dir }) => {
      const [a, b] = await Promise.all([from, to].map((reference) => profileFor({ reference, dir, ignoreWorkspaceProfile: true }, world)));
      if (!a || !b) throw new LassoError('BAD_REQUEST', 'Two profiles are needed', 'Name both.');
      const changes = diffPolicies(a, b, sources.hostGroups);
      return {
        same: changes.length === 0,
        changes: [...changes],
        from: { name: a.profile.name, effective: wholeText(a) },
        to: { name: b.profile.name, effective: wholeText(b) },
      };
    },
    profileResolve: async ({ profile: reference, dir }) => {
      const found = await profileFor({ reference, dir }, world);
      const { profile, source, file, files, digest, workspace } = found;
      const looked = await lookedPlaces(found.reference, sources, await folderOf(dir));
      return { name: profile.name, source, file, chain: [...files], looked: [...looked], digest, workspace };
    },
    profileSchema: async () => ({ schema: profileJsonSchema() }),
  };
}

/**
 * The profile a verb that only looks is about; what nobody approved is left out and told.
 * @throws LassoError UNKNOWN_PROFILE, BAD_PROFILE, BAD_REQUEST
 */
export async function profileFor(wish: ProfileWish, { sources, folders, settings }: ProfilePlaces): Promise<EffectiveProfile> {
  const config = await settings.sound();
  return await effectiveProfile({ ...wish, dir: await folderOf(wish.dir), unapproved: 'leave-out' }, { sources, folders, config });
}

function wholeText({ profile }: EffectiveProfile): string {
  return effectiveText({ ...profile, lasso_metadata: undefined });
}

async function writtenText({ source, file }: EffectiveProfile, { sources }: ProfilePlaces): Promise<string> {
  if (source === 'built-in') return sources.builtIns.find((builtIn) => builtIn.file === file)?.text ?? '';
  return (await readTextFile(file)) ?? '';
}

/** The folder as it is known everywhere else, without links; as it is when it is gone. @throws LassoError BAD_REQUEST */
async function folderOf(dir: string | undefined): Promise<string | undefined> {
  if (dir === undefined) return undefined;
  if (!isAbsolute(dir)) throw new LassoError('BAD_REQUEST', 'The workspace must be an absolute path', 'Give the folder with --dir.');
  return await realpath(dir).catch(() => dir);
}
