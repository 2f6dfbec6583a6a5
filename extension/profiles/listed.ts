/** A profile as the list of profiles has it, and the words that go with where it comes from. Pure. */
import path from 'node:path';
import type { OperationResult } from '../../helper/protocol/operations.ts';
import type { WorkspaceProfile } from '../../helper/protocol/profile-operations.ts';

type Entry = OperationResult<'profileList'>['profiles'][number];
export type ProfileSource = Entry['source'];
export type WorkspaceState = WorkspaceProfile['state'];

export interface ListedProfile extends Entry {
  /** folder of the window that brings it; for workspace profiles only */
  readonly folder?: string;
}

/** in the order in which they are shown */
export const sources: readonly ProfileSource[] = ['user', 'built-in', 'workspace', 'file'];

export const sourceLooks: Readonly<Record<ProfileSource, { readonly group: string; readonly icon: string; readonly word: string }>> = {
  user: { group: 'Yours', icon: 'account', word: 'yours' },
  'built-in': { group: 'Built in', icon: 'shield', word: 'built in' },
  workspace: { group: 'This workspace', icon: 'root-folder', word: 'this workspace' },
  file: { group: 'Files', icon: 'file', word: 'file' },
};

/** By source, then by name; broken ones keep their place. */
export function sorted(profiles: readonly ListedProfile[]): readonly ListedProfile[] {
  return [...profiles].sort((a, b) => sources.indexOf(a.source) - sources.indexOf(b.source) || a.name.localeCompare(b.name));
}

/** What the helper takes for this very profile: a name means what it means everywhere, a workspace's profile only its file. */
export const referenceOf = ({ name, source, file }: ListedProfile): string => (source === 'user' || source === 'built-in' ? name : file);

/** Why a workspace's profile does not count, in two or three words; empty where it does. */
export const stateWords: Readonly<Record<WorkspaceState, string>> = {
  none: '',
  new: 'waits for your answer',
  changed: 'changed since you agreed',
  gone: 'gone since you agreed',
  approved: 'in use',
  declined: 'declined',
  broken: 'has errors',
};

/** The profile a folder lays over every choice, as a row of its own; none where it brings none. */
export function broughtBy(folder: string, state: WorkspaceState): readonly ListedProfile[] {
  if (state === 'none') return [];
  const file = path.join(folder, '.lasso', 'profile.toml');
  return [{ name: 'profile.toml', description: '', source: 'workspace', file, folder, tags: [], valid: state !== 'broken' }];
}

/** False for the profile a folder puts on top of whatever is chosen: it is not a choice of its own. */
export const isChoosable = ({ source, file }: ListedProfile): boolean =>
  source !== 'workspace' || !/[\\/]\.lasso[\\/]profile\.toml$/.test(file);

/** What is wrong with a name, or undefined. */
export function nameFault(text: string, used: readonly string[]): string | undefined {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(text)) return 'Letters, digits, “-” and “_”, 64 at most, a letter or digit first';
  return used.includes(text) ? `You have a profile “${text}” already` : undefined;
}
