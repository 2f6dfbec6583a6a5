/** Places of keys and values: named cases, and every value of generated documents read back from its place. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse, stringify } from 'smol-toml';
import { keyPathText } from '../../../helper/profile/key-path.ts';
import { locate } from '../../../helper/profile/locate.ts';
import { positionsOf } from '../../../helper/profile/positions.ts';
import type { Range } from '../../../helper/protocol/finding.ts';

/** text → key path → [what the key range covers, what the value range covers] */
const cases: readonly (readonly [says: string, text: string, expected: Readonly<Record<string, readonly [string, string]>>])[] = [
  ['a plain pair', 'a = 1 # one', { a: ['a', '1'] }],
  [
    'dotted and quoted keys',
    'a . "b.c".d = "x"',
    { a: ['a', 'a . "b.c".d = "x"'], 'a."b.c"': ['"b.c"', '"b.c".d = "x"'], 'a."b.c".d': ['d', '"x"'] },
  ],
  ['tables and what is above them', '[ a . b ]\nc = [ ]', { a: ['a', 'a'], 'a.b': ['b', 'b'], 'a.b.c': ['c', '[ ]'] }],
  [
    'arrays of tables and tables in them',
    '[[a]]\nx = 1\n[a.t]\ny = 2\n[[a]]\nx = 3',
    { 'a[0].x': ['x', '1'], 'a[0].t.y': ['y', '2'], 'a[1].x': ['x', '3'], 'a[1]': ['a', 'a'] },
  ],
  [
    'inline tables in lists',
    'a = [ { b = "}" }, # ]\n { b = [ 1 , 2 ] } ]',
    { 'a[0].b': ['b', '"}"'], 'a[1].b[1]': ['2', '2'], 'a[1]': ['{ b = [ 1 , 2 ] }', '{ b = [ 1 , 2 ] }'] },
  ],
  [
    'strings over several lines',
    'a = """x\n"" # " \\""""""\nb = \'\'\'\ny = 1\'\'\'\nc = 3',
    { a: ['a', '"""x\n"" # " \\""""""'], b: ['b', "'''\ny = 1'''"], c: ['c', '3'] },
  ],
  ['dates with a space', 'a = 1979-05-27 07:32:00  # x\r\nb = 2', { a: ['a', '1979-05-27 07:32:00'], b: ['b', '2'] }],
  ['a half-typed line and what follows it', 'a =\nb = [1, \n', { a: ['a', ''], 'b[0]': ['1', '1'] }],
];

for (const [says, text, expected] of cases) {
  test(`finds ${says}`, () => {
    const positions = positionsOf(text);
    const cut = ({ start, end }: Range): string =>
      text.slice(positions.offset(start.line, start.character), positions.offset(end.line, end.character));
    const found = locate(text);
    for (const [path, covers] of Object.entries(expected)) {
      const at = found.get(path);
      assert.deepEqual(at && [cut(at.key), cut(at.value)], covers, path);
    }
  });
}

const scalar = fc.oneof(fc.integer(), fc.boolean(), fc.string(), fc.constantFrom('a"b', "it's", 'x\ny', '#', ']', '}', '='));
const document = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(scalar, { maxLength: 4 }),
    fc.array(tie('table'), { minLength: 1, maxLength: 3 }),
    tie('table'),
  ),
  table: fc.dictionary(fc.string({ minLength: 1, maxLength: 6 }), tie('value'), { maxKeys: 4 }),
}));

test('every value of every document has a place, and the place holds that value', () => {
  fc.assert(
    fc.property(document.table, (value) => {
      const text = stringify(value);
      const found = locate(text);
      const positions = positionsOf(text);
      const visit = (inner: unknown, path: readonly (string | number)[]): void => {
        const at = found.get(keyPathText(path));
        if (path.length > 0) assert.ok(at, `${keyPathText(path)} in\n${text}`);
        if (Array.isArray(inner)) inner.forEach((item: unknown, index) => visit(item, [...path, index]));
        else if (typeof inner === 'object' && inner !== null) for (const [key, item] of Object.entries(inner)) visit(item, [...path, key]);
        else if (at) {
          const { start, end } = at.value;
          const cut = text.slice(positions.offset(start.line, start.character), positions.offset(end.line, end.character));
          assert.deepEqual(parse(`x = ${cut}`)['x'], inner);
        }
      };
      visit(parse(text), []);
    }),
    { numRuns: 300 },
  );
});

test('any text whatever is scanned to its end', () => {
  const pieces = fc.constantFrom(
    '[',
    ']',
    '[[',
    ']]',
    '{',
    '}',
    '"',
    "'",
    '"""',
    "'''",
    '=',
    '.',
    ',',
    '#',
    '\n',
    '\r',
    '\r\n',
    '\\',
    ' ',
    'a',
    '1',
    '\0',
    '\ufeff',
    '😀',
    '\u2028',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => void locate(parts.join(''))),
    { numRuns: 2000 },
  );
  locate('['.repeat(200_000));
  locate('a = ' + '['.repeat(200_000));
  locate('a.'.repeat(2000) + 'a = 1');
});
