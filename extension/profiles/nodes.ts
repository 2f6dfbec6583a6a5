/** The rows of the view “Profiles”: groups, profiles, tables, values; or why there is nothing to show. Pure. */
import type { Failure } from '../failure.ts';
import { sorted, sources, type ListedProfile, type ProfileSource } from './listed.ts';
import { tablesOf, type ProfileValue, type ValueTable } from './values.ts';

export type ProfileNode =
  | { readonly kind: 'group'; readonly source: ProfileSource; readonly profiles: readonly ListedProfile[] }
  | { readonly kind: 'profile'; readonly profile: ListedProfile }
  | { readonly kind: 'table'; readonly profile: ListedProfile; readonly table: ValueTable }
  | { readonly kind: 'value'; readonly profile: ListedProfile; readonly value: ProfileValue }
  | {
      readonly kind: 'advice';
      readonly within: string;
      readonly text: string;
      readonly icon: string;
      readonly command?: `lasso.${string}`;
    };

/** Groups that have something in them; “Yours” is always there, as the place to begin one. */
export function groupsOf(profiles: readonly ListedProfile[]): readonly ProfileNode[] {
  return sources
    .map((source) => ({ kind: 'group', source, profiles: sorted(profiles.filter((profile) => profile.source === source)) }) as const)
    .filter(({ source, profiles: inside }) => inside.length > 0 || source === 'user');
}

export function inGroup(profiles: readonly ListedProfile[]): readonly ProfileNode[] {
  if (profiles.length > 0) return profiles.map((profile) => ({ kind: 'profile', profile }));
  return [{ kind: 'advice', within: 'user', text: 'New profile…', icon: 'add', command: 'lasso.newProfile' }];
}

/** What is above the first table, then the tables. */
export function inProfile(profile: ListedProfile, values: readonly ProfileValue[]): readonly ProfileNode[] {
  return tablesOf(values).flatMap((table): readonly ProfileNode[] =>
    table.name === '' ? table.values.map((value) => ({ kind: 'value', profile, value })) : [{ kind: 'table', profile, table }],
  );
}

export const inTable = (profile: ListedProfile, table: ValueTable): readonly ProfileNode[] =>
  table.values.map((value) => ({ kind: 'value', profile, value }));

/** rows instead of values when a profile cannot be read, or no helper can be had */
export function adviceOn({ message, hint, details }: Failure, within: string): readonly ProfileNode[] {
  const row = (text: string, icon: string): ProfileNode => ({ kind: 'advice', within, text, icon });
  return [
    row(message, 'error'),
    ...details.slice(0, 20).map((line) => row(line, 'circle-small')),
    ...(hint === '' ? [] : [row(hint, 'lightbulb')]),
  ];
}

/** stable across updates, so that VS Code keeps what is expanded and selected */
export function nodeId(node: ProfileNode): string {
  switch (node.kind) {
    case 'group':
      return `group/${node.source}`;
    case 'profile':
      return idOf(node.profile);
    case 'table':
      return `${idOf(node.profile)}/${node.table.name}`;
    case 'value':
      return `${idOf(node.profile)}/value/${node.value.path}`;
    case 'advice':
      return `advice/${node.within}/${node.text}`;
  }
}

export const idOf = ({ source, file }: ListedProfile): string => `${source}:${file}`;
