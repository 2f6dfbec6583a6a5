/** Where what is under the cursor was written: the profile that is built on, an inherited value, the hosts of a group. */
import type { Range } from '../../protocol/finding.ts';
import type { KeyPath } from '../key-path.ts';
import { locate } from '../locate.ts';
import type { Tree } from '../tree.ts';
import { cursorAt } from './cursor.ts';
import { isHostPlace } from './places.ts';
import { inheritedAt, itemsOf, type Reading } from './reading.ts';

export interface Place {
  readonly file: string;
  readonly range: Range;
}

const top: Range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
/** data beside the built-in profiles */
const hostsFile = 'hosts.toml';

/** Places in other files, the nearest first; empty where there is none. Never rejects. */
export async function definitionsAt(reading: Reading, offset: number): Promise<readonly Place[]> {
  const cursor = cursorAt(reading.text, reading.outline, offset);
  switch (cursor.kind) {
    case 'comment':
    case 'none':
      return [];
    case 'header':
      return placeOf(inheritedAt(reading, cursor.path));
    case 'key': {
      const key = cursor.pair?.keys.find(({ start }) => start === cursor.span.start);
      return key ? placeOf(inheritedAt(reading, [...cursor.table, key.name])) : [];
    }
    case 'value': {
      if (cursor.path.length === 1 && cursor.path[0] === 'extends')
        return reading.base ? [{ file: reading.base.document.file, range: top }] : [];
      const group = cursor.value?.kind === 'text' && isHostPlace(cursor.path) ? await groupPlace(reading, cursor.value.text) : [];
      return [...group, ...placeOf(inheritedAt(reading, cursor.path))];
    }
    case 'item': {
      if (cursor.value?.kind !== 'text' && cursor.value?.kind !== 'bare') return [];
      const text = cursor.value.text.replace(/^!/, '');
      const inherited = inheritedItem(reading, cursor.list, text);
      return [...inherited, ...(isHostPlace(cursor.list) ? await groupPlace(reading, text) : [])];
    }
    default:
      return cursor satisfies never;
  }
}

function inheritedItem(reading: Reading, list: KeyPath, text: string): readonly Place[] {
  const inherited = inheritedAt(reading, list);
  if (text === '*') return placeOf(inherited);
  return placeOf(itemsOf(inherited).find((item) => item.kind === 'leaf' && String(item.value) === text));
}

async function groupPlace({ sources }: Reading, text: string): Promise<readonly Place[]> {
  const [builtIn] = sources.builtIns;
  if (!text.startsWith('@') || builtIn === undefined) return [];
  const file = sources.resolvePath(builtIn.file, '..', hostsFile);
  const hosts = await sources.readFile(file).catch(() => undefined);
  const located = hosts === undefined ? undefined : locate(hosts).get(text.slice(1));
  return located ? [{ file, range: located.key }] : [];
}

const placeOf = (tree: Tree | undefined): readonly Place[] => (tree ? [{ file: tree.origin.file, range: tree.origin.key }] : []);
