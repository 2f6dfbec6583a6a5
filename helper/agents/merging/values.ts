/**
 * Values put into other values, and taken out again: objects key by key, lists as sets, a single value in place of another.
 * Pure, and the measure of every text: what a merged text means must be what this file says it means.
 */
import type { JsonObject, JsonValue } from '../agent.ts';

export const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const isList = (value: JsonValue | undefined): value is readonly JsonValue[] => Array.isArray(value);

/** Own value of a key that may be any word, `__proto__` included. */
export const valueOf = (object: JsonObject, key: string): JsonValue | undefined => (Object.hasOwn(object, key) ? object[key] : undefined);

/** Object of entries whose keys may be any word. */
export function objectOf(entries: Iterable<readonly [string, JsonValue]>): JsonObject {
  const object: Record<string, JsonValue> = {};
  for (const [key, value] of entries) Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  return object;
}

/** The same whatever order keys are in; lists in their order. */
export function sameValue(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  return canonical(a) === canonical(b);
}

/** One text for values that are the same. */
export function canonical(value: JsonValue | undefined): string {
  if (isList(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isObject(value)) return value === undefined ? '' : JSON.stringify(value);
  const entries = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`);
  return `{${entries.sort().join(',')}}`;
}

/** Items of `ours` that `theirs` has not, each once. */
export function missing(theirs: readonly JsonValue[], ours: readonly JsonValue[]): readonly JsonValue[] {
  const known = new Set(theirs.map(canonical));
  return ours.filter((item) => {
    const key = canonical(item);
    if (known.has(key)) return false;
    known.add(key);
    return true;
  });
}

/** `put` in `there`. */
export function putInto(there: JsonValue | undefined, put: JsonValue): JsonValue {
  if (isObject(there) && isObject(put)) {
    const entries = new Map(Object.entries(there));
    for (const [key, value] of Object.entries(put)) entries.set(key, putInto(entries.get(key), value));
    return objectOf(entries);
  }
  if (isList(there) && isList(put)) return [...there, ...missing(there, put)];
  return put;
}

/** What of `put` was there before, or stood in its place: what taking it out again must leave or bring back. */
export function overlap(there: JsonValue | undefined, put: JsonValue): JsonValue | undefined {
  if (there === undefined) return undefined;
  if (isObject(there) && isObject(put)) {
    const inner = Object.entries(put).flatMap(([key, value]): readonly (readonly [string, JsonValue])[] => {
      const found = overlap(valueOf(there, key), value);
      return found === undefined ? [] : [[key, found]];
    });
    return objectOf(inner);
  }
  if (isList(there) && isList(put)) {
    const known = new Set(there.map(canonical));
    return put.filter((item) => known.has(canonical(item)));
  }
  return there;
}

/** `put` taken out of `now`, with what was there before brought back; undefined: nothing is left. What somebody changed since stays. */
export function takeOut(now: JsonValue | undefined, put: JsonValue, was: JsonValue | undefined): JsonValue | undefined {
  if (now === undefined) return undefined;
  if (isObject(now) && isObject(put)) {
    const before = isObject(was) ? was : undefined;
    if (was !== undefined && before === undefined) return sameValue(now, put) ? was : now;
    const left = Object.entries(now).flatMap(([key, value]): readonly (readonly [string, JsonValue])[] => {
      const ours = valueOf(put, key);
      if (ours === undefined) return [[key, value]];
      const kept = takeOut(value, ours, before && valueOf(before, key));
      return kept === undefined ? [] : [[key, kept]];
    });
    return left.length === 0 && was === undefined ? undefined : objectOf(left);
  }
  if (isList(now) && isList(put)) {
    if (was !== undefined && !isList(was)) return sameValue(now, put) ? was : now;
    const stays = new Set((was ?? []).map(canonical));
    const ours = new Set(put.map(canonical));
    const left = now.filter((item) => stays.has(canonical(item)) || !ours.has(canonical(item)));
    return left.length === 0 && was === undefined ? undefined : left;
  }
  return sameValue(now, put) ? was : now;
}

/** Whether all of `put` is in `now`. */
export function holds(now: JsonValue | undefined, put: JsonValue): boolean {
  if (isObject(put)) return isObject(now) && Object.entries(put).every(([key, value]) => holds(valueOf(now, key), value));
  if (isList(put)) return isList(now) && missing(now, put).length === 0;
  return sameValue(now, put);
}

/** What is in both, as far as it is the same. */
export function common(one: JsonValue | undefined, other: JsonValue | undefined): JsonValue | undefined {
  if (isObject(one) && isObject(other)) {
    const inner = Object.entries(one).flatMap(([key, value]): readonly (readonly [string, JsonValue])[] => {
      const found = common(value, valueOf(other, key));
      return found === undefined ? [] : [[key, found]];
    });
    return objectOf(inner);
  }
  if (isList(one) && isList(other)) {
    const known = new Set(other.map(canonical));
    return one.filter((item) => known.has(canonical(item)));
  }
  return one !== undefined && sameValue(one, other) ? one : undefined;
}

/** What is in `old` and not in `next`: of lists the items, of objects the keys, single values only where no other takes their place. */
export function stale(old: JsonValue, next: JsonValue | undefined): JsonValue | undefined {
  if (next === undefined) return old;
  if (isObject(old) && isObject(next)) {
    const inner = Object.entries(old).flatMap(([key, value]): readonly (readonly [string, JsonValue])[] => {
      const left = stale(value, valueOf(next, key));
      return left === undefined ? [] : [[key, left]];
    });
    return inner.length === 0 ? undefined : objectOf(inner);
  }
  if (isList(old) && isList(next)) {
    const left = missing(next, old);
    return left.length === 0 ? undefined : left;
  }
  return undefined;
}
