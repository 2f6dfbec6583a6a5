/** What a rule of lint is given, and the ways to look at it. Only what a file says is ever remarked on, never a default. */
import type { HostGroups } from '../../policy/network/rules.ts';
import type { Finding, Fix } from '../../protocol/finding.ts';
import type { Profile } from '../../protocol/profile/profile.ts';
import type { Edits } from '../edits.ts';
import { type KeyPath, keyPathText } from '../key-path.ts';
import type { MachineFacts } from '../sources.ts';
import { type Leaf, type Origin, type Table, type Tree, nearestAt } from '../tree.ts';

export interface LintSubject {
  /** every default filled in; without what the schema refused */
  readonly profile: Profile;
  /** what the files say together */
  readonly tree: Table;
  /** files read, the one that is looked at first */
  readonly files: readonly string[];
  readonly groups: HostGroups;
  readonly edits: Edits;
  /** whether it only takes away from another profile, which says what is not said here */
  readonly tightens: boolean;
  /** name under which the first file is found, where its name in a folder decides */
  readonly fileName?: string;
  /** tags of the profile that the first file builds on */
  readonly baseTags: readonly string[];
  readonly machine?: MachineFacts;
}

export interface Remark {
  readonly severity: Finding['severity'];
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly fixes?: readonly (Fix | undefined)[];
  /** at the key instead of the value */
  readonly onKey?: boolean;
}

/** A finding at a place; none where the place is a default. */
export function remark(place: Tree | undefined, path: KeyPath, said: Remark): readonly Finding[] {
  if (place === undefined || place.assumed) return [];
  const { severity, code, message, hint } = said;
  const fixes = said.fixes?.filter((fix) => fix !== undefined) ?? [];
  const { file, key, value } = place.origin;
  return [
    {
      severity,
      code,
      message,
      ...(hint === undefined ? {} : { hint }),
      file,
      path: [...path],
      range: said.onKey ? key : value,
      ...(fixes.length === 0 ? {} : { fixes }),
    },
  ];
}

/** What is written at a place, a default that stayed included. */
export function treeAt(tree: Tree, path: KeyPath): Tree | undefined {
  const { tree: found, exact } = nearestAt(tree, path);
  return exact ? found : undefined;
}

export interface Item {
  readonly leaf: Leaf;
  readonly path: KeyPath;
}
export interface TextItem extends Item {
  readonly text: string;
}

/** The items of a list that are single values. */
export function itemsAt(tree: Tree, path: KeyPath): readonly Item[] {
  const list = treeAt(tree, path);
  if (list?.kind !== 'list') return [];
  return list.items.flatMap((leaf, index) => (leaf.kind === 'leaf' ? [{ leaf, path: [...path, index] }] : []));
}

/** The items of a list that are text. */
export function textsAt(tree: Tree, path: KeyPath): readonly TextItem[] {
  return itemsAt(tree, path).flatMap((item) => (typeof item.leaf.value === 'string' ? [{ ...item, text: item.leaf.value }] : []));
}

/** Whether `a` is written in the same file as `b` or in one that builds on it: only then did its writer know of `b`. */
export function knew({ files }: LintSubject, a: Origin, b: Origin): boolean {
  return files.indexOf(a.file) <= files.indexOf(b.file);
}

/** Another place in words: its line, with its file where that is another. */
export function placeText(place: Tree, from: Tree): string {
  if (place.assumed) return 'by default';
  return place.origin.file === from.origin.file ? `on line ${place.origin.line}` : `at ${place.origin.file}:${place.origin.line}`;
}

/** Remarks on a key that is written and does nothing. */
export function noEffect({ tree, edits }: LintSubject, path: KeyPath, because: string, cause?: Tree): readonly Finding[] {
  const place = treeAt(tree, path);
  if (place === undefined || place.assumed) return [];
  const { file, key, value } = place.origin;
  const where = cause === undefined || cause.assumed ? '' : ` (${placeText(cause, place)})`;
  return remark(place, path, {
    severity: 'warning',
    code: 'no-effect',
    message: `${keyPathText(path)} has no effect: ${because}${where}`,
    hint: 'Take it out, or change the other.',
    fixes: [edits.pairRemoved('Remove it', file, key, value)],
    onKey: true,
  });
}
