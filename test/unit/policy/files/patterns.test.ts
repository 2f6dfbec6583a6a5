import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { closedBy, isAbove, matchesPattern, patternOf } from '../../../../helper/policy/files/patterns.ts';
import { patternCases } from '../../../kit/file-patterns.ts';

describe('patterns of files', () => {
  test('close what .gitignore would ignore, whatever the case', () => {
    for (const [pattern, path, word] of patternCases('patterns.txt'))
      assert.equal(matchesPattern(path, patternOf(pattern)) ? 'closed' : 'open', word, `${pattern} on ${path}`);
  });

  test('tell which folders lie above what they name', () => {
    for (const [pattern, path, word] of patternCases('above.txt'))
      assert.equal(isAbove(path, patternOf(pattern)) ? 'above' : 'apart', word, `${pattern} on ${path}`);
  });

  test('are tried in order, and none closes nothing', () => {
    const patterns = ['*.key', '.env', '.env.*'].map(patternOf);
    for (const [path, expected] of [
      ['a.key', 0],
      ['x/.env', 1],
      ['.env.test', 2],
      ['readme', undefined],
      ['', undefined],
    ] as const)
      assert.equal(closedBy(path, patterns), expected, path);
    assert.equal(closedBy('a', []), undefined);
    for (const empty of ['', '/', '//', '.']) assert.equal(matchesPattern('a', patternOf(empty)), false, empty);
  });

  test('take a number of steps that grows with the path times the pattern, not faster', () => {
    let steps = 0;
    const counted = (path: string, pattern: string): number => {
      steps = 0;
      matchesPattern(path, patternOf(pattern), (step, name) => {
        steps += 1;
        return name.plain === step;
      });
      return steps;
    };
    const pattern = 'a/**/a/**/a/**/a/**/b';
    const [short, long] = [counted('a/'.repeat(500), pattern), counted('a/'.repeat(1000), pattern)];
    assert.ok(long <= short * 2 + 10, `${short} → ${long}`);
  });
});
