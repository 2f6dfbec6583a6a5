/** What the schema has against a profile, one finding for each key or value, at the very place it was written. */
import type { Finding, Fix } from '../protocol/finding.ts';
import { type Profile, profileSchema } from '../protocol/profile/profile.ts';
import { keysAt, tablesWith } from '../protocol/profile/shape.ts';
import type { Edits } from './edits.ts';
import { type KeyPath, keyPathText } from './key-path.ts';
import { nearestName } from './nearest.ts';
import { nameGiven, remedies } from './remedies.ts';
import { type Table, type Tree, nearestAt, valuesOf } from './tree.ts';
import { type SchemaIssue, expectation } from './wording.ts';

export interface Diagnosis {
  /** absent when there is an error */
  readonly profile?: Profile;
  readonly findings: readonly Finding[];
  /** where the errors are, by key path */
  readonly faults: readonly KeyPath[];
}

/** @param edits of the files the tree was read from */
export function diagnose(tree: Table, edits: Edits): Diagnosis {
  const result = profileSchema.safeParse(valuesOf(tree));
  // The schema's objects cannot hold this key, so the schema never sees it.
  const hidden = hiddenKeys(tree, []);
  if (result.success && hidden.length === 0) return { profile: result.data, findings: [], faults: [] };
  const issues = result.success ? [] : result.error.issues;
  return { findings: [...hidden, ...issues.flatMap((issue) => findingsOf(issue, tree, edits))], faults: faultsOf(issues) };
}

/** Where the schema objects: at unknown keys, else at the value or at what it is missing from. */
export function faultsOf(issues: readonly SchemaIssue[]): readonly KeyPath[] {
  return issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...pathOf(issue.path), key]) : [pathOf(issue.path)],
  );
}

function findingsOf(issue: SchemaIssue, tree: Table, edits: Edits): readonly Finding[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.filter((key) => key !== '__proto__').map((key) => unknownKey(key, issue.path, tree, edits));
  const { tree: place, exact } = nearestAt(tree, issue.path);
  const missing = issue.code === 'invalid_type' && !exact;
  const onKey = missing || (issue.code === 'custom' && issue.params?.['at'] === 'key');
  const { text, code } = missing ? { text: 'is missing', code: 'missing-key' } : expectation(issue, place);
  const hint = missing ? `Add a line such as ${String(issue.path.at(-1))} = …` : suggestion(issue, place);
  const unnamed = missing && issue.path.join() === 'name';
  const fixes = exact ? [...remedies(issue, place, edits)] : unnamed ? [...nameGiven(place.origin.file, edits)] : [];
  return [
    {
      severity: 'error',
      code,
      message: `${nameOf(issue.path)}: ${text}`,
      ...(hint === undefined ? {} : { hint }),
      file: place.origin.file,
      path: pathOf(issue.path),
      range: onKey ? place.origin.key : place.origin.value,
      ...(fixes.length === 0 ? {} : { fixes }),
    },
  ];
}

function unknownKey(key: string, path: readonly PropertyKey[], tree: Table, edits: Edits): Finding {
  const { tree: place } = nearestAt(tree, [...path, key]);
  const table = path.length === 0 ? 'a profile' : `[${path.map(String).join('.')}]`;
  const near = nearestName(key, keysAt(path));
  const [elsewhere] = tablesWith(key);
  const hint =
    near !== undefined
      ? `Did you mean ${near}?`
      : elsewhere === undefined
        ? undefined
        : elsewhere === ''
          ? `${key} belongs above the first table.`
          : `${key} belongs in [${elsewhere}].`;
  // A key that is there already would be there twice.
  const taken =
    near === undefined ? elsewhere !== undefined && nearestAt(tree, tablePath(elsewhere, key)) : nearestAt(tree, [...path, near]);
  const fix =
    taken === false || taken.exact
      ? undefined
      : near !== undefined
        ? edits.replaced(`Rename it to ${near}`, place.origin.key, near)
        : moved(elsewhere ?? '', place, tree, edits);
  return {
    severity: 'error',
    code: 'unknown-key',
    message: `${JSON.stringify(key)} is not a key of ${table}`,
    ...(hint === undefined ? {} : { hint }),
    file: place.origin.file,
    path: [...pathOf(path), key],
    range: place.origin.key,
    ...(fix === undefined ? {} : { fixes: [fix] }),
  };
}

const tablePath = (table: string, key: string): readonly string[] => (table === '' ? [key] : [table, key]);

/** The key put where it belongs: below the header of its table, into a new table, or below the name of the profile. */
function moved(table: string, place: Tree, tree: Table, edits: Edits): Fix | undefined {
  if (place.kind === 'table') return undefined;
  const { file, key, value } = place.origin;
  const title = table === '' ? 'Move it above the first table' : `Move it to [${table}]`;
  const target = tree.entries.get(table === '' ? 'name' : table);
  if (table === '')
    return edits.pairMoved(title, file, key, value, { below: target?.origin.file === file ? target.origin.value.end.line : -1 });
  if (target?.origin.file !== file) return edits.pairMoved(title, file, key, value, { table });
  const line = target.origin.key.start.line;
  const header = edits.textAt(file, { start: { line, character: 0 }, end: target.origin.key.end });
  // A table that is written as one value has no line below its header.
  return /^[ \t]*\[[^[]*$/.test(header) ? edits.pairMoved(title, file, key, value, { below: line }) : undefined;
}

/** An item of a list goes by the list's name: its number counts what is inherited, which nobody sees. */
const nameOf = (path: readonly PropertyKey[]): string =>
  keyPathText(pathOf(typeof path.at(-1) === 'number' ? path.slice(0, -1) : path)) || 'profile';

function suggestion(issue: SchemaIssue, place: Tree): string | undefined {
  if (issue.code !== 'invalid_value' || place.kind !== 'leaf' || typeof place.value !== 'string') return undefined;
  const near = nearestName(place.value, issue.values.map(String));
  return near === undefined ? undefined : `Did you mean ${JSON.stringify(near)}?`;
}

function hiddenKeys(tree: Tree, path: readonly (string | number)[]): readonly Finding[] {
  if (tree.kind === 'leaf') return [];
  if (tree.kind === 'list') return tree.items.flatMap((item, index) => hiddenKeys(item, [...path, index]));
  return [...tree.entries].flatMap(([key, inner]) =>
    key === '__proto__' ? [unknownKeyAt(inner, path)] : hiddenKeys(inner, [...path, key]),
  );
}

function unknownKeyAt(tree: Tree, path: readonly (string | number)[]): Finding {
  const message = '"__proto__" is not a key of a profile';
  return { severity: 'error', code: 'unknown-key', message, file: tree.origin.file, path: [...path, '__proto__'], range: tree.origin.key };
}

const pathOf = (path: readonly PropertyKey[]): (string | number)[] => path.map((step) => (typeof step === 'number' ? step : String(step)));
