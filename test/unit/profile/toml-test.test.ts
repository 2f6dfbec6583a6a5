/**
 * The public cases for TOML parsers (test/corpus/toml-test), read as profiles are read: from bytes, by parseText, and located.
 * What differs from the cases is listed here, each with its reason; nothing else may differ.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { TomlDate } from 'smol-toml';
import { keyPathText } from '../../../helper/profile/key-path.ts';
import { locate } from '../../../helper/profile/locate.ts';
import { type ParsedText, parseText } from '../../../helper/profile/parse.ts';
import { textOfBytes } from '../../../helper/profile/utf8.ts';
import { assertInside, textAt } from '../../kit/ranges.ts';

interface Case {
  readonly name: string;
  readonly text?: string;
  readonly base64?: string;
  /** what a valid document means; scalars as `{ type, value }` */
  readonly expected?: unknown;
}

const newer = 'TOML 1.1 allows it, and the cases are of TOML 1.0';
/** invalid cases that are accepted, and why */
const accepted: Readonly<Record<string, string>> = {
  'invalid/datetime/no-secs': newer,
  'invalid/inline-table/linebreak-1': newer,
  'invalid/inline-table/linebreak-2': newer,
  'invalid/inline-table/linebreak-3': newer,
  'invalid/inline-table/linebreak-4': newer,
  'invalid/inline-table/trailing-comma': newer,
  'invalid/string/basic-byte-escapes': newer,
};

const rolled = 'the parser counts days on into the next month; nothing in a profile depends on a date';
/** what the published cases do not have, in one line each: text → why it is judged otherwise than TOML 1.1 judges it, if it is */
const refusedToo: Readonly<Record<string, string | undefined>> = {
  'a = 2023-02-29': rolled,
  'a = 2021-02-30T01:00:00Z': rolled,
  'a = 2021-04-31T01:00:00': rolled,
  'a = 2021-01-32': undefined,
  'a = 2021-00-01': undefined,
  'a = 2021-01-01T24:00:00Z': undefined,
  'a = 2021-01-01T00:00:00+24:00': undefined,
  'a = 1:02:03': undefined,
  'a = [1,,2]': undefined,
  'a = { b = 1,, c = 2 }': undefined,
  'a = { , }': undefined,
  'a = { b.c = 1, b.c = 2 }': undefined,
  'a = { b = {} }\na.b.c = 1': undefined,
  '[a]\nb = {}\n[a.b.c]': undefined,
  '[a]\nb.c = 1\n[a.b]': undefined,
  'a = [{ b = 1 }]\n[[a]]': undefined,
  '[[a.b]]\n[a]\nb.c = 1': undefined,
  'a = "\\x4"': undefined,
  'a = """x\\ y"""': undefined,
  'a = 1_e1': undefined,
  'a = +0x1': undefined,
  'a = "x"\ufeff': undefined,
};
const takenToo: Readonly<Record<string, string | undefined>> = {
  'a = 23:59:60': 'the parser knows no leap seconds; nothing in a profile depends on a time',
  'a = { b = 1, }': undefined,
  'a = {\n b = 1, # c\n\n c = 2\n}': undefined,
  'a = "\\e\\x41"': undefined,
  'a = 07:32': undefined,
  'a = 1979-05-27 07:32Z': undefined,
  '"" = 1': undefined,
  '1.2 = 3': undefined,
  'a = """""""': undefined,
  "a = ''''b''''": undefined,
  'a = """\\  \n  b"""': undefined,
  '[a.b.c]\n[a]': undefined,
  'a = 9223372036854775807': undefined,
};

const file = join(import.meta.dirname, '../../corpus/toml-test/cases.jsonl');
const lines = readFileSync(file, 'utf8').split('\n');
const cases = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Case);
const bytesOf = ({ text, base64 }: Case): Uint8Array => (text === undefined ? Buffer.from(base64 ?? '', 'base64') : Buffer.from(text));

function read(given: Case): { readonly text: string; readonly parsed: ParsedText } {
  const text = textOfBytes(bytesOf(given));
  return { text, parsed: parseText(text, 'a.toml') };
}

