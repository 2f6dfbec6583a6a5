/** The rows of the view “Profiles”: groups, profiles, tables, values; or why there is nothing to show. Pure. */
import type { Failure } from '../failure.ts';
import { sorted, sources, type ListedProfile, type ProfileSource } from './listed.ts';
import { tablesOf, type ProfileValue, type ValueTable } from './values.ts';

export type ProfileNode =
  | { readonly kind: 'group'; readonly source: ProfileSource; readonly profiles: readonly ListedProfile[] }
  | { readonly kind: 'profile'; readonly profile: ListedProfile }
  | { readonly kind: 'table'; readonly profile: ListedProfile; readonly table: ValueTable }
  | { readonly kind: 'value'; readonly profile: ListedProfile; readonly value: ProfileValue }
  | { readonly kind: 'problem'; readonly within: string; readonly text: string; readonly origin: Origin }
  | {
      readonly kind: 'advice';
      readonly within: string;
      readonly text: string;
      readonly icon: string;
      readonly command?: `lasso.${string}`;
    };

/** a place in a file; lines count from 1 */
type Origin = NonNullable<ProfileValue['origin']>;

const detailLimit = 20;

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

/** What was left out, what is above the first table, then the tables. */
export function inProfile(
  profile: ListedProfile,
  { values, notices }: { readonly values: readonly ProfileValue[]; readonly notices: readonly string[] },
): readonly ProfileNode[] {
  const rows = tablesOf(values).flatMap((table): readonly ProfileNode[] =>
    table.name === '' ? inTable(profile, table) : [{ kind: 'table', profile, table }],
  );
  return [...notices.map((text): ProfileNode => ({ kind: 'advice', within: idOf(profile), text, icon: 'info' })), ...rows];
}

export const inTable = (profile: ListedProfile, table: ValueTable): readonly ProfileNode[] =>
  table.values.map((value) => ({ kind: 'value', profile, value }));

/** rows instead of values when a profile cannot be read, or no helper can be had */
export function adviceOn({ message, hint, details }: Failure, within: string): readonly ProfileNode[] {
  const row = (text: string, icon: string): ProfileNode => ({ kind: 'advice', within, text, icon });
  const problems = details.slice(0, detailLimit).map((line) => problemIn(line, within) ?? row(line, 'circle-small'));
  // What is wrong says more than that something is wrong.
  const [first] = problems;
  return [...(first?.kind === 'problem' ? [] : [row(message, 'error')]), ...problems, ...(hint === '' ? [] : [row(hint, 'lightbulb')])];
}

/** `/p/team.toml:13:2 what is wrong` as a row that leads there. */
function problemIn(line: string, within: string): ProfileNode | undefined {
  const [, file, at, text] = /^(.{1,4096}?):(\d{1,7}):\d{1,7}:?\s+(.+)$/s.exec(line) ?? [];
  if (file === undefined || at === undefined || text === undefined) return undefined;
  return { kind: 'problem', within, text, origin: { file, line: Number(at) } };
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
    case 'problem':
      return `problem/${node.within}/${node.origin.line}/${node.text}`;
    case 'advice':
      return `advice/${node.within}/${node.text}`;
  }
}

export const idOf = ({ source, file }: ListedProfile): string => `${source}:${file}`;
