import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ageOf, columns, jsonText, visible, widthOf } from '../../../../helper/faces/cli/render/text.ts';

const hostile: readonly (readonly [what: string, text: string, shown: string])[] = [
  ['an escape sequence', '\u001b[31mred\u001b[0m', '\\u{1b}[31mred\\u{1b}[0m'],
  ['a title', '\u001b]0;pwned\u0007', '\\u{1b}]0;pwned\\u{7}'],
  ['an 8-bit control', '\u009b2J', '\\u{9b}2J'],
  ['a line break', 'a\nb\r\tc', 'a\\nb\\u{d}\\tc'],
  ['an override of direction', 'user\u202egpj.exe', 'user\\u{202e}gpj.exe'],
  ['an isolate', '\u2066x\u2069', '\\u{2066}x\\u{2069}'],
  ['something invisible', 'ad\u200bmin\u00ad\ufeff', 'ad\\u{200b}min\\u{ad}\\u{feff}'],
  ['tag characters', 'a\u{e0041}', 'a\\u{e0041}'],
  ['half a surrogate', 'a\ud800b', 'a\\u{d800}b'],
  ['a separator of paragraphs', 'a\u2028b', 'a\\u{2028}b'],
  ['names of people', 'Zoë 日本 Ünïcode 🙂', 'Zoë 日本 Ünïcode 🙂'],
];

test('text that would deceive a reader is shown as what it is', () => {
  for (const [what, text, shown] of hostile) assert.equal(visible(text), shown, what);
});

test('a JSON document holds no character that would deceive a reader, and means the same', () => {
  for (const [what, text] of hostile) {
    const document = jsonText({ text }, 2);
    assert.equal(visible(document.replaceAll('\n', '')), document.replaceAll('\n', ''), what);
    assert.deepEqual(JSON.parse(document), { text }, what);
  }
});

test('widths are what a terminal gives them', () => {
  for (const [text, width] of [
    ['', 0],
    ['abc', 3],
    ['日本', 4],
    ['한국어', 6],
    ['e\u0301', 1],
    ['🙂', 2],
    ['ｆｕｌｌ', 8],
    ['ﾊﾝ', 2],
    ['café', 4],
  ] as const)
    assert.equal(widthOf(text), width, text);
});

test('columns stay aligned beside wide and hostile names', () => {
  const rows = [
    ['日本', 'x'],
    ['abcd', 'y'],
    ['\u001b[2J', 'z'],
  ].map((row) => row.map((text) => ({ text })));
  assert.equal(columns(rows), ['日本       x', 'abcd       y', '\\u{1b}[2J  z', ''].join('\n'));
});

test('an age is told in its largest unit', () => {
  const now = new Date('2026-01-10T12:00:00Z');
  for (const [iso, age] of [
    ['2026-01-10T11:59:58Z', '2s'],
    ['2026-01-10T11:57:00Z', '3m'],
    ['2026-01-10T09:00:00Z', '3h'],
    ['2026-01-05T12:00:00Z', '5d'],
    ['2026-01-10T12:30:00Z', '0s'],
    ['nonsense', '?'],
  ] as const)
    assert.equal(ageOf(iso, now), age, iso);
});
