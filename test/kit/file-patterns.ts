/** The corpora of patterns that the helper's matcher and the guest's both keep to. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

export type PatternCase = readonly [pattern: string, path: string, word: string];

export function patternCases(file: string): readonly PatternCase[] {
  return readFileSync(new URL(`../corpus/files/${file}`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('# '))
    .map((line) => {
      const [pattern = '', path = '', word = '', ...more] = line.split('\t');
      assert.deepEqual(more, [], line);
      return [pattern, path, word];
    });
}
