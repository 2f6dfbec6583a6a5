/**
 * One generated file put into one text of the workspace, and taken out again. What was written down about it is only used as far as
 * the text bears it out; a text somebody changed since keeps that change. Pure; a text that cannot be changed safely is refused.
 */
import type { GeneratedFile, JsonObject, JsonValue } from '../agent.ts';
import type { FileRecord } from '../told/manifest.ts';
import { blocksIn, isUntouched, mergeBlock, withoutBlocks } from './block.ts';
import { applyPass, fits, type Pass } from './edits.ts';
import { digestOf } from './marks.ts';
import { isRefusal, type Mark, type Merged, type Refusal } from './outcome.ts';
import { fresh, meaning, mergeValues, takeOutValues, type ValuesFile } from './values-text.ts';
import { canonical, holds, overlap, isObject, stale, takeOut, valueOf } from './values.ts';
import { isUnchanged, mergeWhole, unmarked } from './whole.ts';

export interface Written {
  readonly text: string;
  readonly record: Pick<FileRecord, 'kind' | 'form' | 'mark' | 'text' | 'wanted' | 'made' | 'undo' | 'put' | 'last' | 'was'>;
}

/** @param record what was written down about the file @throws nothing */
export function mergeFile(now: string | null, file: GeneratedFile, mark: Mark, record: FileRecord | undefined): Written | Refusal {
  const bom = now?.startsWith('\ufeff') === true ? '\ufeff' : '';
  const before = now === null ? null : now.slice(bom.length);
  const merged = mergedWith(before, file, mark, record, now);
  if (isRefusal(merged)) return merged;
  const { text: body, undo, was, made } = merged;
  const text = bom + body;
  const common = {
    kind: file.kind,
    mark: { profile: mark.profile, digest: mark.digest },
    text: digestOf(text),
    wanted: wantedDigest(file),
    made,
  };
  const values =
    file.kind === 'values' ? { form: file.form, put: file.value, ...(file.last ? { last: file.last.map((path) => [...path]) } : {}) } : {};
  return {
    text,
    record: {
      ...common,
      ...values,
      ...(undo ? { undo: undo.map((pass) => [...pass]) } : {}),
      ...(was ? { was } : {}),
    },
  };
}

/** Null: nothing is left of it. Without a record only what is marked is taken out. */
export function takeOutFile(now: string, record: FileRecord | undefined): { readonly text: string | null } | Refusal {
  const bom = now.startsWith('\ufeff') ? '\ufeff' : '';
  const body = now.slice(bom.length);
  const exact = record && undone(now, body, record);
  if (exact !== undefined) return { text: exact === null ? null : bom + exact };
  const left = takenOut(body, record);
  if (isRefusal(left)) return left;
  const gone = left === null || (record?.made !== false && left.trim() === '') || (record?.made === true && isEmpty(left, record));
  return { text: gone ? null : bom + left };
}

/** SHA-256 of what a file is to say, whatever stands beside it. */
export function wantedDigest(file: GeneratedFile): string {
  if (file.kind !== 'values') return digestOf(`${file.kind}\0${file.text}`);
  const order = (file.last ?? []).map((path) => JSON.stringify([path, Object.keys(at(file.value, path) ?? {})])).join('\n');
  return digestOf(`${file.kind}\0${file.form}\0${canonical(file.value)}\0${order}`);
}

/** Whether what was put in is still there as it was. */
export function stillThere(now: string, record: FileRecord): boolean {
  if (digestOf(now) === record.text) return true;
  const body = now.replace(/^\ufeff/, '');
  if (record.kind === 'whole') return isUnchanged(body);
  if (record.kind === 'block' || record.form === 'toml') {
    const blocks = blocksIn(body);
    return !isRefusal(blocks) && blocks.length > 0 && blocks.every(isUntouched);
  }
  const found = record.form && meaning(body, record.form);
  return found !== undefined && !isRefusal(found) && holds(found.meant, record.put ?? {});
}

type Inner = Pick<Merged, 'text' | 'was'> & { readonly undo?: readonly Pass[]; readonly made: boolean };

