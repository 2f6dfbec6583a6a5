/** Quick fixes: what a finding offers, and all misspelt names at once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allCorrections, fixesAt } from '../../../../helper/profile/language/fixes.ts';
import { positionsOf } from '../../../../helper/profile/positions.ts';
import type { Finding, Range } from '../../../../helper/protocol/finding.ts';

const text = 'moed = "asist"\nnam = "p"\nmax = 900\n';
const on = (line: number, start: number, end: number): Range => ({ start: { line, character: start }, end: { line, character: end } });
const finding = (range: Range, ...replacements: readonly string[]): Finding => ({
  severity: 'error',
  code: 'unknown-key',
  message: 'm',
  path: [],
  range,
  fixes: replacements.map((replacement) => ({ title: `Use ${replacement}`, edits: [{ range, text: replacement }] })),
});
const findings = [
  finding(on(0, 0, 4), 'mode'),
  finding(on(0, 7, 14), '"assist"', '"observe"'),
  finding(on(1, 0, 3), 'name'),
  finding(on(2, 6, 9), '100'),
  { ...finding(on(2, 0, 3)), fixes: undefined },
].map(({ fixes, ...rest }): Finding => (fixes ? { ...rest, fixes } : rest));
const titles = (range: Range): readonly string[] =>
  fixesAt(findings, range, text, positionsOf(text)).map(({ fix, preferred }) => `${fix.title}${preferred ? ' *' : ''}`);

test('what meets the selection offers its fixes, the only one first in line', () => {
  assert.deepEqual(titles(on(0, 2, 2)), ['Use mode *', 'Correct all misspelt names']);
  assert.deepEqual(titles(on(0, 14, 14)), ['Use "assist"', 'Use "observe"', 'Correct all misspelt names']);
  assert.deepEqual(titles(on(2, 7, 7)), ['Use 100 *']);
  assert.deepEqual(titles(on(2, 1, 1)), []);
  assert.deepEqual(titles(on(5, 0, 0)), []);
});

test('all misspelt names are corrected at once, and nothing that is no name', () => {
  assert.deepEqual(
    allCorrections(findings, text, positionsOf(text))?.edits.map((edit) => edit.text),
    ['mode', '"assist"', 'name'],
  );
  assert.equal(allCorrections([], text, positionsOf(text)), undefined);
});

test('two fixes of one place are not both in it', () => {
  const twice = [finding(on(0, 0, 4), 'mode'), finding(on(0, 0, 4), 'mode')];
  assert.equal(allCorrections(twice, text, positionsOf(text))?.edits.length, 1);
});

test('a misspelt name alone needs no second action', () => {
  const alone = [finding(on(0, 0, 4), 'mode')];
  assert.equal(fixesAt(alone, on(0, 0, 0), text, positionsOf(text)).length, 1);
});
