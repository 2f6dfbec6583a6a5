/** What the schema has against a profile, one finding for each key or value, at the very place it was written. */
import type { Finding } from '../protocol/finding.ts';
import { type Profile, profileSchema } from '../protocol/profile/profile.ts';
import { keysAt, tablesWith } from '../protocol/profile/shape.ts';
import { keyPathText } from './key-path.ts';
import { nearestName } from './nearest.ts';
import { type Table, type Tree, nearestAt, valuesOf } from './tree.ts';
import { type SchemaIssue, expectation } from './wording.ts';

export interface Diagnosis {
  /** absent when there is an error */
  readonly profile?: Profile;
  readonly findings: readonly Finding[];
}

export function diagnose(tree: Table): Diagnosis {
  const result = profileSchema.safeParse(valuesOf(tree));
  // The schema's objects cannot hold this key, so the schema never sees it.
  const hidden = hiddenKeys(tree, []);
  if (result.success && hidden.length === 0) return { profile: result.data, findings: [] };
  const issues = result.success ? [] : result.error.issues;
  return { findings: [...hidden, ...issues.flatMap((issue) => findingsOf(issue, tree))] };
}

function findingsOf(issue: SchemaIssue, tree: Table): readonly Finding[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.filter((key) => key !== '__proto__').map((key) => unknownKey(key, issue.path, tree));
  const { tree: place, exact } = nearestAt(tree, issue.path);
  const missing = issue.code === 'invalid_type' && !exact;
  const onKey = missing || (issue.code === 'custom' && issue.params?.['at'] === 'key');
  const { text, code } = missing ? { text: 'is missing', code: 'missing-key' } : expectation(issue, place);
  const hint = missing ? `Add a line such as ${String(issue.path.at(-1))} = …` : suggestion(issue, place);
  return [
    {
      severity: 'error',
      code,
      message: `${keyPathText(pathOf(issue.path)) || 'profile'}: ${text}`,
      ...(hint === undefined ? {} : { hint }),
      file: place.origin.file,
      path: pathOf(issue.path),
      range: onKey ? place.origin.key : place.origin.value,
    },
  ];
}

function unknownKey(key: string, path: readonly PropertyKey[], tree: Table): Finding {
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
  return {
    severity: 'error',
    code: 'unknown-key',
    message: `${JSON.stringify(key)} is not a key of ${table}`,
    ...(hint === undefined ? {} : { hint }),
    file: place.origin.file,
    path: [...pathOf(path), key],
    range: place.origin.key,
  };
}

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
