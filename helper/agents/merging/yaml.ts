/**
 * Settings in YAML: keys that are new stand at the end of the text, which stays as it is; others are changed by a library that keeps
 * comments. What the new text means is compared with what it should mean before anybody sees it.
 */
import { parseDocument, stringify, type Document } from 'yaml';
import type { JsonObject, JsonValue } from '../agent.ts';
import { applyAll, type Pass } from './edits.ts';
import { endOfLine, isRefusal, type Meaning, type Merged, type Refusal } from './outcome.ts';
import { isObject, objectOf, overlap, putInto, sameValue, takeOut, valueOf } from './values.ts';

export const freshYaml = (value: JsonObject): string => stringify(value, { lineWidth: 0 });

interface YamlText extends Meaning {
  readonly document: Document;
}

/** What a text means. */
export function meantByYaml(text: string): Meaning | Refusal {
  const found = readYaml(text);
  return isRefusal(found) ? found : { meant: found.meant };
}

export function mergeYaml(text: string, value: JsonObject): Merged | Refusal {
  const found = readYaml(text);
  if (isRefusal(found)) return found;
  const { meant: before } = found;
  const wanted = putInto(before, value);
  const was = overlap(before, value);
  const done = { ...(isObject(was) ? { was } : {}) };
  if (sameValue(before, wanted)) return { text, undo: [], ...done };
  const kept = { text: '', undo: [], ...done };
  const appended = isObject(was) && Object.keys(was).length === 0 ? appendedPass(text, value) : undefined;
  for (const pass of appended ? [appended] : []) {
    const edited = applyAll(text, [pass]);
    if (means(edited.text, wanted)) return { ...kept, ...edited };
  }
  const after = rewritten(found.document, text, before, wanted);
  return means(after, wanted) ? { ...kept, ...applyAll(text, [changedPass(text, after)]) } : unclear;
}

export function takeOutOfYaml(text: string, value: JsonObject, was: JsonObject): string | Refusal {
  const found = readYaml(text);
  if (isRefusal(found)) return found;
  const wanted = takeOut(found.meant, value, was) ?? {};
  if (sameValue(found.meant, wanted)) return text;
  const after = rewritten(found.document, text, found.meant, wanted);
  return means(after, wanted) ? after : unclear;
}

const unclear: Refusal = { refused: 'LASSO cannot tell how to change it without touching what is yours: make its form simpler' };

const means = (text: string, wanted: JsonValue): boolean => {
  const found = meantByYaml(text);
  return !isRefusal(found) && sameValue(found.meant, wanted);
};

function readYaml(text: string): YamlText | Refusal {
  const document = parseDocument(text, { prettyErrors: true, uniqueKeys: true });
  const [error] = document.errors;
  if (error) {
    const [start] = error.linePos ?? [];
    const what = (error.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
    return { refused: `it is no valid YAML (${start?.line ?? 1}:${start?.col ?? 1}, ${what}): correct it, or move it aside` };
  }
  let meant: JsonValue;
  try {
    meant = plain(document.toJS({ maxAliasCount: 100 }), 0);
  } catch {
    return { refused: 'it is too large when its aliases are followed, or nested too deeply: make it simpler, or move it aside' };
  }
  if (meant === null) return { document: parseDocument('{}\n'), meant: {} };
  return isObject(meant) ? { document, meant } : { refused: 'it holds something else than settings by name: move it aside' };
}

/** New keys behind everything, on lines of their own. */
function appendedPass(text: string, value: JsonObject): Pass {
  const line = endOfLine(text);
  const ends = text === '' || text.endsWith('\n');
  const own = freshYaml(value).replaceAll('\n', line);
  return [{ at: text.length, remove: 0, insert: `${ends ? '' : line}${ends ? own : own.slice(0, own.length - line.length)}` }];
}

function rewritten(document: Document, text: string, before: JsonObject, wanted: JsonValue): string {
  const copy = document.clone();
  change(copy, [], before, isObject(wanted) ? wanted : {});
  const line = endOfLine(text);
  const after = copy.toString({ lineWidth: 0 }).replace(/\n+$/, '').replaceAll('\n', line);
  return text.endsWith('\n') || text === '' ? after + line : after;
}

function change(document: Document, path: readonly string[], before: JsonObject, wanted: JsonObject): void {
  for (const key of Object.keys(before)) if (!Object.hasOwn(wanted, key)) document.deleteIn([...path, key]);
  for (const [key, value] of Object.entries(wanted)) {
    const found = valueOf(before, key);
    if (sameValue(found, value)) continue;
    if (isObject(found) && isObject(value)) change(document, [...path, key], found, value);
    else document.setIn([...path, key], document.createNode(value));
  }
}

/** Only the lines between the first and the last that differ. */
function changedPass(before: string, after: string): Pass {
  const [old, now] = [before.split(/(?<=\n)/), after.split(/(?<=\n)/)];
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start += 1;
  let end = 0;
  while (end < old.length - start && end < now.length - start && old.at(-1 - end) === now.at(-1 - end)) end += 1;
  const at = old.slice(0, start).join('').length;
  const remove = old.slice(start, old.length - end).join('').length;
  return [{ at, remove, insert: now.slice(start, now.length - end).join('') }];
}

function plain(value: unknown, depth: number): JsonValue {
  if (depth > 100) throw new RangeError('too deep');
  if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1));
  if (value instanceof Map) return plain(Object.fromEntries(value), depth);
  if (typeof value === 'object' && value !== null)
    return objectOf(Object.entries(value).map(([key, inner]) => [key, plain(inner, depth + 1)]));
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}
