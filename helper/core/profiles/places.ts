/** What putting a profile together needs of the world. */
import type { Folders } from '../../base/platform.ts';
import type { ProfileSources } from '../../profile/sources.ts';

export interface ProfilePlaces {
  readonly sources: ProfileSources;
  readonly folders: Pick<Folders, 'state'>;
  readonly config: { readonly defaults: { readonly profile?: string | undefined } };
}
