/** Where an offset is, in the terms of the language: in a header, a key, a value, an item of a list, a comment, or between. Reads only. */
import type { KeyPath } from '../key-path.ts';
import type { Header, Outline, Pair, Section, Segment, Span, Value } from './outline-parts.ts';

export type Cursor =
  | { readonly kind: 'comment' | 'none' }
  | {
      readonly kind: 'header';
      readonly header: Header;
      readonly path: KeyPath;
      /** what stands between the brackets */
      readonly span: Span;
    }
  | {
      readonly kind: 'key';
      /** the table it belongs to, a dotted key’s own tables included */
      readonly table: KeyPath;
      /** empty on a blank line */
      readonly span: Span;
      /** absent where nothing is written yet */
      readonly pair?: Pair;
      /** inside `{ … }`, where no table can begin */
      readonly inline: boolean;
    }
  | {
      readonly kind: 'value';
      readonly path: KeyPath;
      /** empty where nothing is written yet */
      readonly span: Span;
      readonly value?: Value;
    }
  | {
      readonly kind: 'item';
      /** of the list */
      readonly list: KeyPath;
      readonly index: number;
      readonly span: Span;
      readonly value?: Value;
      /** the other items */
      readonly others: readonly Value[];
    };

const none: Cursor = { kind: 'none' };

/** @param offset may lie outside the text */
export function cursorAt(text: string, outline: Outline, offset: number): Cursor {
  const at = Math.max(0, Math.min(text.length, offset));
  if (outline.comments.some(({ start, end }) => start < at && at <= end)) return { kind: 'comment' };
  const section = outline.sections.findLast(({ start }) => start <= at);
  if (section === undefined) return none;
  const { header } = section;
  if (header && at <= header.end) return at > header.start ? inHeader(section, header, text) : blankAt(text, outline, section, at);
  const pair = section.pairs.findLast(({ start }) => start <= at);
  return (pair && inPair(pair, section.path, text, at, false)) ?? blankAt(text, outline, section, at);
}

function inHeader({ path }: Section, header: Header, text: string): Cursor {
  const start = header.start + (header.array ? 2 : 1);
  const closing = header.closed ? (header.array ? 2 : 1) : text[header.end - 1] === ']' ? 1 : 0;
  return { kind: 'header', header, path, span: { start, end: Math.max(start, header.end - closing) } };
}

/** A line with nothing on it but the cursor is the place of a new key. */
function blankAt(text: string, outline: Outline, section: Section, at: number): Cursor {
  const before = text.slice(Math.max(text.lastIndexOf('\n', at - 1), text.lastIndexOf('\r', at - 1)) + 1, at);
  if (before.trim() !== '') return none;
  // Before the bracket of a header is still the table above it.
  const around = section.header?.start === at ? outline.sections[outline.sections.indexOf(section) - 1] : section;
  return { kind: 'key', table: around?.path ?? [], span: { start: at, end: at }, inline: false };
}

function inPair(pair: Pair, table: KeyPath, text: string, at: number, inline: boolean): Cursor | undefined {
  const key = pair.keys.findIndex(({ start, end }) => start <= at && at <= end);
  const segment: Segment | undefined = pair.keys[key];
  if (segment) return { kind: 'key', table: [...table, ...pair.keys.slice(0, key).map(({ name }) => name)], span: segment, pair, inline };
  if (pair.equals === undefined || at <= pair.equals) return at <= pair.end ? none : undefined;
  if (pair.value === undefined || at < pair.value.start)
    return /[\n\r]/.test(text.slice(pair.equals, at)) ? undefined : { kind: 'value', path: pair.path, span: { start: at, end: at } };
  return inValue(pair.value, pair.path, text, at);
}

function inValue(value: Value, path: KeyPath, text: string, at: number): Cursor | undefined {
  const open = (value.kind === 'list' || value.kind === 'table') && !value.closed;
  if (at > value.end && !open) return /[\n\r]/.test(text.slice(value.end, at)) ? undefined : none;
  const inside = at > value.start && (at < value.end || open);
  if (value.kind === 'list' && inside) return inList(value, path, text, at);
  if (value.kind === 'table' && inside) return inTable(value.pairs, value, path, text, at);
  return { kind: 'value', path, span: spanOf(value, at), value };
}

function inList(list: Extract<Value, { kind: 'list' }>, path: KeyPath, text: string, at: number): Cursor {
  const index = list.items.findIndex(({ start, end }) => start <= at && at <= end);
  const item = list.items[index];
  if (item === undefined) {
    const next = list.items.filter(({ end }) => end < at).length;
    return { kind: 'item', list: path, index: next, span: { start: at, end: at }, others: list.items };
  }
  if (item.kind === 'list' || item.kind === 'table') return inValue(item, [...path, index], text, at) ?? none;
  return { kind: 'item', list: path, index, span: spanOf(item, at), value: item, others: list.items.filter((other) => other !== item) };
}

function inTable(pairs: readonly Pair[], { start }: Span, table: KeyPath, text: string, at: number): Cursor {
  const pair = pairs.findLast((candidate) => candidate.start <= at);
  const found = pair && at <= Math.max(pair.end, pair.value ? 0 : at) ? inPair(pair, table, text, at, true) : undefined;
  if (found && found.kind !== 'none') return found;
  // A new key comes after “{” or “,” only.
  const before = text.slice(Math.max(start, pair?.end ?? start), at).trimEnd();
  return /[{,]$/.test(before) ? { kind: 'key', table, span: { start: at, end: at }, inline: true } : none;
}

/** A text without its closing quote ends where the cursor is, not where its line does. */
function spanOf(value: Value, at: number): Span {
  return value.kind === 'text' && !value.closed ? { start: value.start, end: Math.max(at, value.start + 1) } : value;
}
