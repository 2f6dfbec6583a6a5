/**
 * Settings in JSON: LASSO's values put among the user's, and taken out again. Comments, order and form of what is there stay; what
 * the new text means is compared with what it should mean before anybody sees it.
 */
import type { Node } from 'jsonc-parser';
import type { JsonObject, JsonValue } from '../agent.ts';
import { applyAll, applyPass, type Edit, type Pass } from './edits.ts';
import {
  childrenOf,
  indentOf,
  inserted,
  isSpread,
  type JsonText,
  keyOf,
  objectAt,
  propertyOf,
  propertyValue,
  readJson,
  removed,
  valueAt,
  written,
} from './json-text.ts';
import { isRefusal, type Meaning, type Merged, type Refusal } from './outcome.ts';
import { canonical, isList, isObject, missing, overlap, putInto, sameValue, takeOut, valueOf } from './values.ts';

export interface Put {
  readonly value: JsonObject;
  /** objects in which ours go behind all others */
  readonly last: readonly (readonly string[])[];
}

/** Text of a file that holds nothing else. */
export const freshJson = ({ value }: Put): string => `${JSON.stringify(value, null, 2)}\n`;

/** What a text means. */
export function meantByJson(text: string, comments: boolean): Meaning | Refusal {
  const json = readJson(text, comments);
  return isRefusal(json) ? json : { meant: objectAt(json.root) };
}

export function mergeJson(text: string, put: Put, comments: boolean): Merged | Refusal {
  const json = readJson(text, comments);
  if (isRefusal(json)) return json;
  const before = objectAt(json.root);
  const was = overlap(before, put.value);
  const reordered = reorder(json, put);
  const moved = readJson(applyPass(text, ordered(reordered)), comments);
  if (isRefusal(moved)) return moved;
  const { undo, text: after } = applyAll(text, [reordered, placed(moved, moved.root, put.value)]);
  const now = meantByJson(after, comments);
  if (isRefusal(now) || !sameValue(now.meant, putInto(before, put.value)) || !areLast(now.meant, put)) return unclear;
  return { text: after, undo, ...(isObject(was) ? { was } : {}) };
}

/** Values taken out of a text somebody has changed since. */
export function takeOutOfJson(text: string, value: JsonObject, was: JsonObject, comments: boolean): string | Refusal {
  const json = readJson(text, comments);
  if (isRefusal(json)) return json;
  const edits = taken(json, json.root, value, was);
  const after = applyPass(text, ordered(edits));
  const now = meantByJson(after, comments);
  if (isRefusal(now) || !sameValue(now.meant, takeOut(objectAt(json.root), value, was) ?? {})) return unclear;
  return after;
}

const unclear: Refusal = { refused: 'LASSO cannot tell how to change it without touching what is yours: make its form simpler' };

const ordered = (edits: readonly Edit[]): Pass => [...edits].sort((a, b) => a.at - b.at || a.remove - b.remove);

/** Takes out what would stand before others, so that it can be put behind them. */
function reorder(json: JsonText, { value, last }: Put): readonly Edit[] {
  return last.flatMap((path) => {
    const ours = path.reduce<JsonValue | undefined>((found, key) => (isObject(found) ? valueOf(found, key) : undefined), value);
    const node = path.reduce<Node | undefined>((found, key) => found && propertyValue(propertyOf(found, key) ?? none), json.root);
    if (!isObject(ours) || node?.type !== 'object') return [];
    const keys = childrenOf(node).map(keyOf);
    const wanted = Object.keys(ours);
    if (isTail(keys, wanted)) return [];
    const known = new Set(wanted);
    return [...removed(json, node, new Set(childrenOf(node).filter((child) => known.has(keyOf(child)))))];
  });
}

const isTail = (keys: readonly string[], wanted: readonly string[]): boolean =>
  wanted.length <= keys.length && wanted.every((key, index) => keys[keys.length - wanted.length + index] === key);

function areLast(meant: JsonObject, { value, last }: Put): boolean {
  const at = (object: JsonObject, path: readonly string[]): JsonValue | undefined =>
    path.reduce<JsonValue | undefined>((found, key) => (isObject(found) ? valueOf(found, key) : undefined), object);
  return last.every((path) => {
    const [ours, all] = [at(value, path), at(meant, path)];
    return !isObject(ours) || (isObject(all) && isTail(Object.keys(all), Object.keys(ours)));
  });
}

function placed(json: JsonText, node: Node, value: JsonObject): readonly Edit[] {
  const spread = isSpread(json, node);
  const indent = indentOf(json, node);
  const fresh: string[] = [];
  const edits: Edit[] = [];
  for (const [key, wanted] of Object.entries(value)) {
    const there = propertyValue(propertyOf(node, key) ?? none);
    if (there === undefined) fresh.push(`${JSON.stringify(key)}: ${written(wanted, json, indent, spread)}`);
    else if (there.type === 'object' && isObject(wanted)) edits.push(...placed(json, there, wanted));
    else if (there.type === 'array' && isList(wanted)) edits.push(...added(json, there, wanted));
    else if (!sameValue(valueAt(there), wanted))
      edits.push({ at: there.offset, remove: there.length, insert: written(wanted, json, indent, spread) });
  }
  return [...edits, ...inserted(json, node, fresh)];
}

const none: Node = { type: 'null', offset: 0, length: 0 };

function added(json: JsonText, node: Node, wanted: readonly JsonValue[]): readonly Edit[] {
  const items = missing(childrenOf(node).map(valueAt), wanted);
  return inserted(
    json,
    node,
    items.map((item) => written(item, json, indentOf(json, node), isSpread(json, node))),
  );
}

/** As `takeOut` of values.ts has it, in the text. */
function taken(json: JsonText, node: Node, value: JsonObject, was: JsonObject | undefined): readonly Edit[] {
  const gone = new Set<Node>();
  const edits: Edit[] = [];
  for (const property of childrenOf(node)) {
    const ours = valueOf(value, keyOf(property));
    const there = propertyValue(property);
    if (ours === undefined || there === undefined) continue;
    const before = was && valueOf(was, keyOf(property));
    const now = valueAt(there);
    const left = takeOut(now, ours, before);
    if (left === undefined) gone.add(property);
    else if (sameValue(left, now)) continue;
    else if (there.type === 'object' && isObject(ours) && (before === undefined || isObject(before)))
      edits.push(...taken(json, there, ours, isObject(before) ? before : undefined));
    else if (there.type === 'array' && isList(left) && isList(ours)) edits.push(...without(json, there, left));
    else edits.push({ at: there.offset, remove: there.length, insert: written(left, json, indentOf(json, node), isSpread(json, node)) });
  }
  return [...edits, ...removed(json, node, gone)];
}

function without(json: JsonText, node: Node, left: readonly JsonValue[]): readonly Edit[] {
  const stays = new Set(left.map(canonical));
  return removed(json, node, new Set(childrenOf(node).filter((child) => !stays.has(canonical(valueAt(child))))));
}
