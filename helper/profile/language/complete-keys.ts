/** Proposals for keys of the table the cursor is in, and for headers of tables. Nothing is put forward that is written already. */
import { keysAt, shapeAt, type Shape } from '../../protocol/profile/shape.ts';
import { type KeyPath, keyPathText } from '../key-path.ts';
import type { Cursor } from './cursor.ts';
import { aboutText, meaningOf, standingOf } from './describe.ts';
import { treeAt } from './draft.ts';
import { keyText, literal } from './literal.ts';
import { isCommandMap } from './places.ts';
import { programs } from './programs.ts';
import { choice, plain, placeholder, type Proposal } from './proposal.ts';
import type { Reading } from './reading.ts';

type KeyCursor = Extract<Cursor, { kind: 'key' }>;
type HeaderCursor = Extract<Cursor, { kind: 'header' }>;

/** tables in tables at most */
const depthLimit = 4;

export function completeKey(reading: Reading, { table, span, pair, inline }: KeyCursor): readonly Proposal[] {
  const { positions, draft } = reading;
  const here = treeAt(draft, table);
  const current = reading.text.slice(span.start, span.end);
  const written = new Set(here?.kind === 'table' ? [...here.entries.keys()].filter((key) => key !== current) : []);
  const range = positions.range(span.start, span.end);
  const known = isCommandMap(table) ? [...programs.keys()] : keysAt(table);
  const keys = known.flatMap((key, index): readonly Proposal[] => {
    const path = [...table, key];
    const shape = shapeAt(path);
    if (shape === undefined || written.has(key) || shape.deprecated !== undefined || isMachine(path)) return [];
    if (hasHeader(path, shape) && table.length === 0) return [];
    const value = pair?.equals === undefined ? ` = ${valueSnippet(shape, path)}` : '';
    return [
      {
        label: key,
        kind: 'key',
        insert: plain(keyText(key)) + value,
        range,
        ...(shape.description === '' ? {} : { detail: shape.description }),
        ...documented(reading, path),
        rank: (shape.required ? 0 : 100) + index,
      },
    ];
  });
  return inline || pair?.equals !== undefined ? keys : [...keys, ...tables(reading, range)];
}

export function completeHeader(reading: Reading, { header, path }: HeaderCursor): readonly Proposal[] {
  const proposals = tables(reading, reading.positions.range(header.start, header.end), path);
  return header.array ? proposals.filter(({ label }) => label.startsWith('[[')) : proposals;
}

/** Headers of all tables; of those that may be only once, the ones not written yet and the one being edited. */
function tables(reading: Reading, range: Proposal['range'], editing?: KeyPath): readonly Proposal[] {
  const written = new Set(reading.outline.sections.flatMap(({ header, path }) => (header && path !== editing ? [keyPathText(path)] : [])));
  return headers([]).flatMap(({ path, label, insert }, index): readonly Proposal[] =>
    written.has(keyPathText(path))
      ? []
      : [{ label, kind: 'table', insert, range, detail: aboutText(path), ...documented(reading, path), rank: 1000 + index }],
  );
}

interface HeaderText {
  readonly path: KeyPath;
  readonly label: string;
  readonly insert: string;
}

function headers(table: KeyPath): readonly HeaderText[] {
  return keysAt(table).flatMap((key): readonly HeaderText[] => {
    const path = [...table, key];
    const shape = shapeAt(path);
    if (shape === undefined || shape.deprecated !== undefined || !hasHeader(path, shape) || path.length > depthLimit) return [];
    const name = keyPathText(path);
    if (shape.kind === 'list') return [{ path, label: `[[${name}]]`, insert: `[[${name}]]` }];
    if (shape.kind === 'map' && shapeAt([...path, 'x'])?.kind === 'table')
      return [{ path: [...path, 'NAME'], label: `[${name}.NAME]`, insert: `[${name}.${placeholder('NAME')}]` }];
    return [{ path, label: `[${name}]`, insert: `[${name}]` }, ...headers(path)];
  });
}

const hasHeader = (path: KeyPath, { kind }: Shape): boolean =>
  !isMachine(path) && (kind === 'table' || kind === 'map' || (kind === 'list' && shapeAt([...path, 0])?.kind === 'table'));

/** What an export writes about itself is not for a person to write. */
const isMachine = (path: KeyPath): boolean => path[0] === 'lasso_metadata';

/** A value of the right kind, to be typed over. */
export function valueSnippet(shape: Shape, path: KeyPath): string {
  const { kind, choices, examples, minimum } = shape;
  const [example] = examples;
  const start = example ?? shape.default;
  switch (kind) {
    case 'choice':
      return choice([...choices].sort((a, b) => Number(b === start) - Number(a === start)).map(literal));
    case 'boolean':
      return choice(start === true ? ['true', 'false'] : ['false', 'true']);
    case 'number':
      return placeholder(literal(start ?? minimum ?? 0));
    case 'list': {
      const item = shapeAt([...path, 0]);
      if (item?.kind === 'table') return `[{ $1 }]`;
      return item?.kind === 'number' ? '[$1]' : '["$1"]';
    }
    case 'table':
    case 'map':
      return '{ $1 }';
    case 'date':
      return '"$1"';
    case 'text': {
      const quoted = literal(typeof start === 'string' ? start : '');
      return `"${placeholder(quoted.slice(1, -1))}"`;
    }
    default:
      return kind satisfies never;
  }
}

function documented(reading: Reading, path: KeyPath): { readonly documentation?: string } {
  const parts = [meaningOf(path), standingOf(reading, path)].filter((part) => part !== undefined && part !== '');
  return parts.length === 0 ? {} : { documentation: parts.join('\n\n') };
}
