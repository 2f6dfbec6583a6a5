/**
 * A change of a profile as it is proposed to a person: the text before and after. Proposes and never writes; a profile of the
 * user's own is changed, any other gets one that builds on it. No proposal is offered unless it was tried and does what it says.
 */
import { basename } from 'node:path';
import { checkProfile } from '../../profile/check.ts';
import { valueText } from '../../profile/effective-text.ts';
import { findProfile, profileNames } from '../../profile/lookup.ts';
import type { ProposedChange } from '../../protocol/approval.ts';
import type { Profile } from '../../protocol/profile/profile.ts';
import type { World } from '../world.ts';

export interface WantedChange {
  /** how the sandbox's profile is found: a name, or an absolute file */
  readonly profile: string;
  /** the changed text; undefined where there is no certain place for the change. `about` is the profile it will be. */
  readonly edit: (text: string, about: { readonly name: string; readonly base: string }) => string | undefined;
  /** a new profile of this name, or of a free one where it is taken, also where the profile is the user's own */
  readonly anew?: { readonly name: string | undefined };
  /** whether the changed profile means what was wanted */
  readonly holds: (changed: Profile) => boolean;
}

/** undefined where no change means what is wanted; never rejects for what a profile says */
export async function proposeChange(
  { profile, edit, anew, holds }: WantedChange,
  { sources, profiles }: Pick<World, 'sources' | 'profiles'>,
): Promise<ProposedChange | undefined> {
  const found = await findProfile(profile, sources);
  if (found === undefined) return undefined;
  const own = anew === undefined && found.source === 'user' && found.file === profiles.fileOf(profile);
  const name = own ? profile : await freeName(profile, sources, anew?.name);
  if (name === undefined) return undefined;
  const base = found.source === 'file' ? found.file : profile;
  const after = edit(own ? found.text : beginning(name, base), { name, base });
  if (after === undefined) return undefined;
  const file = profiles.fileOf(name);
  const check = await checkProfile({ file, text: after }, sources);
  if (check.profile === undefined || !holds(check.profile)) return undefined;
  return { profile: name, file, before: own ? found.text : '', after };
}

const beginning = (name: string, base: string): string =>
  `# Like ${valueText(base)}, without some of its questions.\nname = ${valueText(name)}\nextends = ${valueText(base)}\n`;

async function freeName(reference: string, sources: World['sources'], wanted?: string): Promise<string | undefined> {
  const stem = `my-${basename(reference).replace(/(\.lasso)?\.toml$/, '')}`
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, '-')
    .slice(0, 50);
  const taken = new Set(await profileNames(sources));
  return [...(wanted === undefined ? [] : [wanted]), stem, ...Array.from({ length: 8 }, (_, index) => `${stem}-${index + 2}`)].find(
    (name) => !taken.has(name),
  );
}
