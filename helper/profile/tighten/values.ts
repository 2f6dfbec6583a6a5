/** Two values of one key, and what both of them together allow. What is said never gives more than the base; what would is remarked on. */
import { judgeAddress } from '../../policy/network/addresses.ts';
import { parseRange, type AddressRange, addressText, inRange } from '../../policy/network/address-numbers.ts';
import { shapeAt } from '../../protocol/profile/shape.ts';
import { canonicalJson } from '../canonical.ts';
import { type KeyPath, keyPathText } from '../key-path.ts';
import { type List, type Origin, type Table, type Tree, valuesOf } from '../tree.ts';

/** something said that changes nothing, or less than it says */
export interface Remark {
  readonly at: Tree;
  readonly path: KeyPath;
  readonly message: string;
}

/** `value` is absent where the base stays as it is */
export interface Met {
  readonly value?: Tree;
  readonly remarks: readonly Remark[];
}

export const unchanged: Met = { remarks: [] };

export const shown = (tree: Tree): string => canonicalJson(valuesOf(tree));

/** Equal for equal values. */
export const sameValue = (a: Tree, b: Tree): boolean => shown(a) === shown(b);

export const itemsOf = (tree: Tree | undefined): readonly Tree[] => (tree?.kind === 'list' ? tree.items : []);

export const textOf = (tree: Tree): string => (tree.kind === 'leaf' ? String(tree.value) : '');

export const leaf = (value: unknown, { origin }: Pick<Tree, 'origin'>): Tree => ({ kind: 'leaf', value, origin });

/** A value as if all of it stood at `origin`. */
export function placed(value: unknown, origin: Origin): Tree {
  if (Array.isArray(value)) return { kind: 'list', items: value.map((item: unknown) => placed(item, origin)), origin };
  if (typeof value !== 'object' || value === null || value instanceof Date) return { kind: 'leaf', value, origin };
  const entries = Object.entries(value).map(([key, inner]: [string, unknown]): [string, Tree] => [key, placed(inner, origin)]);
  return { kind: 'table', entries: new Map(entries), origin };
}

export const listOf = (items: readonly Tree[], { origin }: Pick<Tree, 'origin'>): List => ({ kind: 'list', items, origin });

/** What a list said by a workspace means: only these, or all but these where it takes items out of the default. */
export interface SaidList {
  readonly items: readonly Tree[];
  /** texts and numbers it takes out, when it edits the default */
  readonly without?: readonly Tree[];
}

export function saidList(said: Tree, path: KeyPath): SaidList {
  const items = itemsOf(said);
  if (!items.some(({ assumed }) => assumed)) return { items };
  const usual: unknown = shapeAt(path)?.default;
  const kept = new Set(items.map(shown));
  const gone = (Array.isArray(usual) ? usual : []).map((value: unknown) => leaf(value, said)).filter((item) => !kept.has(shown(item)));
  return { items: items.filter(({ assumed }) => !assumed), without: gone };
}

export function smaller(base: Tree, said: Tree, path: KeyPath, unlimited?: number): Met {
  const size = (tree: Tree): number => {
    const value = tree.kind === 'leaf' && typeof tree.value === 'number' ? tree.value : Number.NaN;
    return value === unlimited ? Number.POSITIVE_INFINITY : value;
  };
  if (size(said) < size(base)) return { value: said, remarks: [] };
  return size(said) === size(base) ? unchanged : idle(said, path, `your profile says ${shown(base)}`);
}

/** @param order weakest first */
export function stronger(base: Tree, said: Tree, path: KeyPath, order: readonly (string | boolean)[]): Met {
  const rank = (tree: Tree): number => order.findIndex((choice) => tree.kind === 'leaf' && tree.value === choice);
  if (rank(said) > rank(base)) return { value: said, remarks: [] };
  return rank(said) === rank(base) ? unchanged : idle(said, path, `your profile says ${shown(base)}`);
}

/** Both lists of what is forbidden. */
export function joined(base: Tree, said: Tree, path: KeyPath): Met {
  const { items, without = [] } = saidList(said, path);
  const known = new Set(itemsOf(base).map(shown));
  const added = items.filter((item) => !known.has(shown(item)));
  const remarks = without
    .filter((item) => known.has(shown(item)))
    .map((item): Remark => remark(said, path, `taking ${shown(item)} out has no effect here: your profile lists it`));
  return added.length === 0 ? { remarks } : { value: listOf([...itemsOf(base), ...added], said), remarks };
}

