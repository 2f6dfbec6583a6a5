/** Values of a profile that know where they were written: what a file says, and what several say together. */
import type { Range } from '../protocol/finding.ts';
import { type KeyPath, keyPathText } from './key-path.ts';
import type { Located, Locations } from './locate.ts';

export interface Origin {
  readonly file: string;
  /** 1-based */
  readonly line: number;
  readonly key: Range;
  readonly value: Range;
}

interface Written {
  readonly origin: Origin;
  /** a default that stayed when a list was edited: written nowhere, its origin is the list that was */
  readonly assumed?: true;
}

export interface Table extends Written {
  readonly kind: 'table';
  readonly entries: ReadonlyMap<string, Tree>;
}
export interface List extends Written {
  readonly kind: 'list';
  readonly items: readonly Tree[];
  /** by "!item", so that what is missing was taken out on purpose */
  readonly edited?: boolean;
}
export interface Leaf extends Written {
  readonly kind: 'leaf';
  readonly value: unknown;
}
export type Tree = Table | List | Leaf;

const top: Located = {
  key: { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } },
  value: { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } },
};

/** A parsed document with the place of every value. Its depth is bounded by the parser. */
export function treeOf(raw: Readonly<Record<string, unknown>>, locations: Locations, file: string): Table {
  const branch = (value: unknown, path: KeyPath, around: Located): Tree => {
    const located = path.length === 0 ? around : (locations.get(keyPathText(path)) ?? around);
    const origin = { file, line: located.key.start.line + 1, key: located.key, value: located.value };
    if (Array.isArray(value))
      return { kind: 'list', items: value.map((item: unknown, index) => branch(item, [...path, index], located)), origin };
    if (typeof value !== 'object' || value === null || value instanceof Date) return { kind: 'leaf', value, origin };
    return table(value, path, located, origin);
  };
  const table = (value: object, path: KeyPath, located: Located, origin: Origin): Table => ({
    kind: 'table',
    entries: new Map(Object.entries(value).map(([key, inner]: [string, unknown]) => [key, branch(inner, [...path, key], located)])),
    origin,
  });
  return table(raw, [], top, { file, line: 1, key: top.key, value: top.value });
}

/** A default as if it stood at `origin`, and marked as standing nowhere. */
export function assumedTree(value: unknown, origin: Origin): Tree {
  if (Array.isArray(value)) return { kind: 'list', items: value.map((item: unknown) => assumedTree(item, origin)), origin, assumed: true };
  if (typeof value !== 'object' || value === null) return { kind: 'leaf', value, origin, assumed: true };
  const entries = Object.entries(value).map(([key, inner]: [string, unknown]): [string, Tree] => [key, assumedTree(inner, origin)]);
  return { kind: 'table', entries: new Map(entries), origin, assumed: true };
}

/** The bare values. Objects have no prototype, so that a key named `__proto__` is a key like any other. */
export function valuesOf(tree: Tree): unknown {
  if (tree.kind === 'leaf') return tree.value;
  if (tree.kind === 'list') return tree.items.map(valuesOf);
  const values: object = Object.create(null) as object;
  for (const [key, inner] of tree.entries)
    Object.defineProperty(values, key, { value: valuesOf(inner), enumerable: true, configurable: true, writable: true });
  return values;
}

/** Origin of every value that was written, by `keyPathText`; a default that stayed has none. */
export function originsOf(tree: Tree): ReadonlyMap<string, Origin> {
  const origins = new Map<string, Origin>();
  const visit = (branch: Tree, path: KeyPath): void => {
    if (path.length > 0 && branch.assumed !== true) origins.set(keyPathText(path), branch.origin);
    if (branch.kind === 'table') for (const [key, inner] of branch.entries) visit(inner, [...path, key]);
    if (branch.kind === 'list') branch.items.forEach((item, index) => visit(item, [...path, index]));
  };
  visit(tree, []);
  return origins;
}

/** What stands at `path`, or the nearest thing above it. */
export function nearestAt(tree: Tree, path: readonly PropertyKey[]): { readonly tree: Tree; readonly exact: boolean } {
  let here = tree;
  for (const step of path) {
    const next =
      here.kind === 'table' && typeof step === 'string'
        ? here.entries.get(step)
        : here.kind === 'list' && typeof step === 'number'
          ? here.items[step]
          : undefined;
    if (next === undefined) return { tree: here, exact: false };
    here = next;
  }
  return { tree: here, exact: true };
}
