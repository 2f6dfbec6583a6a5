/** What a writer probably meant where the schema objects, as changes of the text, the likeliest first. Guesses only where one is plain. */
import type { Fix } from '../protocol/finding.ts';
import type { Edits } from './edits.ts';
import type { Tree } from './tree.ts';
import type { SchemaIssue } from './wording.ts';
import { profileName } from '../protocol/profile/profile.ts';
import { shapeAt } from '../protocol/profile/shape.ts';
import { nearestName } from './nearest.ts';

export function remedies(issue: SchemaIssue, place: Tree, edits: Edits): readonly Fix[] {
  const use = (text: string): Fix => edits.replaced(`Use ${text}`, place.origin.value, text);
  switch (issue.code) {
    case 'invalid_value': {
      if (place.kind !== 'leaf') return [];
      const choices = issue.values.map(String);
      const near = nearestName(String(place.value), choices);
      const ordered = near === undefined ? choices : [near, ...choices.filter((choice) => choice !== near)];
      return ordered.map((choice) => use(JSON.stringify(choice)));
    }
    case 'invalid_type': {
      const { maximum } = shapeAt(issue.path) ?? {};
      if (place.kind === 'leaf' && typeof place.value === 'bigint') return maximum === undefined ? [] : [use(String(maximum))];
      return retyped(issue.expected, place, edits);
    }
    case 'invalid_union':
      return retyped('string', place, edits);
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array' ? [] : [use(String(issue.minimum))];
    case 'too_big':
      return issue.origin === 'string' || issue.origin === 'array' ? [] : [use(String(issue.maximum))];
    case 'invalid_format':
      return named(place).map((host) => use(JSON.stringify(host)));
    case 'not_multiple_of':
    case 'invalid_key':
    case 'invalid_element':
    case 'unrecognized_keys':
    case 'custom':
      return [];
    default:
      return issue satisfies never;
  }
}

/** A name for a profile without one, below the comment it begins with: that of its file, where that can be one. */
export function nameGiven(file: string, edits: Edits): readonly Fix[] {
  const base = /([^/\\]*?)(?:\.lasso)?\.toml$/.exec(file)?.[1] ?? '';
  if (!profileName.safeParse(base).success) return [];
  const lineAt = (line: number): string => edits.textAt(file, { start: { line, character: 0 }, end: { line: line + 1, character: 0 } });
  let line = 0;
  while (/^\uFEFF?#.*\n/.test(lineAt(line))) line += 1;
  const at = { line, character: lineAt(line).startsWith('\uFEFF') ? 1 : 0 };
  const text = `name = ${JSON.stringify(base)}`;
  return [edits.replaced(`Add ${text}`, { start: at, end: at }, `${text}\n`)];
}

/** Another spelling of the same value that has the expected type. */
function retyped(expected: string, place: Tree, edits: Edits): readonly Fix[] {
  const { file, value: range } = place.origin;
  const written = edits.textAt(file, range);
  const fix = (title: string, text: string): readonly Fix[] => [edits.replaced(title, range, text)];
  if (expected === 'array') return place.kind === 'leaf' ? fix('Make it a list', `[${written}]`) : [];
  if (place.kind === 'list') {
    const [only] = place.items;
    if (only?.kind !== 'leaf' || place.items.length !== 1 || typeof only.value !== kindOf(expected)) return [];
    return fix('Take the brackets away', edits.textAt(file, only.origin.value));
  }
  if (place.kind !== 'leaf') return [];
  const { value } = place;
  if (expected === 'string') return fix('Put it in quotes', JSON.stringify(written));
  if (typeof value === 'number' && expected === 'int' && Number.isFinite(value)) {
    const whole = String(Math.round(value));
    return fix(`Use ${whole}`, whole);
  }
  if (typeof value !== 'string') return [];
  const plain = value.trim().toLowerCase();
  if (kindOf(expected) === 'number' && /^\d{1,9}$/.test(plain)) return fix('Take the quotes away', String(Number(plain)));
  if (expected === 'boolean' && /^(true|yes|on)$/.test(plain)) return fix('Use true', 'true');
  if (expected === 'boolean' && /^(false|no|off)$/.test(plain)) return fix('Use false', 'false');
  return [];
}

const kindOf = (expected: string): string => (expected === 'int' ? 'number' : expected);

/** The host in an address that was written where a host belongs. */
function named(place: Tree): readonly string[] {
  if (place.kind !== 'leaf' || typeof place.value !== 'string') return [];
  const text = place.value.includes('://') ? place.value : `https://${place.value}`;
  if (!/^https?:\/\/[A-Za-z0-9.-]+(:\d+)?(\/|$)/.test(text) || !URL.canParse(text)) return [];
  const { hostname } = new URL(text);
  return hostname.includes('.') ? [hostname] : [];
}
