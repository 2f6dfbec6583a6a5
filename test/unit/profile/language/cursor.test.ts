/** Where the cursor is, in texts that are finished and in texts that are not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Cursor, cursorAt } from '../../../../helper/profile/language/cursor.ts';
import { outlineOf } from '../../../../helper/profile/language/outline.ts';
import { keyPathText } from '../../../../helper/profile/key-path.ts';
import { atCursor } from '../../../kit/language-client.ts';

function shown(cursor: Cursor, text: string): string {
  const part = 'span' in cursor ? `<${text.slice(cursor.span.start, cursor.span.end)}>` : '';
  switch (cursor.kind) {
    case 'comment':
    case 'none':
      return cursor.kind;
    case 'header':
      return `header ${keyPathText(cursor.path)} ${part}`;
    case 'key':
      return `${cursor.inline ? 'inline ' : ''}key in ${keyPathText(cursor.table) || 'top'} ${part}`;
    case 'value':
      return `value ${keyPathText(cursor.path)} ${part}`;
    case 'item':
      return `item ${keyPathText(cursor.list)}[${cursor.index}] of ${cursor.others.length + (cursor.value ? 1 : 0)} ${part}`;
    default:
      return cursor satisfies never;
  }
}

const cases: readonly (readonly [marked: string, expected: string])[] = [
  ['|', 'key in top <>'],
  ['|name = "x"', 'key in top <name>'],
  ['na|me = "x"', 'key in top <name>'],
  ['na|', 'key in top <na>'],
  ['name |', 'none'],
  ['name | = "x"', 'none'],
  ['name = |', 'value name <>'],
  ['name =|', 'value name <>'],
  ['name = |\nmode = "x"', 'value name <>'],
  ['name = "x|"', 'value name <"x">'],
  ['name = "x"|', 'value name <"x">'],
  ['name = "x" |', 'none'],
  ['name = "x" # a|b', 'comment'],
  ['name = "x" |# ab', 'none'],
  ['name = "|', 'value name <">'],
  ['name = "st| ', 'value name <"st>'],
  ["name = 'st|'", "value name <'st'>"],
  ['mode = ass|', 'value mode <ass>'],
  ['x = tr|ue # c', 'value x <true>'],
  ['a.b.|', 'key in a.b <>'],
  ['a.b|.c = 1', 'key in a <b>'],
  ['"a b|" = 1', 'key in top <"a b">'],
  ['[|', 'header  <>'],
  ['[net|', 'header net <net>'],
  ['[net|work]', 'header network <network>'],
  ['[network]|', 'header network <network>'],
  ['[network] |', 'none'],
  ['[[network.ru|', 'header network.rules[0]'.replace('rules', 'ru') + ' <network.ru>'],
  ['[[a]]\n[[a]]\n|', 'key in a[1] <>'],
  ['[[a]]\n[a.b]\n|', 'key in a[0].b <>'],
  ['[a]\n|\n[b]', 'key in a <>'],
  ['[a]\nx = 1\n\n|\n[b]\n', 'key in a <>'],
  ['[a]\nx = 1\n|[b]', 'key in a <>'],
  ['[a]\nx = 1\n  |', 'key in a <>'],
  ['x = [|]', 'item x[0] of 0 <>'],
  ['x = ["a", |]', 'item x[1] of 1 <>'],
  ['x = ["a", "b|"]', 'item x[1] of 2 <"b">'],
  ['x = ["a", b|, "c"]', 'item x[1] of 3 <b>'],
  ['x = ["a",\n  |\n  "c",\n]', 'item x[1] of 2 <>'],
  ['x = ["a" # a\n|]', 'item x[1] of 1 <>'],
  ['x = ["a", # |\n]', 'comment'],
  ['x = [1, 2|]', 'item x[1] of 2 <2>'],
  ['x = [["a", "b|"], []]', 'item x[0][1] of 2 <"b">'],
  ['x = [|', 'item x[0] of 0 <>'],
  ['x = ["a", "|', 'item x[1] of 2 <">'],
  ['x = ["a", |\n\n[network]\nmode = "none"', 'item x[1] of 1 <>'],
  ['x = ["a", "|\n\n[network]\nmode = "none"', 'item x[1] of 2 <">'],
  ['x = ["a",\n[network]\nmo|de = "none"', 'key in network <mode>'],
  ['x = ["a",\n[[network.rules]]\nho|', 'key in network.rules[0] <ho>'],
  ['x = ["a",\nmode = "|none"', 'value mode <"none">'],
  ['x = [\n  [1],\n  [2|],\n]', 'item x[1][0] of 1 <2>'],
  ['x = { | }', 'inline key in x <>'],
  ['x = { a = 1, | }', 'inline key in x <>'],
  ['x = { a = 1, b| }', 'inline key in x <b>'],
  ['x = { a = | }', 'value x.a <>'],
  ['x = { a = "|" }', 'value x.a <"">'],
  ['x = { a = 1 | }', 'none'],
  ['x = { a = ["q", "|"] }', 'item x.a[1] of 2 <"">'],
  ['x = [{ a = 1 }, { b = |', 'value x[1].b <>'],
  ['x = {|', 'inline key in x <>'],
  ['x = """a\n|b"""', 'value x <"""a\nb""">'],
  ['x = "a\\"|b"', 'value x <"a\\"b">'],
  ['\uFEFFna|me = 1', 'key in top <name>'],
  ['a = 1\r\n|b = 2\r\n', 'key in top <b>'],
  ['a = 1\r\n|', 'key in top <>'],
  ['= |', 'value  <>'],
  ['? |', 'none'],
];

for (const [marked, expected] of cases) {
  test(`${JSON.stringify(marked)} is ${JSON.stringify(expected)}`, () => {
    const { text, offset } = atCursor(marked);
    assert.equal(shown(cursorAt(text, outlineOf(text), offset), text), expected);
  });
}

test('a place outside of the text is its beginning or end', () => {
  const outline = outlineOf('a = 1\n');
  assert.equal(cursorAt('a = 1\n', outline, 900).kind, 'key');
  assert.equal(cursorAt('a = 1\n', outline, -5).kind, 'key');
});

test('every offset of hostile texts has an answer, in time that grows with the text', () => {
  const hostile = [
    '['.repeat(20_000),
    '{a='.repeat(20_000),
    'x = ["'.repeat(5000),
    `x = """${'"'.repeat(5000)}`,
    'a.'.repeat(20_000),
    '\0\u2028\r[[',
  ];
  for (const text of hostile) {
    const outline = outlineOf(text);
    for (let offset = 0; offset <= text.length; offset += Math.ceil(text.length / 50)) assert.ok(cursorAt(text, outline, offset).kind);
  }
});
