import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { descentOf, type Descent } from '../../../../helper/policy/files/descent.ts';
import { closedBy, patternOf } from '../../../../helper/policy/files/patterns.ts';
import { patternCases } from '../../../kit/file-patterns.ts';

/** Walks down to the path as a walk of the tree would; a folder that matched ends it. */
function walkTo(path: string, top: Descent): number | undefined {
  let at: Descent | null = top;
  for (const name of path.split('/')) {
    const match = at?.matched(name);
    if (match !== undefined) return match;
    at = at?.below(name) ?? null;
  }
  return undefined;
}

describe('patterns on a walk', () => {
  const cases = patternCases('patterns.txt');

  test('match what they match on whole paths', () => {
    for (const [pattern, path, word] of cases)
      assert.equal(walkTo(path, descentOf([patternOf(pattern)])) === undefined ? 'open' : 'closed', word, `${pattern} on ${path}`);
  });

  test('match all together as each alone, and the first one wins', () => {
    const patterns = [...new Set(cases.map(([pattern]) => pattern))].filter((text) => !/^[*/]+$/.test(text)).map(patternOf);
    const top = descentOf(patterns);
    for (const [, path] of cases) {
      const steps = path.split('/');
      const expected = steps
        .map((_, index) => closedBy(steps.slice(0, index + 1).join('/'), patterns))
        .find((match) => match !== undefined);
      assert.equal(walkTo(path, top), expected, path);
    }
  });

  test('say where nothing can match any more', () => {
    const below = (patterns: readonly string[], path: string): boolean => {
      let at: Descent | null = descentOf(patterns.map(patternOf));
      for (const name of path.split('/')) at = at?.below(name) ?? null;
      return at !== null;
    };
    for (const [patterns, path, expected] of [
      [['.env'], 'a/b', true],
      [['.env'], 'node_modules', false],
      [['.env'], 'a/node_modules/b', false],
      [['.env', '/node_modules/x/.env'], 'node_modules', true],
      [['.env', '/node_modules/x/.env'], 'node_modules/y', false],
      [['/a/b'], 'a', true],
      [['/a/b'], 'b', false],
      [['a/**/b'], 'a/x/y/z', true],
      [[], 'a', false],
    ] as const)
      assert.equal(below(patterns, path), expected, `${patterns.join(' ')} below ${path}`);
  });
});