/** How the cases write a value, except that numbers have one form here, and zero has no sign. */
function written(value: unknown, expected: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown, index) => written(item, (expected as readonly unknown[])[index]));
  if (value instanceof TomlDate) {
    const type = value.isTime() ? 'time-local' : value.isDate() ? 'date-local' : value.isLocal() ? 'datetime-local' : 'datetime';
    return { type, value: value.toISOString() };
  }
  if (typeof value === 'object' && value !== null) {
    const inner = Object.entries(value).map(([key, item]): [string, unknown] => [key, written(item, childOf(expected, key))]);
    return Object.fromEntries(inner);
  }
  if (typeof value === 'string') return { type: 'string', value };
  if (typeof value === 'boolean') return { type: 'bool', value: String(value) };
  const type = childOf(expected, 'type');
  return { type, value: type === 'float' ? Number(value) + 0 : String(value) };
}

/** The expected side in the same form: numbers as numbers, dates as they are shown, whatever their precision. */
function meant(expected: unknown): unknown {
  if (Array.isArray(expected)) return expected.map(meant);
  if (typeof expected !== 'object' || expected === null) return expected;
  const { type, value } = expected as { readonly type?: unknown; readonly value?: unknown };
  if (typeof type === 'string' && typeof value === 'string') {
    if (type === 'float') return { type, value: Number(value.replace(/inf$/, 'Infinity').replace(/^\+/, '')) };
    return type.includes('time') || type.includes('date') ? { type, value: new TomlDate(value).toISOString() } : { type, value };
  }
  return Object.fromEntries(Object.entries(expected).map(([key, inner]): [string, unknown] => [key, meant(inner)]));
}

function childOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}

test('every valid document means what it should', () => {
  const valid = cases.filter(({ expected }) => expected !== undefined);
  assert.equal(valid.length, 100);
  for (const given of valid) {
    const { parsed } = read(given);
    assert.ok(parsed.ok, given.name);
    assert.deepEqual(written(parsed.raw, given.expected), meant(given.expected), given.name);
  }
});

test('every invalid document gives one finding at a place inside it, but for those listed', () => {
  const invalid = cases.filter(({ expected }) => expected === undefined);
  assert.equal(invalid.length, 234);
  const wrong: string[] = [];
  for (const given of invalid) {
    const { text, parsed } = read(given);
    if (parsed.ok) wrong.push(given.name);
    else {
      assert.equal(parsed.finding.severity, 'error');
      assert.equal(parsed.finding.code === 'not-utf8', !Buffer.from(bytesOf(given)).equals(Buffer.from(text)), given.name);
      assertInside(parsed.finding.range, text, given.name);
    }
  }
  assert.deepEqual(wrong.sort(), Object.keys(accepted).sort());
});

test('what newer cases ask for is judged as TOML 1.1 does, but for what is listed', () => {
  for (const [text, why] of Object.entries(refusedToo)) assert.equal(parseText(text, 'a.toml').ok, why !== undefined, text);
  for (const [text, why] of Object.entries(takenToo)) assert.equal(parseText(text, 'a.toml').ok, why === undefined, text);
});

test('every key and item of every valid document has its place, and nothing is found that is not there', () => {
  for (const given of cases.filter(({ expected }) => expected !== undefined)) {
    const { text, parsed } = read(given);
    const found = locate(text);
    const paths = new Set<string>();
    const visit = (value: unknown, path: readonly (string | number)[]): void => {
      const name = keyPathText(path);
      const at = found.get(name);
      if (path.length > 0) {
        paths.add(name);
        assert.ok(at, `${given.name}: ${name}`);
        assertInside(at.key, text, name);
        assertInside(at.value, text, name);
      }
      if (Array.isArray(value)) value.forEach((item: unknown, index) => visit(item, [...path, index]));
      else if (typeof value === 'object' && value !== null && !(value instanceof Date))
        for (const [key, item] of Object.entries(value)) visit(item, [...path, key]);
      else if (at) {
        const again = parseText(`x = ${textAt(at.value, text)}`, 'x');
        assert.ok(again.ok, `${given.name}: ${name}`);
        assert.deepEqual(again.raw['x'], value, `${given.name}: ${name}`);
      }
    };
    visit(parsed.ok ? parsed.raw : {}, []);
    assert.deepEqual(
      [...found.keys()].filter((name) => !paths.has(name)),
      [],
      given.name,
    );
  }
});

test('a text that is no TOML is located without a crash', () => {
  for (const given of cases) {
    const { text } = read(given);
    for (const { key, value } of locate(text).values()) {
      assertInside(key, text, given.name);
      assertInside(value, text, given.name);
    }
  }
});
