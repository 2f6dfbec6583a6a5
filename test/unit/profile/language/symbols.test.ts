/** The outline of a profile, and what can be done with it as a whole. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldsOf } from '../../../../helper/profile/language/folding.ts';
import { lensesOf } from '../../../../helper/profile/language/lenses.ts';
import { outlineOf } from '../../../../helper/profile/language/outline.ts';
import { type DocumentSymbol, symbolsOf } from '../../../../helper/profile/language/symbols.ts';
import { positionsOf } from '../../../../helper/profile/positions.ts';
import { readingAt } from '../../../kit/profile-reading.ts';

const shown = (symbols: readonly DocumentSymbol[], indent = ''): readonly string[] =>
  symbols.flatMap(({ name, detail, kind, range, children }) => [
    `${indent}${kind} ${name}${detail === '' ? '' : ` (${detail})`} ${range.start.line}-${range.end.line}`,
    ...shown(children, `${indent}  `),
  ]);
const symbols = (text: string): readonly string[] => shown(symbolsOf(text, outlineOf(text), positionsOf(text)));

test('tables and keys, rules by their host, secrets by their name', () => {
  const text = `name = "p"
[network]
mode = "none"
allowed_ports = [
  443,
]
[[network.rules]]
host = "api.example"
[[network.rules]]
action = "deny"
[secrets.npm]
from = "env:X"
[resources]
max_pids = 3
`;
  assert.deepEqual(symbols(text), [
    'text name ("p") 0-0',
    'table network 1-5',
    '  text mode ("none") 2-2',
    '  list allowed_ports (1 item) 3-5',
    'entry api.example (network.rules) 6-7',
    '  text host ("api.example") 7-7',
    'entry network.rules[1] 8-9',
    '  text action ("deny") 9-9',
    'table secrets.npm 10-11',
    '  text from ("env:X") 11-11',
    'table resources 12-13',
    '  number max_pids (3) 13-13',
  ]);
});

test('a broken text has the symbols that can be seen, none without a name', () => {
  assert.deepEqual(symbols('[]\n"" = 1\n[network\nmode = \nallowed = ["a",\n[commands]\nmo'), [
    'table … 0-1',
    '  number … (1) 1-1',
    'table network 2-4',
    '  key mode 3-3',
    '  list allowed (1 item) 4-4',
    'table commands 5-6',
    '  key mo 6-6',
  ]);
});

test('a name lies inside of its symbol, as editors demand', () => {
  const inside = ({ range, selection, children }: DocumentSymbol): boolean =>
    selection.start.line >= range.start.line && selection.end.line <= range.end.line && children.every(inside);
  const text = '[a]\n\n\n[[b.c]]\nx = [\n1]\n[';
  assert.ok(symbolsOf(text, outlineOf(text), positionsOf(text)).every(inside));
});

const lenses: readonly (readonly [text: string, ...expected: readonly string[]])[] = [
  ['# about\n\nname = "p"', '2 lasso.showEffectiveProfile', '2 lasso.tryCommand'],
  ['name = "p"\nextends = "standard"', '0 lasso.showEffectiveProfile', '0 lasso.diffProfileWithBase', '0 lasso.tryCommand'],
  ['[network]\nmode = "none"', '0 lasso.showEffectiveProfile', '0 lasso.tryCommand'],
  ['', '0 lasso.showEffectiveProfile', '0 lasso.tryCommand'],
];
for (const [text, ...expected] of lenses) {
  test(`lenses of ${JSON.stringify(text)}`, async () => {
    const { reading } = await readingAt(text);
    assert.deepEqual(
      lensesOf(reading).map(({ range, action }) => `${range.start.line} ${action}`),
      expected,
    );
  });
}

test('tables, values over several lines and blocks of comments can be folded', () => {
  const text =
    '# one\n# two\nname = "p"\n\n[network]\nallowed_domains = [ # a\n  "x",              # b\n  [\n  1],\n]\n\n[empty]\n[t]\na = 1\n';
  const folds = foldsOf(text, outlineOf(text), positionsOf(text)).map(
    ({ startLine, endLine, kind }) => `${startLine}-${endLine}${kind ? ` ${kind}` : ''}`,
  );
  assert.deepEqual(folds, ['4-9', '5-9', '7-8', '12-13', '0-1 comment']);
});
