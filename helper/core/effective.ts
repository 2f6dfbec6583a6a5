/**
 * The profile that holds in a folder: what the user chose, tightened by what the folder itself brings once a person agreed to
 * it. Every verb that means "the profile sandboxes here get" asks this file. Nothing a folder brings is ever trusted unasked.
 */
import type { Folders } from '../base/platform.ts';
import { type LoadedProfile, loadProfile } from '../profile/load.ts';
import { isFileReference } from '../profile/lookup.ts';
import type { ProfileSources } from '../profile/sources.ts';
import type { WorkspaceProfile } from '../protocol/profile-operations.ts';

export interface EffectiveProfile extends LoadedProfile {
  /** how to find the chosen profile again: a name, or an absolute file */
  readonly reference: string;
  /** what the folder brings, and whether it holds: only `approved` and `none` are quiet */
  readonly workspace: WorkspaceProfile;
  /** what was left out, one sentence each */
  readonly notices: readonly string[];
}

export interface ProfileWish {
  /** a name or a file; default: that of the settings, else `standard` */
  readonly reference?: string | undefined;
  /** absolute folder of the workspace; without it no workspace has a say */
  readonly dir?: string | undefined;
  readonly ignoreWorkspaceProfile?: boolean | undefined;
  /** what happens where nobody has agreed to the folder's profile; for verbs that only show, `leave-out` */
  readonly unapproved?: 'refuse' | 'leave-out' | undefined;
}

/** what is needed of the world */
export interface ProfilePlaces {
  readonly sources: ProfileSources;
  readonly folders: Pick<Folders, 'state'>;
  readonly config: { readonly defaults: { readonly profile?: string | undefined } };
}

/** what is used where neither a person nor the settings name a profile */
const standard = 'standard';

/** @throws LassoError UNKNOWN_PROFILE, BAD_PROFILE, PROFILE_UNAPPROVED (its details say what the folder's profile changes) */
export async function effectiveProfile(wish: ProfileWish, places: ProfilePlaces): Promise<EffectiveProfile> {
  const wanted = wish.reference ?? places.config.defaults.profile ?? standard;
  const loaded = await loadProfile(wanted, places.sources);
  const workspace: WorkspaceProfile = { state: 'none', files: [], changes: [], findings: [] };
  return { ...loaded, reference: isFileReference(wanted) ? loaded.file : wanted, workspace, notices: [] };
}