/**
 * What both lists allow.
 * @param common what an item of each has in common, or undefined; the first is the base's
 */
export function common(base: Tree, said: Tree, path: KeyPath, commonOf: (baseItem: Tree, saidItem: Tree) => Tree | undefined): Met {
  const { items, without } = saidList(said, path);
  const before = itemsOf(base);
  if (without !== undefined) {
    const kept = before.filter((item) => !without.some((gone) => commonOf(item, gone)));
    return { ...(kept.length < before.length ? { value: listOf(kept, said) } : {}), remarks: beyond(items, before, path, commonOf) };
  }
  const kept = new Map<string, Tree>();
  for (const item of before) {
    const parts = items.flatMap((other) => commonOf(item, other) ?? []);
    for (const part of parts.includes(item) ? [item] : parts) kept.set(shown(part), part);
  }
  const result = listOf([...kept.values()], said);
  return { ...(sameValue(result, base) ? {} : { value: result }), remarks: beyond(items, before, path, commonOf) };
}

/** What a list names although the base does not. */
function beyond(
  items: readonly Tree[],
  before: readonly Tree[],
  path: KeyPath,
  commonOf: (baseItem: Tree, saidItem: Tree) => Tree | undefined,
): readonly Remark[] {
  return items.filter((item) => !before.some((other) => commonOf(other, item))).map((item) => notAllowed(item, path));
}

export const notAllowed = (item: Tree, path: KeyPath): Remark =>
  remark(item, path, `${shown(item)} has no effect here: your profile does not allow it`);

/**
 * What both ranges allow. A narrower range opens what a wider one leaves closed when something between them is blocked, so it
 * takes the wider one's place only where that cannot be.
 * @param blocked the base's blocked ranges
 */
export function commonRange(base: Tree, said: Tree, blocked: readonly string[]): Tree | undefined {
  const [wide, narrow] = [parseRange(textOf(base)), parseRange(textOf(said))];
  if (wide === undefined || narrow === undefined) return undefined;
  if (covers(narrow, wide)) return base;
  if (!covers(wide, narrow)) return undefined;
  const { decision, rule } = judgeAddress(addressText(narrow.first), { allowedRanges: [textOf(base)], blockedRanges: blocked });
  return decision === 'allow' && rule !== undefined ? said : undefined;
}

const covers = (outer: AddressRange, inner: AddressRange): boolean => outer.prefix <= inner.prefix && inRange(inner.first, outer);

/** Lists by program: each program's lists are joined, under the name the base has for it. */
export function joinedByKey(base: Tree, said: Tree, path: KeyPath, sameKey: (a: string, b: string) => boolean): Met {
  if (base.kind !== 'table' || said.kind !== 'table') return unchanged;
  const entries = new Map(base.entries);
  const remarks: Remark[] = [];
  for (const [key, list] of said.entries) {
    if (list.assumed) continue;
    const keys = [...entries.keys()].filter((other) => sameKey(other, key));
    if (keys.length === 0) entries.set(key, listOf(saidList(list, [...path, key]).items, list));
    for (const known of keys) {
      const met = joined(entries.get(known) ?? listOf([], list), list, [...path, key]);
      remarks.push(...met.remarks);
      if (met.value !== undefined) entries.set(known, met.value);
    }
  }
  const result: Table = { kind: 'table', entries, origin: said.origin };
  return { ...(sameValue(result, base) ? {} : { value: result }), remarks };
}

/** Tables in a list, told apart by their `id`: the base's stay as they are. */
export function joinedById(base: Tree, said: Tree, path: KeyPath): Met {
  const idOf = (tree: Tree): string => (tree.kind === 'table' ? shown(tree.entries.get('id') ?? leaf('', tree)) : '');
  const known = new Map(itemsOf(base).map((item) => [idOf(item), item]));
  const items = itemsOf(said).filter(({ assumed }) => !assumed);
  const added = items.filter((item) => !known.has(idOf(item)));
  const remarks = items
    .filter((item) => {
      const other = known.get(idOf(item));
      return other !== undefined && !sameValue(other, item);
    })
    .map((item) => remark(item, path, `the rule ${idOf(item)} has no effect here: your profile has one of that name`));
  return added.length === 0 ? { remarks } : { value: listOf([...itemsOf(base), ...added], said), remarks };
}

export const idle = (said: Tree, path: KeyPath, why: string): Met => ({
  remarks: [remark(said, path, `${keyPathText(path)} has no effect here: ${why}`)],
});

export const remark = (at: Tree, path: KeyPath, message: string): Remark => ({ at, path, message });
