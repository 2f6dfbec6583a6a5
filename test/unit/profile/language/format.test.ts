/** Laying out: no value and no comment is ever lost, a second time changes nothing, and what is not TOML stays as it is. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'smol-toml';
import { formatEdits, formatted } from '../../../../helper/profile/language/format.ts';
import { outlineOf } from '../../../../helper/profile/language/outline.ts';
import { parseText } from '../../../../helper/profile/parse.ts';
import { positionsOf } from '../../../../helper/profile/positions.ts';
import { profilesFolder } from '../../../kit/profile-sources.ts';
import { tomlText } from '../../../kit/toml-texts.ts';

const corpus = join(import.meta.dirname, '../../../corpus/profiles');
const long = Array.from({ length: 20 }, (_, index) => `"host-${index}.example"`);

const cases: readonly (readonly [promise: string, before: string, after: string])[] = [
  ['one space around “=”', 'a=1\nb   =   2\nc\t= 3', 'a = 1\nb = 2\nc = 3\n'],
  ['no spaces in dotted keys and headers', 'a . b = 1\n[ c ]\n[[ d.e ]]', 'a.b = 1\n\n[c]\n\n[[d.e]]\n'],
  ['no blanks at ends of lines', 'a = 1  \n# c\t \n', 'a = 1\n# c\n'],
  ['no blanks at the beginning of lines', '  a = 1\n\t# c\n  b = 2\n  [t]\n', 'a = 1\n# c\nb = 2\n\n[t]\n'],
  ['one blank line between tables', 'a = 1\n[t]\nb = 2\n\n\n\n[u]\n[v]\n', 'a = 1\n\n[t]\nb = 2\n\n[u]\n\n[v]\n'],
  ['a comment right above a table stays with it', 'a = 1\n# about t\n# more\n[t]', 'a = 1\n\n# about t\n# more\n[t]\n'],
  ['a comment apart from a table stays apart', 'a = 1\n# about a\n\n[t]', 'a = 1\n# about a\n\n[t]\n'],
  ['blank lines collapse, and none begins or ends a file', '\n\na = 1\n\n\n\nb = 2\n\n\n', 'a = 1\n\nb = 2\n'],
  ['a short list stays on its line', 'a=[ 1,2 ,3, ]', 'a = [1, 2, 3]\n'],
  ['a list on several lines is indented by two, with the last comma', 'a = [1,\n      2,\n  3]', 'a = [\n  1,\n  2,\n  3,\n]\n'],
  ['lines of several items stay', 'a = [\n1,2,\n3\n]', 'a = [\n  1, 2,\n  3,\n]\n'],
  [
    'a list that is too long is broken',
    `a = [${long.join()}]`,
    `a = [\n  ${long.slice(0, 6).join(', ')},\n  ${long.slice(6, 12).join(', ')},\n`,
  ],
  ['lists in lists', 'a = [\n[1,2],[\n3]]', 'a = [\n  [1, 2], [\n    3,\n  ],\n]\n'],
  ['tables on a line', 'a={b=1,c={},d=[1]}', 'a = { b = 1, c = {}, d = [1] }\n'],
  ['comments in lists', 'a = [ # first\n1 # one\n, 2, # two\n\n\n# last\n]', 'a = [ # first\n  1, # one\n  2, # two\n\n  # last\n]\n'],
  ['comments in one column stay there', 'a=1        # x\nbcd  =  22 # y\n', 'a = 1      # x\nbcd = 22   # y\n'],
  ['comments in one column move together where they must', 'a=1 # x\nb=2 # y\n', 'a = 1 # x\nb = 2 # y\n'],
  ['a comment alone keeps its distance', 'a=1   # x\nbcd=2 # y\n', 'a = 1   # x\nbcd = 2 # y\n'],
  ['a comment touching a value gets a space', 'a = 1# x', 'a = 1 # x\n'],
  ['escapes and kinds of quotes stay', 'a = "\\u00e9\\t"\nb = \'\\u00e9\'\n"c d"=1', 'a = "\\u00e9\\t"\nb = \'\\u00e9\'\n"c d" = 1\n'],
  ['texts on several lines stay', 'a="""\n  x  \n\n\n y"""', 'a = """\n  x  \n\n\n y"""\n'],
  ['numbers and dates stay', 'a=1_000\nb=0xFF\nc=1979-05-27 07:32:00\nd=+1.0', 'a = 1_000\nb = 0xFF\nc = 1979-05-27 07:32:00\nd = +1.0\n'],
  ['ends of lines stay what they are', 'a=1\r\n[b]\r\nc=[1,\r\n2]\r\n', 'a = 1\r\n\r\n[b]\r\nc = [\r\n  1,\r\n  2,\r\n]\r\n'],
  ['a byte order mark stays', '\uFEFFa=1', '\uFEFFa = 1\n'],
  ['only comments', '#a\n\n\n#b', '#a\n\n#b\n'],
  ['nothing', '\n\n', ''],
  ['a broken text is left alone', 'a=1\nb =\n[c', 'a=1\nb =\n[c'],
  ['a text that says a key twice is left alone', 'a=1\na=2', 'a=1\na=2'],
];

for (const [promise, before, after] of cases) {
  test(promise, () => {
    assert.ok(formatted(before).startsWith(after), formatted(before));
    assert.equal(formatted(formatted(before)), formatted(before));
    if (!after.endsWith(',\n')) assert.equal(formatted(before), after);
  });
}

for (const name of readdirSync(profilesFolder).filter((file) => file !== 'hosts.toml')) {
  test(`the built-in ${name} is laid out already`, () => {
    const text = readFileSync(join(profilesFolder, name), 'utf8');
    assert.deepEqual(formatEdits(text), []);
  });
}

const commentsOf = (text: string): readonly string[] => outlineOf(text).comments.map(({ start, end }) => text.slice(start, end).trimEnd());

/** Whether the text was valid. */
function keeps(text: string): boolean {
  const laidOut = formatted(text);
  if (!parseText(text, '').ok) {
    assert.equal(laidOut, text);
    return false;
  }
  assert.deepEqual(parse(laidOut, { integersAsBigInt: 'asNeeded' }), parse(text, { integersAsBigInt: 'asNeeded' }));
  assert.deepEqual(commentsOf(laidOut), commentsOf(text));
  assert.equal(formatted(laidOut), laidOut);
  assert.equal(applied(text, formatEdits(text)), laidOut);
  // A table that goes on over the end of its line stays as it is.
  if (!/[{]|"""|'''/.test(laidOut)) assert.doesNotMatch(laidOut, /[ \t]\r?\n|\n\r?\n\r?\n/);
  return true;
}

function applied(text: string, edits: ReturnType<typeof formatEdits>): string {
  const positions = positionsOf(text);
  const at = ({ line, character }: { line: number; character: number }): number => positions.offset(line, character);
  return edits.toReversed().reduce((sum, { range, text: put }) => sum.slice(0, at(range.start)) + put + sum.slice(at(range.end)), text);
}

test('values and comments survive, and a second time changes nothing: profiles of other people', () => {
  const files = readdirSync(corpus, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.toml'));
  assert.ok(files.filter((file) => keeps(readFileSync(join(corpus, file), 'utf8'))).length >= 3);
});

test('values and comments survive, and a second time changes nothing: generated texts', () => {
  let valid = 0;
  fc.assert(
    fc.property(tomlText, (text) => {
      valid += Number(keeps(text));
    }),
    { numRuns: 500 },
  );
  assert.ok(valid > 350, `${valid} of 500 were valid`);
});

test('a selection changes its own lines only', () => {
  const text = 'a=1\nb=2\nc=[1,\n2]\nd=3\n';
  const of = (start: number, end: number, character = 1): readonly string[] =>
    formatEdits(text, { start: { line: start, character: 1 }, end: { line: end, character } }).map(
      ({ range, text: put }) => `${range.start.line}-${range.end.line} ${JSON.stringify(put)}`,
    );
  assert.deepEqual(of(1, 1), ['1-2 "b = 2\\n"']);
  assert.deepEqual(of(1, 2, 0), ['1-2 "b = 2\\n"']);
  assert.deepEqual(of(3, 3), ['2-4 "c = [\\n  1,\\n  2,\\n]\\n"']);
  assert.equal(of(0, 4).length, 4);
});
