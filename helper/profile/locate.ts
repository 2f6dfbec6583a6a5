/**
 * Where in a TOML text each key and value stands, found in one pass. It decides nothing: the parser says what is valid, and
 * on a broken text this finds what it can. The text may be hostile; every loop moves forward and nesting is bounded.
 */
import type { Range } from '../protocol/finding.ts';
import { keyPathText } from './key-path.ts';
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

/** `keyPathText` of a table or value, empty for the document; undefined where it is too long, and nothing below is told */
type Place = string | undefined;

const depthLimit = 64;
/** longest path that is told, in UTF-16 code units: each key below a long one would repeat it */
export const pathLimit = 1000;

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
    let table: Place = '';
    for (this.#blank(); this.#at < this.#text.length; this.#blank()) {
      const before = this.#at;
      if (this.#text[this.#at] === '[') table = this.#header();
      else this.#pair(table, 0);
      this.#restOfLine();
      if (this.#at === before) this.#at += 1;
    }
  }

  #header(): Place {
    const double = this.#text[this.#at + 1] === '[';
    this.#at += double ? 2 : 1;
    const segments = this.#key();
    let place: Place = '';
    for (const [index, segment] of segments.entries()) {
      place = below(place, segment.name);
      if (place === undefined) return undefined;
      const last = index === segments.length - 1;
      const span = this.#span(segment.start, segment.end, segment.start, segment.end);
      if ((last && !double) || !this.found.has(place)) this.found.set(place, span);
      const count: number = this.#arrays.get(place) ?? 0;
      if (last && double) {
        this.#arrays.set(place, count + 1);
        place = below(place, count);
        this.#find(place, span);
      } else if (count > 0) place = below(place, count - 1);
    }
    return place;
  }

  #pair(table: Place, depth: number): void {
    const segments = this.#key();
    this.#space();
    const given = this.#text[this.#at] === '=';
    if (given) this.#at += 1;
    this.#space();
    const start = this.#at;
    const places: Place[] = [];
    for (const { name } of segments) places.push(below(places.length === 0 ? table : places.at(-1), name));
    const end = given ? this.#value(segments.length === 0 ? table : places.at(-1), depth) : start;
    for (const [index, segment] of segments.entries()) {
      const place = places[index];
      if (place === undefined) return;
      const last = index === segments.length - 1;
      if (last) this.#find(place, this.#span(segment.start, segment.end, start, end));
      else if (!this.found.has(place)) this.#find(place, this.#span(segment.start, segment.end, segment.start, end));
    }
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
  #value(place: Place, depth: number): number {
    const first = this.#text[this.#at];
    if (first === '"' || first === "'") this.#string(first);
    else if (first === '[' && depth < depthLimit) this.#list(place, depth + 1);
    else if (first === '{' && depth < depthLimit) this.#inlineTable(place, depth + 1);
    else {
      const start = this.#at;
      while (/^[^,\]}#\n\r]$/u.test(this.#text[this.#at] ?? '')) this.#at += 1;
      return start + this.#text.slice(start, this.#at).trimEnd().length;
    }
    return this.#at;
  }

  #list(list: Place, depth: number): void {
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
      const place = below(list, index);
      const end = this.#value(place, depth);
      this.#find(place, this.#span(start, end, start, end));
      this.#blank();
      if (this.#text[this.#at] === ',') this.#at += 1;
      else if (this.#text[this.#at] !== ']') return;
    }
  }

  #inlineTable(table: Place, depth: number): void {
    this.#at += 1;
    for (;;) {
      this.#blank();
      const character = this.#text[this.#at];
      if (character === undefined) return;
      if (character === '}') {
        this.#at += 1;
        return;
      }
      this.#pair(table, depth);
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

  #find(place: Place, located: Located): void {
    if (place !== undefined) this.found.set(place, located);
  }

  #span(keyStart: number, keyEnd: number, start: number, end: number): Located {
    return { key: this.#positions.range(keyStart, keyEnd), value: this.#positions.range(start, end) };
  }
}

function below(place: Place, step: string | number): Place {
  // A quoted key is longer than its name, so this never lets one through that is too long.
  if (place === undefined || (typeof step === 'string' && step.length > pathLimit)) return undefined;
  const path = place + (typeof step === 'string' && place !== '' ? '.' : '') + keyPathText([step]);
  return path.length > pathLimit ? undefined : path;
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
