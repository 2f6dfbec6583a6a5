/** What the helper is asked about when a profile is looked at: a profile by itself, or what a folder makes of the one that is used there. */
import { readSettings } from '../settings.ts';
import { isChoosable, referenceOf, type ListedProfile } from './listed.ts';

export interface Wish {
  readonly profile?: string;
  /** the folder that has a say */
  readonly dir?: string;
}

/** What a folder brings means nothing by itself: it is shown on top of the profile that sandboxes there get. */
export function wishOf(profile: ListedProfile): Wish {
  if (profile.folder === undefined) return { profile: referenceOf(profile) };
  if (isChoosable(profile)) return { profile: profile.name, dir: profile.folder };
  return { ...usual(), dir: profile.folder };
}

/** the profile that sandboxes get where nobody chooses one */
export function usual(): Wish {
  const { defaultProfile } = readSettings();
  return defaultProfile === undefined ? {} : { profile: defaultProfile };
}
