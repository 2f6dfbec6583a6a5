/**
 * Where in a TOML text each key and value stands, found in one pass. It decides nothing: the parser says what is valid, and
 * on a broken text this finds what it can. The text may be hostile; every loop moves forward and nesting is bounded.
 */
import type { Range } from '../protocol/finding.ts';
import { type KeyPath, keyPathText } from './key-path.ts';
import { type Positions, positionsOf } from './positions.ts';

export interface Located {
  /** the key itself; for an item of a list, the item */
  readonly key: Range;
  readonly value: Range;
}

/** by `keyPathText` */
export type Locations = ReadonlyMap<string, Located>;

interface Segment {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

const depthLimit = 64;

export function locate(text: string): Locations {
  const scan = new Scan(text, positionsOf(text));
  scan.document();
  return scan.found;
}

class Scan {
  readonly found = new Map<string, Located>();
  readonly #text: string;
  readonly #positions: Positions;
  /** how many tables an array of tables has so far */
  readonly #arrays = new Map<string, number>();
  #at = 0;

  constructor(text: string, positions: Positions) {
    this.#text = text;
    this.#positions = positions;
    if (text.startsWith('\uFEFF')) this.#at = 1;
  }

  document(): void {
    let table: KeyPath = [];
    for (this.#blank(); this.#at < this.#text.length; this.#blank()) {
      const before = this.#at;
      if (this.#text[this.#at] === '[') table = this.#header();
      else this.#pair(table, 0);
      this.#restOfLine();
      if (this.#at === before) this.#at += 1;
    }
  }

  #header(): KeyPath {
    const double = this.#text[this.#at + 1] === '[';
    this.#at += double ? 2 : 1;
    const segments = this.#key();
    let path: KeyPath = [];
    segments.forEach((segment, index) => {
      path = [...path, segment.name];
      const last = index === segments.length - 1;
      const name = keyPathText(path);
      const span = this.#span(segment.start, segment.end, segment.start, segment.end);
      if (last && !double) this.found.set(name, span);
      else if (!this.found.has(name)) this.found.set(name, span);
      const count = this.#arrays.get(name) ?? 0;
      if (last && double) this.#arrays.set(name, count + 1);
      if (last && double) path = [...path, count];
      else if (count > 0) path = [...path, count - 1];
      if (last && double) this.found.set(keyPathText(path), span);
    });
    return path;
  }

  #pair(table: KeyPath, depth: number): void {
    const segments = this.#key();
    this.#space();
    const given = this.#text[this.#at] === '=';
    if (given) this.#at += 1;
    this.#space();
    const start = this.#at;
    const path = [...table, ...segments.map(({ name }) => name)];
    const end = given ? this.#value(path, depth) : start;
    segments.forEach((segment, index) => {
      const name = keyPathText(path.slice(0, table.length + index + 1));
      const last = index === segments.length - 1;
      if (last) this.found.set(name, this.#span(segment.start, segment.end, start, end));
      else if (!this.found.has(name)) this.found.set(name, this.#span(segment.start, segment.end, segment.start, end));
    });
  }

  /** Segments of a dotted key; stops at what cannot be one. */
  #key(): readonly Segment[] {
    const segments: Segment[] = [];
    for (;;) {
      this.#space();
      const start = this.#at;
      const quote = this.#text[start];
      if (quote === '"' || quote === "'") {
        this.#string(quote);
        const inner = this.#text.slice(start + 1, this.#at - 1);
        segments.push({ name: quote === '"' ? unescaped(inner) : inner, start, end: this.#at });
      } else {
        while (/^[^\s.=\]#"',[{}]$/.test(this.#text[this.#at] ?? '')) this.#at += 1;
        if (this.#at > start) segments.push({ name: this.#text.slice(start, this.#at), start, end: this.#at });
      }
      this.#space();
      if (this.#text[this.#at] !== '.') return segments;
      this.#at += 1;
    }
  }

  /** Reads over a value, and finds what is in it; returns where it ends. */
  #value(path: KeyPath, depth: number): number {
    const first = this.#text[this.#at];
    if (first === '"' || first === "'") this.#string(first);
    else if (first === '[' && depth < depthLimit) this.#list(path, depth + 1);
    else if (first === '{' && depth < depthLimit) this.#inlineTable(path, depth + 1);
    else {
      const start = this.#at;
      while (/^[^,\]}#\n\r]$/u.test(this.#text[this.#at] ?? '')) this.#at += 1;
      return start + this.#text.slice(start, this.#at).trimEnd().length;
    }
    return this.#at;
  }

  #list(path: KeyPath, depth: number): void {
    this.#at += 1;
    for (let index = 0; ; index += 1) {
      this.#blank();
      const character = this.#text[this.#at];
      if (character === undefined) return;
      if (character === ']') {
        this.#at += 1;
        return;
      }
      const start = this.#at;
      const end = this.#value([...path, index], depth);
      const name = keyPathText([...path, index]);
      this.found.set(name, this.#span(start, end, start, end));
      this.#blank();
      if (this.#text[this.#at] === ',') this.#at += 1;
      else if (this.#text[this.#at] !== ']') return;
    }
  }

  #inlineTable(path: KeyPath, depth: number): void {
    this.#at += 1;
    for (;;) {
      this.#blank();
      const character = this.#text[this.#at];
      if (character === undefined) return;
      if (character === '}') {
        this.#at += 1;
        return;
      }
      this.#pair(path, depth);
      this.#blank();
      if (this.#text[this.#at] === ',') this.#at += 1;
      else if (this.#text[this.#at] !== '}') return;
    }
  }

  #string(quote: '"' | "'"): void {
    const triple = quote.repeat(3);
    const long = this.#text.startsWith(triple, this.#at);
    this.#at += long ? 3 : 1;
    for (; this.#at < this.#text.length; this.#at += 1) {
      const character = this.#text[this.#at];
      if (character === '\\' && quote === '"') this.#at += 1;
      else if (!long && (character === '\n' || character === '\r')) return;
      else if (!long && character === quote) {
        this.#at += 1;
        return;
      } else if (long && this.#text.startsWith(triple, this.#at)) {
        this.#at += 3;
        // Up to two quotes may stand right before the closing three.
        for (let extra = 0; extra < 2 && this.#text[this.#at] === quote; extra += 1) this.#at += 1;
        return;
      }
    }
    this.#at = this.#text.length;
  }

  #space(): void {
    while (this.#text[this.#at] === ' ' || this.#text[this.#at] === '\t') this.#at += 1;
  }

  /** Over spaces, ends of lines and comments. */
  #blank(): void {
    for (;;) {
      while (/^\s$/.test(this.#text[this.#at] ?? '')) this.#at += 1;
      if (this.#text[this.#at] !== '#') return;
      this.#restOfLine();
    }
  }

  #restOfLine(): void {
    while (/^[^\n\r]$/u.test(this.#text[this.#at] ?? '\n')) this.#at += 1;
  }

  #span(keyStart: number, keyEnd: number, start: number, end: number): Located {
    return { key: this.#positions.range(keyStart, keyEnd), value: this.#positions.range(start, end) };
  }
}

const short: Readonly<Record<string, string>> = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r', e: '\u001b' };

function unescaped(text: string): string {
  return text.replace(
    /\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{2})|([^]))/g,
    (_, a?: string, b?: string, c?: string, d?: string) => {
      const code = Number.parseInt(a ?? b ?? c ?? '', 16);
      if (Number.isNaN(code)) return short[d ?? ''] ?? d ?? '';
      return code <= 0x10ffff ? String.fromCodePoint(code) : '\uFFFD';
    },
  );
}
