/**
 * An entry as it may be written down: values that look like credentials, and those of secrets this process has read, are replaced
 * by marks before anything is hashed. The same value gets the same mark within one sandbox; a mark does not tell the value.
 */
import { createHmac } from 'node:crypto';
import type { RecordEntry, RecordValue } from '../../protocol/record.ts';
import { type Mark, maybeSecret, redactArguments, redactText } from './redact-text.ts';

export interface RedactFacts {
  /** of one sandbox, and as secret as the values: who has it can try values against marks */
  readonly key: string;
  /** values of secrets in every form (`formsOf`) → their names, as far as they are known */
  readonly secrets: () => ReadonlyMap<string, string>;
}

/** shortest value that is looked for where it stands alone, in UTF-16 code units */
const shortestValue = 4;
/** shortest argument that is looked for in the entry's other texts as well */
const shortestArgument = 6;
/** such arguments and values of one entry that are looked for at most, so that an entry full of them costs no more than its length */
const lookedForLimit = 16;
/** number of the rules by which values are hidden; counted up when they change */
export const redactionRules = 1;
/** how deep an entry is looked into; chains keep no more */
const depthLimit = 32;

/** The entry to be written, the same one when there is nothing to hide. */
export function redactEntry(entry: RecordEntry, facts: RedactFacts): RecordEntry {
  const texts: string[] = [entry.target ?? ''];
  if (entry.detail) collect(entry.detail, texts, 0);
  const whole = texts.join('\n');
  const found = new Map<string, string>();
  for (const [value, name] of facts.secrets()) if (whole.includes(value)) found.set(value, `[redacted:secret:${name}]`);
  if (found.size === 0 && !maybeSecret(whole)) return entry;
  let marked = 0;
  const mark: Mark = (kind, value) => {
    const text = `[redacted:${kind}:${createHmac('sha256', facts.key).update(value).digest('hex').slice(0, 8)}]`;
    if (value.length >= shortestArgument && marked < lookedForLimit && !found.has(value)) {
      marked += 1;
      found.set(value, text);
    }
    return text;
  };
  const known = (text: string): string => {
    let hidden = text;
    for (const [value, instead] of found) if (hidden.includes(value)) hidden = hidden.replaceAll(value, () => instead);
    return hidden;
  };
  const argv = argumentsOf(entry);
  const shown = argv && redactArguments(argv.map(known), mark);
  const text = (given: string): string => known(redactText(known(given), mark));
  const target = argv && shown && entry.target === argv.join(' ') ? shown.join(' ') : entry.target;
  const detail =
    entry.detail && Object.fromEntries(Object.entries(entry.detail).map(([name, value]) => [name, inside(value, name, shown, text, 0)]));
  return { ...entry, ...(target === undefined ? {} : { target: text(target) }), ...(detail === undefined ? {} : { detail }) };
}

/** A value as it is, and as an address or a header may carry it; nothing for one too short to be looked for. */
export const formsOf = (value: string): readonly string[] =>
  value.length < shortestValue ? [] : [...new Set([value, encodeURIComponent(value), Buffer.from(value).toString('base64')])];

function collect(value: RecordValue, texts: string[], depth: number): void {
  if (typeof value === 'string') texts.push(value);
  else if (value !== null && typeof value === 'object' && depth <= depthLimit)
    for (const item of isList(value) ? value : Object.values(value)) collect(item, texts, depth + 1);
}

function inside(
  value: RecordValue,
  name: string,
  argv: readonly string[] | undefined,
  text: (whole: string) => string,
  depth: number,
): RecordValue {
  if (typeof value === 'string') return text(value);
  if (value === null || typeof value !== 'object' || depth > depthLimit) return value;
  if (isList(value))
    return (name === 'argv' && depth === 0 && argv ? argv : value).map((item) => inside(item, '', undefined, text, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inside(item, key, undefined, text, depth + 1)]));
}

function argumentsOf({ detail }: RecordEntry): readonly string[] | undefined {
  const argv = detail?.['argv'];
  return argv !== undefined && isList(argv) && argv.every((word) => typeof word === 'string') ? argv : undefined;
}

const isList = (value: RecordValue | undefined): value is readonly RecordValue[] => Array.isArray(value);
