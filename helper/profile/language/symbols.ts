/** The tables and keys of a text as a tree, rules and secrets by their names; also of a broken text. */
import type { Range } from '../../protocol/finding.ts';
import { keyPathText } from '../key-path.ts';
import type { Positions } from '../positions.ts';
import type { Outline, Pair, Section, Span, Value } from './outline-parts.ts';

export interface DocumentSymbol {
  readonly name: string;
  readonly detail: string;
  readonly kind: 'table' | 'entry' | 'list' | 'text' | 'number' | 'boolean' | 'key';
  /** all that belongs to it */
  readonly range: Range;
  /** its name; inside of `range` */
  readonly selection: Range;
  readonly children: readonly DocumentSymbol[];
}

/** longest value that is shown */
const limitCharacters = 60;
/** what an entry of a list of tables is called by, the first that it has */
const names = ['id', 'host', 'url', 'name'];

export function symbolsOf(text: string, { sections }: Outline, positions: Positions): readonly DocumentSymbol[] {
  const range = ({ start, end }: Span): Range => positions.range(start, end);
  const ofPair = (pair: Pair): DocumentSymbol => ({
    name: shown(pair.keys.map(({ name }) => name).join('.')),
    detail: pair.value ? detailOf(text, pair.value) : '',
    kind: pair.value ? kindOf(pair.value) : 'key',
    range: range(pair),
    selection: range({ start: pair.start, end: pair.keys.at(-1)?.end ?? pair.start }),
    children: pair.value?.kind === 'table' ? pair.value.pairs.map(ofPair) : [],
  });
  const ofSection = (section: Section): readonly DocumentSymbol[] => {
    const { header, pairs, path } = section;
    const children = pairs.map(ofPair);
    if (header === undefined) return children;
    const end = Math.max(header.end, pairs.at(-1)?.end ?? header.end);
    const name = header.keys.map((key) => key.name).join('.');
    const entry = header.array ? nameOf(pairs) : undefined;
    return [
      {
        name: shown(header.array ? (entry ?? keyPathText(path)) : name),
        detail: header.array && entry !== undefined ? name : '',
        kind: header.array ? 'entry' : 'table',
        range: range({ start: header.start, end }),
        selection: range(header),
        children,
      },
    ];
  };
  return sections.flatMap(ofSection);
}

function nameOf(pairs: readonly Pair[]): string | undefined {
  for (const name of names) {
    const value = pairs.find(({ keys }) => keys.length === 1 && keys[0]?.name === name)?.value;
    if (value?.kind === 'text' && value.text !== '') return value.text;
  }
  return undefined;
}

function kindOf(value: Value): DocumentSymbol['kind'] {
  if (value.kind !== 'bare') return value.kind;
  if (value.text === 'true' || value.text === 'false') return 'boolean';
  return /^[+-]?[0-9][0-9_.a-fA-FxobeE+-]*$/.test(value.text) ? 'number' : 'key';
}

function detailOf(text: string, value: Value): string {
  if (value.kind === 'list') return `${value.items.length} ${value.items.length === 1 ? 'item' : 'items'}`;
  if (value.kind === 'table') return '';
  return shown(text.slice(value.start, value.end));
}

/** A name that is not empty, which editors do not accept, and not long. */
function shown(text: string): string {
  const flat = text.replace(/\s+/g, ' ').trim();
  return flat === '' ? '…' : flat.length > limitCharacters ? `${flat.slice(0, limitCharacters)}…` : flat;
}
