/**
 * Settings in TOML. No library changes TOML and keeps its comments, so LASSO's values stand in marked parts: keys in front of all
 * tables, keys of a table of the user's behind its heading, tables at the end. Where a key of the user's own says something else,
 * the file is left alone and the key is told.
 */
import { parse, stringify, TomlError } from 'smol-toml';
import type { JsonObject, JsonValue } from '../agent.ts';
import { blockText, blocksIn, withoutBlocks } from './block.ts';
import { applyAll, type Edit } from './edits.ts';
import { endOfLine, isRefusal, type Mark, type Meaning, type Merged, type Refusal } from './outcome.ts';
import { isList, isObject, missing, objectOf, overlap, putInto, sameValue, valueOf } from './values.ts';

export const freshToml = (value: JsonObject, mark: Mark): string => `${marked(stringify(value), mark, '\n')}\n`;

/** What a text means; dates are the texts they are written as. */
export function meantByToml(text: string): Meaning | Refusal {
  try {
    return { meant: objectOf(Object.entries(parse(text, { maxDepth: 100 })).map(([key, value]) => [key, plain(value)])) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const what = (error.message.split('\n')[0] ?? '').replace(/^Invalid TOML document: /, '');
    return { refused: `it is no valid TOML (${error.line}:${error.column}, ${what}): correct it, or move it aside` };
  }
}

export function mergeToml(text: string, value: JsonObject, mark: Mark): Merged | Refusal {
  // Parts from before that nobody remembers are replaced.
  const bare = withoutBlocks(text);
  if (isRefusal(bare)) return bare;
  const found = meantByToml(bare);
  if (isRefusal(found)) return found;
  const before = found.meant;
  const parts = new Parts();
  parts.place([], value, before);
  if (parts.conflicts.length > 0) {
    const keys = parts.conflicts.slice(0, 5).join(', ');
    return { refused: `it says something else itself about ${keys}: take that out, and LASSO can say it` };
  }
  const edits = parts.edits(bare, mark);
  if (isRefusal(edits)) return edits;
  const gone: readonly Edit[] = bare === text ? [] : [{ at: 0, remove: text.length, insert: bare }];
  const { text: after, undo } = applyAll(text, [gone, edits]);
  const now = meantByToml(after);
  if (isRefusal(now) || !sameValue(now.meant, putInto(before, value)))
    return { refused: `LASSO’s tables do not fit beside its own (${parts.tables().join(', ')}): write those as [tables], not on one line` };
  const was = overlap(before, value);
  return { text: after, undo, ...(isObject(was) ? { was } : {}) };
}

export function takeOutOfToml(text: string): string | Refusal {
  const bare = withoutBlocks(text);
  if (isRefusal(bare)) return bare;
  const meant = meantByToml(bare);
  return isRefusal(meant) ? meant : bare;
}

/** Whether a text has a marked part. */
export function isMarkedToml(text: string): boolean {
  const found = blocksIn(text);
  return !isRefusal(found) && found.length > 0;
}

class Parts {
  readonly conflicts: string[] = [];
  readonly #front = new Map<string, JsonValue>();
  readonly #inside: { readonly path: readonly string[]; readonly entries: Map<string, JsonValue> }[] = [];
  readonly #end: { readonly path: readonly string[]; readonly value: JsonValue }[] = [];

  place(path: readonly string[], value: JsonObject, there: JsonObject): void {
    const entries = new Map<string, JsonValue>();
    for (const [key, wanted] of Object.entries(value)) {
      const found = valueOf(there, key);
      if (found === undefined) {
        if (isTable(wanted)) this.#end.push({ path: [...path, key], value: wanted });
        else entries.set(key, wanted);
      } else if (isObject(found) && isObject(wanted)) this.place([...path, key], wanted, found);
      else if (isTables(found) && isTables(wanted)) {
        const left = missing(found, wanted);
        if (left.length > 0) this.#end.push({ path: [...path, key], value: left });
      } else if (!(isList(found) && isList(wanted) ? missing(found, wanted).length === 0 : sameValue(found, wanted)))
        this.conflicts.push([...path, key].join('.'));
    }
    if (path.length === 0) for (const [key, wanted] of entries) this.#front.set(key, wanted);
    else if (entries.size > 0) this.#inside.push({ path, entries });
  }

  tables(): readonly string[] {
    return [...this.#inside.map(({ path }) => path.join('.')), ...this.#end.map(({ path }) => path.join('.'))];
  }

  edits(text: string, mark: Mark): readonly Edit[] | Refusal {
    const line = endOfLine(text);
    const edits: Edit[] = [];
    if (this.#front.size > 0)
      edits.push({ at: 0, remove: 0, insert: `${marked(stringify(objectOf(this.#front)), mark, line)}${line}${text === '' ? '' : line}` });
    const end = this.#end.map(({ path, value }) => nested(path, value));
    for (const { path, entries } of this.#inside) {
      const at = headingEnd(text, path);
      // A table that only its sub-tables name may be written as one of its own.
      if (at === undefined) end.push(nested(path, objectOf(entries)));
      else edits.push({ at, remove: 0, insert: `${marked(stringify(objectOf(entries)), mark, line)}${line}` });
    }
    if (end.length === 0) return edits;
    const tables = end.reduce<JsonObject>((all, one) => objectAfter(putInto(all, one)), {});
    const ends = text === '' || text.endsWith('\n');
    const between = text === '' ? '' : ends ? line : line + line;
    return [...edits, { at: text.length, remove: 0, insert: `${between}${marked(stringify(tables), mark, line)}${ends ? line : ''}` }];
  }
}

const marked = (text: string, mark: Mark, line: '\r\n' | '\n'): string => blockText({ text, comment: '#' }, mark, line);
const objectAfter = (value: JsonValue): JsonObject => (isObject(value) ? value : {});
const nested = (path: readonly string[], value: JsonValue): JsonObject =>
  objectAfter(path.toReversed().reduce<JsonValue>((inner, key) => objectOf([[key, inner]]), value));
const isTables = (value: JsonValue): value is readonly JsonObject[] => isList(value) && value.length > 0 && value.every(isObject);
const isTable = (value: JsonValue): boolean => isObject(value) || isTables(value);

/** Where the line of a table's heading ends, its line end included; undefined where there is none. What only looks like one is found out by what the text means then. */
function headingEnd(text: string, path: readonly string[]): number | undefined {
  let at = 0;
  for (const line of text.split('\n')) {
    const next = at + line.length + 1;
    const inner = /^[ \t]*\[([^[\]]{1,400})\][ \t]*(?:#.*)?\r?$/.exec(line)?.[1];
    if (inner !== undefined && sameKey(inner, path)) return next <= text.length ? next : undefined;
    at = next;
  }
  return undefined;
}

function sameKey(written: string, path: readonly string[]): boolean {
  try {
    const found = objectOf(Object.entries(parse(`[${written}]`)).map(([key, value]) => [key, plain(value)]));
    return sameValue(found, nested(path, {}));
  } catch {
    return false;
  }
}

function plain(value: unknown): JsonValue {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'object' && value !== null) return objectOf(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}
