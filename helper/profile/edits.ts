/**
 * Changes of profiles' texts that would settle a finding, as small as they can be. Nothing is changed here: an edit is a value,
 * and where it is not certain what would have to be cut there is none. The texts may be hostile; every search stays on a line.
 */
import type { Fix, Range } from '../protocol/finding.ts';
import { type Positions, positionsOf } from './positions.ts';

export interface Edits {
  /** what a file says at a place */
  textAt(file: string, range: Range): string;
  replaced(title: string, range: Range, text: string): Fix;
  /** An item of a list, with its comma, and its line where nothing else is on it; undefined for a table with a header. */
  itemRemoved(title: string, file: string, item: Range): Fix | undefined;
  /** A key with its value; undefined where the key is the header of a table. */
  pairRemoved(title: string, file: string, key: Range, value: Range): Fix | undefined;
  /** A key with its value, cut out where it is and put on a line of its own below line `line`, zero-based; -1 is the beginning. */
  pairMoved(
    title: string,
    file: string,
    key: Range,
    value: Range,
    target: { readonly below: number } | { readonly table: string },
  ): Fix | undefined;
}

/** spaces and the dotted beginning of a key */
const beforeKey = /^[ \t]*(?:(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')[ \t]*\.[ \t]*)*$/;
const restOfLine = /^[ \t]*(?:#[^\n]*)?\r?(?:\n|$)/;
const keyLimit = 2000;

/** @param texts by file */
export function editsOf(texts: ReadonlyMap<string, string>): Edits {
  const known = new Map<string, Page>();
  const page = (file: string): Page => {
    const found = known.get(file) ?? new Page(texts.get(file) ?? '');
    known.set(file, found);
    return found;
  };
  const fix = (title: string, range: Range, text: string): Fix => ({ title, edits: [{ range, text }] });
  return {
    textAt: (file, range) => page(file).slice(range),
    replaced: fix,
    itemRemoved: (title, file, item) => {
      const range = page(file).item(item);
      return range && fix(title, range, '');
    },
    pairRemoved: (title, file, key, value) => {
      const range = page(file).pair(key, value);
      return range && fix(title, range, '');
    },
    pairMoved: (title, file, key, value, target) => {
      const range = page(file).pair(key, value);
      if (range === undefined) return undefined;
      // With the comment behind it.
      const line = `${page(file).slice({ start: key.start, end: range.end }).trimEnd()}\n`;
      const edit = 'table' in target ? page(file).atEnd(`[${target.table}]\n${line}`) : page(file).below(target.below, line);
      return { title, edits: [{ range, text: '' }, edit] };
    },
  };
}

class Page {
  readonly #text: string;
  readonly #positions: Positions;

  constructor(text: string) {
    this.#text = text;
    this.#positions = positionsOf(text);
  }

  slice(range: Range): string {
    return this.#text.slice(this.#offset(range.start), this.#offset(range.end));
  }

  /** What to take out with a key and its value: the lines they are on, or their part of an inline table. */
  pair(key: Range, value: Range): Range | undefined {
    const start = this.#offset(key.start);
    const lineStart = this.#positions.offset(key.start.line, 0);
    const before = this.#text.slice(Math.max(lineStart, start - keyLimit), start);
    if (before.trimStart().startsWith('[')) return undefined;
    if (!beforeKey.test(before)) return /[{,][ \t]*$/.test(before) ? this.cut(key, value) : undefined;
    const end = this.#offset(value.end);
    const rest = restOfLine.exec(this.#text.slice(end, this.#lineEnd(value.end.line)));
    return rest === null ? undefined : this.#positions.range(lineStart, end + rest[0].length);
  }

  /** What to take out with an item of a list. */
  item(item: Range): Range | undefined {
    const header = this.#text.slice(this.#positions.offset(item.start.line, 0), this.#offset(item.start));
    return /^[ \t]*\[/.test(header) ? undefined : this.cut(item, item);
  }

  /** From the beginning of `first` to the end of `last`, with one comma; the whole line where nothing else is on it. */
  cut(first: Range, last: Range): Range {
    const start = this.#offset(first.start);
    const end = this.#offset(last.end);
    const lineStart = this.#positions.offset(first.start.line, 0);
    const before = this.#text.slice(lineStart, start);
    const after = this.#text.slice(end, this.#lineEnd(last.end.line));
    const comma = /^[ \t]*,/.exec(after)?.[0] ?? '';
    const rest = restOfLine.exec(after.slice(comma.length));
    if (before.trim() === '' && rest?.[0].endsWith('\n') === true)
      return this.#positions.range(lineStart, end + comma.length + rest[0].length);
    if (comma !== '') return this.#positions.range(start, end + (/^[ \t]*,[ \t]*/.exec(after)?.[0].length ?? 0));
    const left = before.trimEnd();
    return this.#positions.range(left.endsWith(',') ? lineStart + left.length - 1 : start, end);
  }

  below(line: number, text: string): { readonly range: Range; readonly text: string } {
    const at = line < 0 ? 0 : this.#lineEnd(line);
    const closed = at === 0 || this.#text[at - 1] === '\n';
    return { range: this.#positions.range(at, at), text: closed ? text : `\n${text}` };
  }

  atEnd(text: string): { readonly range: Range; readonly text: string } {
    const end = this.#text.length;
    return { range: this.#positions.range(end, end), text: `${this.#text.endsWith('\n') ? '\n' : '\n\n'}${text}` };
  }

  #offset({ line, character }: { readonly line: number; readonly character: number }): number {
    return this.#positions.offset(line, character);
  }

  /** where the next line begins */
  #lineEnd(line: number): number {
    return this.#positions.offset(line + 1, 0);
  }
}
