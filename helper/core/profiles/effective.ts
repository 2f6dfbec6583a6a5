/**
 * The profile that holds in a folder: what the user chose, tightened by what the folder itself brings once a person agreed to
 * it. Every verb that means "the profile sandboxes here get" asks this file. Nothing a folder brings is ever trusted unasked.
 */
import { type LoadedProfile, loadProfile } from '../../profile/load.ts';
import { findProfile, isFileReference } from '../../profile/lookup.ts';
import type { ProfileSources } from '../../profile/sources.ts';
import { LassoError } from '../../protocol/errors.ts';
import type { WorkspaceProfile } from '../../protocol/profile-operations.ts';
import { profileName } from '../../protocol/profile/profile.ts';
import { usualProfile } from './config.ts';
import type { ProfilePlaces } from './places.ts';
import { bringsNamed, considerWorkspace } from './workspace-profile.ts';

export interface EffectiveProfile extends LoadedProfile {
  /** how to find the chosen profile again: a name, or an absolute file */
  readonly reference: string;
  /** what the folder brings, and whether it holds: only `approved` and `none` are quiet */
  readonly workspace: WorkspaceProfile;
  /** agent the folder's own settings name; they hold when its profile does */
  readonly agent?: string;
  /** what was left out, one sentence each */
  readonly notices: readonly string[];
}

export interface ProfileWish {
  /** a name or a file; default: that of the settings, else `standard` */
  readonly reference?: string | undefined;
  /** absolute folder of the workspace, without links; without it no workspace has a say */
  readonly dir?: string | undefined;
  readonly ignoreWorkspaceProfile?: boolean | undefined;
  /** agent of the sandbox it is for, whose variables and credential count too */
  readonly agent?: string | undefined;
  /** what happens where nobody has agreed to the folder's profile; for verbs that only show, `leave-out` */
  readonly unapproved?: 'refuse' | 'leave-out' | undefined;
}

const nothing: WorkspaceProfile = { state: 'none', files: [], changes: [], findings: [] };

/** @throws LassoError UNKNOWN_PROFILE, BAD_PROFILE, PROFILE_UNAPPROVED (its details say what the folder's profile changes) */
export async function effectiveProfile(wish: ProfileWish, places: ProfilePlaces): Promise<EffectiveProfile> {
  const { base, reference, named, considered } = await considerProfile(wish, places);
  if (considered === undefined) return { ...base, reference, workspace: nothing, notices: await leftOut(wish, places) };
  const { workspace, tightened, reading } = considered;
  switch (workspace.state) {
    case 'none':
      return { ...base, reference, workspace, notices: [] };
    case 'approved': {
      if (tightened === undefined) throw unapproved(workspace, named);
      return { ...tightened, reference, workspace, ...(reading.agent === undefined ? {} : { agent: reading.agent }), notices: [] };
    }
    case 'declined':
      if (named !== undefined && wish.unapproved !== 'leave-out') throw unapproved(workspace, named);
      return { ...base, reference, workspace, notices: ['The profile of the workspace itself is not used: you declined it.'] };
    case 'new':
    case 'changed':
    case 'gone':
    case 'broken':
      if (wish.unapproved !== 'leave-out') throw unapproved(workspace, named);
      return { ...base, reference, workspace, notices: [notYet[workspace.state]] };
  }
}

export interface ConsideredProfile {
  /** what the user chose */
  readonly base: LoadedProfile;
  readonly reference: string;
  /** name under which only the workspace has a profile */
  readonly named: string | undefined;
  /** absent where no workspace has a say */
  readonly considered: Awaited<ReturnType<typeof considerWorkspace>> | undefined;
}

/** What the user chose and what the folder would make of it, whoever agreed to it or not. @throws LassoError UNKNOWN_PROFILE, BAD_PROFILE */
export async function considerProfile(wish: ProfileWish, places: ProfilePlaces): Promise<ConsideredProfile> {
  const { sources, config } = places;
  const usual = config.defaults.profile ?? usualProfile;
  const wanted = wish.reference ?? usual;
  const dir = wish.ignoreWorkspaceProfile === true ? undefined : wish.dir;
  const named = dir !== undefined && (await isOnlyThere(wanted, dir, sources)) ? wanted : undefined;
  // A profile only the workspace has tightens what would hold without it.
  const chosen = named === undefined ? wanted : usual === named ? usualProfile : usual;
  const base = await loadProfile(chosen, sources);
  const reference = isFileReference(wanted) ? base.file : wanted;
  if (dir === undefined) return { base, reference, named, considered: undefined };
  return { base, reference, named, considered: await considerWorkspace(base, { workspace: dir, name: named, wanted }, places) };
}

/** Whether a name means a profile of the workspace: one that the user or a built-in has never does. */
async function isOnlyThere(reference: string, dir: string, sources: ProfileSources): Promise<boolean> {
  if (isFileReference(reference) || !profileName.safeParse(reference).success) return false;
  // What cannot be read is told by whoever loads it.
  const found = await findProfile(reference, sources).catch(() => 'unreadable' as const);
  return found === undefined && (await bringsNamed(dir, reference, sources));
}

const notYet: Readonly<Record<'new' | 'changed' | 'gone' | 'broken', string>> = {
  new: 'The workspace brings a profile of its own that nobody has approved, so it is left out here.',
  changed: 'The profile of the workspace itself has changed since it was approved, so it is left out here.',
  gone: 'The profile of the workspace itself, which was approved, is gone.',
  broken: 'The profile of the workspace itself has errors, so it is left out here.',
};

/** Says so where a workspace brings something and was not asked. */
async function leftOut({ dir, ignoreWorkspaceProfile, reference }: ProfileWish, places: ProfilePlaces): Promise<readonly string[]> {
  if (dir === undefined || ignoreWorkspaceProfile !== true) return [];
  const { considered } = await considerProfile({ dir, reference }, places).catch(() => ({ considered: undefined }));
  const brings = considered !== undefined && considered.workspace.state !== 'none';
  return brings ? ['The profile of the workspace itself is left out, as you asked.'] : [];
}

const happened: Readonly<Record<WorkspaceProfile['state'], string>> = {
  none: 'brings no profile',
  new: 'brings a profile of its own that nobody has approved',
  changed: 'has changed its profile since it was approved',
  gone: 'had a profile that was approved, and it is gone',
  approved: 'brings a profile that cannot be used',
  declined: 'brings a profile that you declined',
  broken: 'brings a profile that cannot be used',
};

function unapproved(workspace: WorkspaceProfile, named: string | undefined): LassoError {
  const { state, files, changes, findings } = workspace;
  const errors = findings.filter(({ severity }) => severity === 'error');
  const details = [
    ...files.map(({ file, text, approved }) => (text === '' && approved !== undefined ? `${file} (gone)` : file)),
    ...errors.map(({ file, range, message }) => `${file ?? ''}:${range.start.line + 1}:${range.start.character + 1} ${message}`),
    ...changes.map(({ effect, text }) => (effect === 'changed' ? text : `now ${effect}: ${text}`)),
  ];
  const approve = named === undefined ? 'lasso profile approve' : `lasso profile approve --profile ${named}`;
  const hint =
    state === 'broken'
      ? 'Correct it, or start without it: --ignore-workspace-profile.'
      : `Look at it and agree with \`${approve}\`, or start without it: --ignore-workspace-profile.`;
  return new LassoError('PROFILE_UNAPPROVED', `This folder ${happened[state]}`, hint, { details });
}
