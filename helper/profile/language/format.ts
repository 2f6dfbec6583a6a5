/**
 * One way to lay a profile out, which keeps every comment and never changes a value or an escape: lines are moved, spaces and
 * commas are put in order, nothing else. A text that is not valid is left alone, and so is one whose values would not stay the
 * same. It works on the outline that all help while typing needs anyway; libraries that parse TOML with comments, such as
 * toml-eslint-parser, stop at the first error, and would be a second parser beside the one that decides what a profile says.
 */
import type { Range } from '../../protocol/finding.ts';
import { canonicalJson } from '../canonical.ts';
import { parseText } from '../parse.ts';
import { positionsOf } from '../positions.ts';
import { layOut, type LaidOutStatement } from './layout.ts';
import { outlineOf } from './outline.ts';

export interface Edit {
  readonly range: Range;
  readonly text: string;
}

/**
 * Changes that lay a text out; none where it is as it should be.
 * @param only lines outside of it stay as they are
 */
export function formatEdits(text: string, only?: Range): readonly Edit[] {
  const positions = positionsOf(text);
  const first = only ? positions.offset(only.start.line, 0) : 0;
  // A selection that ends at the beginning of a line does not mean that line.
  const last = only ? positions.offset(only.end.line, only.end.character) - (only.end.character === 0 ? 1 : 0) : text.length;
  const changed = statementsOf(text).filter(
    ({ start, end, text: laidOut }) => start <= Math.max(first, last) && end > first && text.slice(start, end) !== laidOut,
  );
  return changed.map(({ start, end, text: laidOut }) => ({ range: positions.range(start, end), text: laidOut }));
}

export function formatted(text: string): string {
  return statementsOf(text)
    .map((statement) => statement.text)
    .join('');
}

function statementsOf(text: string): readonly LaidOutStatement[] {
  const before = parseText(text, '');
  const unchanged = [{ start: 0, end: text.length, text }];
  if (!before.ok) return unchanged;
  const statements = layOut(text, outlineOf(text));
  const after = parseText(statements.map((statement) => statement.text).join(''), '');
  return after.ok && canonicalJson(plain(after.raw)) === canonicalJson(plain(before.raw)) ? statements : unchanged;
}

/** Values that JSON cannot tell apart, told apart. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'bigint' || typeof value === 'number') return `${typeof value} ${Object.is(value, -0) ? '-0' : String(value)}`;
  if (value instanceof Date) return `date ${value.toISOString()}`;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]: [string, unknown]) => [`key ${key}`, plain(inner)]));
}
