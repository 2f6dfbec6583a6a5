/**
 * What a text says as far as it can be read, with the place of every value: for help while typing, when the parser may have
 * nothing yet. Never for a judgement. Of two values at one place the later counts.
 */
import type { KeyPath } from '../key-path.ts';
import type { Positions } from '../positions.ts';
import type { Origin, Table, Tree } from '../tree.ts';
import { decodedBare } from './decode.ts';
import type { Outline, Pair, Segment, Span, Value } from './outline-parts.ts';

interface Growing {
  readonly kind: 'table';
  readonly entries: Map<string, Tree>;
  readonly origin: Origin;
}

interface GrowingList {
  readonly kind: 'list';
  readonly items: Tree[];
  readonly origin: Origin;
}

export function draftOf(outline: Outline, positions: Positions, file: string): Table {
  const originOf = (key: Span, value: Span): Origin => {
    const range = positions.range(key.start, key.end);
    return { file, line: range.start.line + 1, key: range, value: key === value ? range : positions.range(value.start, value.end) };
  };
  const emptyAt = (key: Span): Growing => ({ kind: 'table', entries: new Map(), origin: originOf(key, key) });
  const root = emptyAt({ start: 0, end: 1 });

  const tableIn = (table: Growing, key: Segment): Growing => {
    const found = table.entries.get(key.name);
    const inner = found?.kind === 'list' ? found.items.at(-1) : found;
    if (inner?.kind === 'table') return inner as Growing;
    const made = emptyAt(key);
    table.entries.set(key.name, made);
    return made;
  };
  const lists = new Map<Tree | undefined, GrowingList>();
  const appended = (table: Growing, key: Segment): Growing => {
    const made = emptyAt(key);
    const list = lists.get(table.entries.get(key.name)) ?? { kind: 'list', items: [], origin: made.origin };
    list.items.push(made);
    lists.set(list, list);
    table.entries.set(key.name, list);
    return made;
  };
  const treeOf = (value: Value, origin: Origin): Tree => {
    switch (value.kind) {
      case 'text':
        return { kind: 'leaf', value: value.text, origin };
      case 'bare':
        return { kind: 'leaf', value: decodedBare(value.text), origin };
      case 'list':
        return { kind: 'list', items: value.items.map((item) => treeOf(item, originOf(item, item))), origin };
      case 'table': {
        const table: Growing = { kind: 'table', entries: new Map(), origin };
        for (const pair of value.pairs) put(table, pair);
        return table;
      }
      default:
        return value satisfies never;
    }
  };
  const put = (table: Growing, { keys, value }: Pair): void => {
    const last = keys.at(-1);
    if (last === undefined || value === undefined) return;
    let inner = table;
    for (const key of keys.slice(0, -1)) inner = tableIn(inner, key);
    inner.entries.set(last.name, treeOf(value, originOf(last, value)));
  };

  for (const { header, pairs } of outline.sections) {
    let table = root;
    header?.keys.forEach((key, index) => {
      table = header.array && index === header.keys.length - 1 ? appended(table, key) : tableIn(table, key);
    });
    for (const pair of pairs) put(table, pair);
  }
  return root;
}

/** What stands at exactly `path`, or undefined. */
export function treeAt(tree: Tree | undefined, path: KeyPath): Tree | undefined {
  let here = tree;
  for (const step of path) {
    if (here?.kind === 'table' && typeof step === 'string') here = here.entries.get(step);
    else if (here?.kind === 'list' && typeof step === 'number') here = here.items[step];
    else return undefined;
  }
  return here;
}
