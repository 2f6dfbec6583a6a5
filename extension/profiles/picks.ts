/** Profiles as rows of a quick pick: grouped by where they come from, broken ones with a warning. */
import * as vscode from 'vscode';
import { visible } from '../visible.ts';
import { sorted, sourceLooks, sources, type ListedProfile } from './listed.ts';

export type ProfileItem = vscode.QuickPickItem & { readonly profile?: ListedProfile };

/** @param first file of the profile that comes before all others, as most likely meant */
export function profileItems(profiles: readonly ListedProfile[], first?: string): readonly ProfileItem[] {
  const likely = profiles.filter(({ file }) => file === first);
  const rest = sorted(profiles.filter(({ file }) => file !== first));
  return [
    ...likely.map(itemOf),
    ...sources.flatMap((source) => {
      const inside = rest.filter((profile) => profile.source === source);
      const separator = { label: sourceLooks[source].group, kind: vscode.QuickPickItemKind.Separator };
      return inside.length === 0 ? [] : [separator, ...inside.map(itemOf)];
    }),
  ];
}

function itemOf(profile: ListedProfile): ProfileItem {
  const { name, description, source, valid } = profile;
  return {
    label: `$(${valid ? sourceLooks[source].icon : 'warning'}) ${visible(name)}`,
    description: source === 'built-in' ? '' : sourceLooks[source].word,
    detail: valid ? visible(description) : 'This profile has errors.',
    profile,
  };
}