function mergedWith(
  before: string | null,
  file: GeneratedFile,
  mark: Mark,
  record: FileRecord | undefined,
  now: string | null,
): Inner | Refusal {
  const exact = before === null || now === null || record === undefined ? undefined : undone(now, before, record);
  switch (file.kind) {
    case 'whole': {
      const text = mergeWhole(before, file, mark, exact !== undefined);
      if (typeof text !== 'string') return text;
      const blank = exact !== undefined ? exact : before?.trim() === '' ? before : null;
      return { text, made: blank === null, ...(blank === null ? {} : { undo: [[{ at: 0, remove: text.length, insert: blank }]] }) };
    }
    case 'block': {
      const merged = mergeBlock(before ?? '', file, mark, exact === undefined ? undefined : record?.undo?.[0]);
      return isRefusal(merged) ? merged : { ...merged, made: before === null || (record?.made ?? false) };
    }
    case 'values': {
      const base = exact === undefined ? before : exact;
      if (base === null || base.trim() === '') {
        const text = fresh(file, mark);
        return { text, made: base === null, ...(base === null ? {} : { undo: [[{ at: 0, remove: text.length, insert: base }]] }) };
      }
      const word = oneWord(base, file);
      if (word !== undefined) return word;
      if (exact === undefined && record?.put) return mergedAgain(base, file, mark, { ...record, put: record.put });
      const merged = mergeValues(base, file, mark);
      return isRefusal(merged) ? merged : { ...merged, made: false };
    }
  }
}

/** Rules cannot stand behind a rule that is a single word, and in its place they would let through what it keeps back. */
function oneWord(base: string, file: ValuesFile): Refusal | undefined {
  const found = meaning(base, file.form);
  if (isRefusal(found)) return found;
  for (const path of file.last ?? []) {
    const there = path.reduce<JsonValue | undefined>((value, key) => (isObject(value) ? valueOf(value, key) : undefined), found.meant);
    if (typeof there !== 'string' || at(file.value, path) === undefined) continue;
    const wanted = JSON.stringify({ '*': there });
    return { refused: `${path.join('.')} is one word in it, behind which nothing can stand: write ${wanted} in its place` };
  }
  return undefined;
}

/** Into a text that somebody changed since LASSO wrote it: what is not said any more goes, the rest stays where it is. */
function mergedAgain(base: string, file: ValuesFile, mark: Mark, record: FileRecord & { readonly put: JsonObject }): Inner | Refusal {
  const found = meaning(base, file.form);
  if (isRefusal(found)) return found;
  const { put, was = {}, made } = record;
  const over = stale(put, file.value);
  const left = isObject(over) ? takeOutValues(base, { ...file, value: over }, was) : base;
  if (typeof left !== 'string') return left;
  const merged = left.trim() === '' ? { text: fresh(file, mark) } : mergeValues(left, file, mark);
  if (isRefusal(merged)) return merged;
  const without = takeOut(found.meant, put, was);
  const wasThen = overlap(isObject(without) ? without : {}, file.value);
  return { text: merged.text, made, ...(isObject(wasThen) ? { was: wasThen } : {}) };
}

/** The text as it was before LASSO wrote it; null: there was none; undefined: it is not what was written, or the record is not true. */
function undone(now: string, body: string, record: FileRecord): string | null | undefined {
  const { undo, made, kind } = record;
  // Into a text that somebody had changed: then nobody knows how all of it was before.
  if (digestOf(now) !== record.text || (undo === undefined && !made)) return undefined;
  let base = body;
  for (const pass of undo ?? []) {
    if (!fits(base, pass)) return undefined;
    base = applyPass(base, pass);
  }
  if (kind === 'whole') return made ? null : base.trim() === '' ? base : undefined;
  if (kind === 'block') {
    const bare = withoutBlocks(body);
    if (typeof bare !== 'string' || squeezed(bare) !== squeezed(base)) return undefined;
    return made && base.trim() === '' ? null : base;
  }
  const { form, put, last = [], mark } = record;
  if (form === undefined || put === undefined) return undefined;
  const file: ValuesFile = { form, value: put, last };
  if (made || base.trim() === '') return fresh(file, mark) === body ? (made ? null : base) : undefined;
  const again = mergeValues(base, file, mark);
  return !isRefusal(again) && again.text === body ? base : undefined;
}

const squeezed = (text: string): string => text.replaceAll(/\s+/g, '');

function takenOut(body: string, record: FileRecord | undefined): string | null | Refusal {
  if (record?.kind === 'whole' || unmarked(body) !== undefined) {
    if (unmarked(body) !== undefined) return null;
    return { refused: 'it was changed since LASSO wrote it: delete it yourself, or keep it' };
  }
  if (record?.kind === 'values' && record.form !== undefined && record.put !== undefined) {
    const file: ValuesFile = { form: record.form, value: record.put, last: record.last ?? [] };
    return takeOutValues(body, file, record.was ?? {});
  }
  return withoutBlocks(body);
}

/** Whether nothing but brackets is left. */
function isEmpty(left: string, { form }: FileRecord): boolean {
  return (form === 'json' || form === 'jsonc' || form === 'yaml') && /^\s*(?:\{\s*\})?\s*$/.test(left);
}

const at = (value: JsonObject, path: readonly string[]): JsonObject | undefined => {
  let found: JsonObject | undefined = value;
  for (const key of path) {
    const inner: JsonObject[string] | undefined = found?.[key];
    found = isObject(inner) ? inner : undefined;
  }
  return found;
};
