/** A profile as a tree of all its values, each with the place it was written at, and the way back after some of them changed. */
import { keyPathText, type KeyPath } from '../key-path.ts';
import type { LoadedProfile } from '../load.ts';
import { type Origin, type Table, type Tree, originsOf, valuesOf } from '../tree.ts';

type Written = Pick<LoadedProfile, 'profile' | 'raw' | 'origins'>;

const nowhere: Origin = {
  file: '',
  line: 1,
  key: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } },
  value: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } },
};

/** Defaults are among the values, marked as written nowhere. */
export function baseTree({ profile, origins }: Written): Table {
  const branch = (value: unknown, path: KeyPath): Tree => {
    const origin = origins.get(keyPathText(path));
    const place = origin === undefined ? ({ origin: nowhere, assumed: true } as const) : { origin };
    if (Array.isArray(value)) return { kind: 'list', items: value.map((item: unknown, index) => branch(item, [...path, index])), ...place };
    if (typeof value !== 'object' || value === null || value instanceof Date) return { kind: 'leaf', value, ...place };
    return { kind: 'table', entries: new Map(pairs(value, path)), ...place };
  };
  const pairs = (value: object, path: KeyPath): [string, Tree][] =>
    Object.entries(value)
      .filter(([, inner]: [string, unknown]) => inner !== undefined)
      .map(([key, inner]: [string, unknown]) => [key, branch(inner, [...path, key])]);
  return { kind: 'table', entries: new Map(pairs(profile, [])), origin: nowhere };
}

/** What the profile's files would say with other values; the profile itself is left to the schema. @param changes by key path, `mode` or `commands.mode` */
export function withChanges(base: Written, changes: ReadonlyMap<string, Tree>): Pick<Written, 'raw' | 'origins'> {
  if (changes.size === 0) return base;
  const raw = copyOf(base.raw);
  const kept = [...base.origins].filter(([path]) => ![...changes.keys()].some((key) => isUnder(path, key)));
  const origins = new Map(kept);
  for (const [key, tree] of changes) {
    const [first = '', second] = key.split('.');
    if (second === undefined) raw[first] = valuesOf(tree);
    else raw[first] = { ...copyOf(raw[first]), [second]: valuesOf(tree) };
    const path = second === undefined ? [first] : [first, second];
    for (const [place, origin] of originsOf(nested(path, tree))) if (isUnder(place, key)) origins.set(place, origin);
  }
  return { raw, origins };
}

const isUnder = (path: string, key: string): boolean => path === key || path.startsWith(`${key}.`) || path.startsWith(`${key}[`);

const copyOf = (value: unknown): Record<string, unknown> => (typeof value === 'object' && value !== null ? { ...value } : {});

function nested([step, ...rest]: readonly string[], tree: Tree): Tree {
  if (step === undefined) return tree;
  return { kind: 'table', entries: new Map([[step, nested(rest, tree)]]), origin: tree.origin };
}
