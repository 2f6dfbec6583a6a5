/**
 * One pass over a TOML text, broken or not, that finds its tables, keys and values. What cannot be read is stepped over to the
 * end of its line. Hostile input: every loop moves forward and nesting is bounded.
 */
import type { KeyPath } from '../key-path.ts';
import { decodedText } from './decode.ts';
import type { Header, ListValue, Outline, Pair, Section, Segment, Span, TableValue, TextValue, Value } from './outline-parts.ts';

/** tables and lists in one another; the parser’s own limit is lower */
const depthLimit = 64;

export class OutlineScan {
  readonly #text: string;
  readonly #comments: Span[] = [];
  readonly #arrays = new Map<string, number>();
  readonly #patterns = patterns();
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): Outline {
    const sections: Section[] = [];
    let pairs: Pair[] = [];
    let section: Omit<Section, 'pairs' | 'end'> = { path: [], start: 0 };
    const finish = (end: number): void => void sections.push({ ...section, pairs, end });
    for (this.#blank(); this.#at < this.#text.length; this.#blank()) {
      const before = this.#at;
      if (this.#text[before] === '[') {
        finish(before);
        pairs = [];
        const header = this.#header();
        section = { path: this.#pathOf(header), header, start: before };
      } else {
        const pair = this.#pair(section.path, 0);
        if (pair) pairs.push(pair);
      }
      this.#space();
      if (this.#text[this.#at] !== '#') this.#take('line');
      if (this.#at === before) this.#at += 1;
    }
    finish(this.#text.length);
    return { sections, comments: this.#comments };
  }

  #header(): Header {
    const start = this.#at;
    const array = this.#text[start + 1] === '[';
    this.#at += array ? 2 : 1;
    const keys = this.#keys();
    const closing = array ? ']]' : ']';
    const closed = this.#text.startsWith(closing, this.#at);
    if (closed) this.#at += closing.length;
    else if (this.#text[this.#at] === ']') this.#at += 1;
    return { start, end: this.#at, keys, array, closed };
  }

  #pathOf({ keys, array }: Header): KeyPath {
    const path: (string | number)[] = [];
    let name = '';
    keys.forEach((key, index) => {
      path.push(key.name);
      name += `${JSON.stringify(key.name)}.`;
      const count = this.#arrays.get(name);
      if (array && index === keys.length - 1) {
        this.#arrays.set(name, (count ?? 0) + 1);
        path.push(count ?? 0);
      } else if (count !== undefined) path.push(count - 1);
      name += path.at(-1) === key.name ? '' : `${String(path.at(-1))}.`;
    });
    return path;
  }

  #pair(table: KeyPath, depth: number): Pair | undefined {
    const start = this.#at;
    const keys = this.#keys();
    const end = keys.at(-1)?.end ?? start;
    const path = [...table, ...keys.map(({ name }) => name)];
    if (path.length > depthLimit) return undefined;
    if (this.#text[this.#at] !== '=') return keys.length === 0 ? undefined : { start, end, path, keys };
    const equals = this.#at;
    this.#at += 1;
    this.#space();
    const value = this.#value(path, depth);
    if (value === undefined) this.#at = equals + 1;
    return { start, end: value?.end ?? equals + 1, path, keys, equals, ...(value ? { value } : {}) };
  }

  /** Segments of a dotted key; an empty one where nothing follows a dot yet. */
  #keys(): readonly Segment[] {
    const keys: Segment[] = [];
    for (;;) {
      this.#space();
      const start = this.#at;
      const quote = this.#text[start];
      if (quote === '"' || quote === "'") keys.push(this.#quotedKey());
      else {
        this.#take('bareKey');
        if (this.#at > start || keys.length > 0) keys.push({ name: this.#text.slice(start, this.#at), start, end: this.#at });
      }
      const { end } = keys.at(-1) ?? { end: start };
      this.#space();
      if (this.#text[this.#at] !== '.' || keys.length === 0 || keys.length >= depthLimit) {
        if (this.#text[this.#at] !== '=' && this.#text[this.#at] !== ']') this.#at = end;
        return keys;
      }
      this.#at += 1;
    }
  }

  #quotedKey(): Segment {
    const { start, end, text } = this.#string();
    return { name: text, start, end };
  }

  #value(path: KeyPath, depth: number): Value | undefined {
    const start = this.#at;
    const first = this.#text[start];
    if (first === '"' || first === "'") return this.#string();
    if (first === '[' && depth < depthLimit) return this.#list(path, depth + 1);
    if (first === '{' && depth < depthLimit) return this.#table(path, depth + 1);
    const text = this.#take('bareValue').trimEnd();
    this.#at = start + text.length;
    return text === '' ? undefined : { kind: 'bare', start, end: this.#at, text };
  }

  #list(path: KeyPath, depth: number): ListValue {
    const start = this.#at;
    const items: Value[] = [];
    this.#at += 1;
    for (;;) {
      const open = !this.#insideList();
      const character = this.#text[this.#at];
      if (character === ']') this.#at += 1;
      if (open || character === undefined || character === ']' || character === '}')
        return { kind: 'list', start, end: this.#at, items, closed: character === ']' && !open };
      if (character === ',') {
        this.#at += 1;
        continue;
      }
      const item = this.#value([...path, items.length], depth);
      if (item === undefined) this.#at += 1;
      else items.push(item);
    }
  }

  #table(path: KeyPath, depth: number): TableValue {
    const start = this.#at;
    const pairs: Pair[] = [];
    this.#at += 1;
    for (;;) {
      this.#space();
      const character = this.#text[this.#at];
      if (character === '\n' || character === '\r' || character === '#') {
        // One that goes on over the end of its line is taken as such only where it is closed in the end.
        const before = this.#at;
        this.#blank();
        if (this.#text[this.#at] === undefined || this.#text[this.#at] === '[') {
          this.#at = before;
          return { kind: 'table', start, end: before, pairs, closed: false };
        }
        continue;
      }
      if (character === '}') this.#at += 1;
      if (character === undefined || character === '}' || character === ']')
        return { kind: 'table', start, end: this.#at, pairs, closed: character === '}' };
      const pair = character === ',' ? undefined : this.#pair(path, depth);
      if (pair) pairs.push(pair);
      else this.#at += 1;
    }
  }

  #string(): TextValue {
    const start = this.#at;
    const first = this.#text[start] === '"' ? '"' : "'";
    const long = this.#text.startsWith(first.repeat(3), start);
    const quote = first === '"' ? (long ? '"""' : '"') : long ? "'''" : "'";
    this.#take(quote);
    const closed = this.#text.startsWith(quote, this.#at) && this.#at >= start + quote.length;
    if (closed) this.#at += quote.length;
    // Up to two quotes may stand right before the closing three.
    for (let extra = 0; closed && long && extra < 2 && this.#text[this.#at] === first; extra += 1) this.#at += 1;
    const end = this.#at;
    const content = this.#text.slice(start + quote.length, closed ? end - quote.length : end);
    return { kind: 'text', start, end, quote, closed, text: decodedText(content, quote) };
  }

  /** Over what may stand between items; false where a new statement begins. */
  #insideList(): boolean {
    for (;;) {
      this.#space();
      const character = this.#text[this.#at];
      if (character === '#') this.#comment();
      else if (character === '\n' || character === '\r') {
        const before = this.#at;
        this.#at += 1;
        const statement = this.#take('key') + this.#take('header');
        if (statement !== '') {
          this.#at = before;
          return false;
        }
      } else return true;
    }
  }

  #blank(): void {
    for (;;) {
      this.#take('blank');
      if (this.#text[this.#at] !== '#') return;
      this.#comment();
    }
  }

  #comment(): void {
    const start = this.#at;
    this.#take('line');
    this.#comments.push({ start, end: this.#at });
  }

  #space(): void {
    this.#take('space');
  }

  #take(name: Pattern): string {
    const pattern = this.#patterns[name];
    pattern.lastIndex = this.#at;
    const [found = ''] = pattern.exec(this.#text) ?? [];
    this.#at += found.length;
    return found;
  }
}

/** sticky, so that each is tried only where the scan stands */
const patterns = () => ({
  space: /[ \t]*/y,
  blank: /[\s\uFEFF]*/y,
  line: /[^\n\r]*/y,
  bareKey: /[^\s.=\]#"',[{}]*/y,
  bareValue: /[^,\]}#\n\r]*/y,
  '"': /"(?:[^"\\\n\r]|\\[^\n\r])*/y,
  "'": /'[^'\n\r]*/y,
  '"""': /"""(?:[^"\\]|\\[^]|"(?!""))*/y,
  "'''": /'''(?:[^']|'(?!''))*/y,
  /** A line that cannot be inside a list: `key =`, `[table]`, `[[table]]`. A list that reaches it is not closed yet. */
  key: /[ \t]*[A-Za-z0-9_-]+(?:[ \t]*\.[ \t]*[A-Za-z0-9_-]+)*[ \t]*=/y,
  header: /[ \t]*\[\[?[ \t]*(?!true|false|inf|nan)[A-Za-z_][A-Za-z0-9_."' -]*\]\]?[ \t]*(?:[#\n\r]|$)/y,
});

type Pattern = keyof ReturnType<typeof patterns>;
