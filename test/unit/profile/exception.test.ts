/** One more exception in a profile's text: as small a change as can be, and a text that says what it said before. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse } from 'smol-toml';
import { withException } from '../../../helper/profile/exception.ts';

const cases: readonly (readonly [says: string, before: string, after: string | undefined])[] = [
  ['a text without commands', 'name = "a"\n', 'name = "a"\n\n[commands.ask_except]\ngit = ["push origin"]\n'],
  ['a text without its last line end', 'name = "a"', 'name = "a"\n\n[commands.ask_except]\ngit = ["push origin"]\n'],
  [
    'a table of its own',
    '[commands.ask_except] # mine\nnpm = ["publish"]\n[network]\n',
    '[commands.ask_except] # mine\ngit = ["push origin"]\nnpm = ["publish"]\n[network]\n',
  ],
  ['a table at the end', '[commands.ask_except]', '[commands.ask_except]\ngit = ["push origin"]\n'],
  [
    'an inline table',
    '[commands]\nask_except = { npm = ["publish"] }\n',
    '[commands]\nask_except = { git = ["push origin"], npm = ["publish"] }\n',
  ],
  ['an empty inline table', '[commands]\nask_except = {}\n', '[commands]\nask_except = { git = ["push origin"] }\n'],
  ['a list with items', '[commands.ask_except]\ngit = ["a", "b"] # b\n', '[commands.ask_except]\ngit = ["a", "b", "push origin"] # b\n'],
  [
    'a list over several lines',
    '[commands.ask_except]\ngit = [\n  "a", # one\n]\n',
    '[commands.ask_except]\ngit = [\n  "a", "push origin", # one\n]\n',
  ],
  ['an empty list', '[commands.ask_except]\ngit = []\n', '[commands.ask_except]\ngit = ["push origin"]\n'],
  ['a dotted key', 'commands.ask_except.git = ["a"]\n', 'commands.ask_except.git = ["a", "push origin"]\n'],
  ['a dotted key of another program', 'commands.ask_except.npm = ["a"]\n', undefined],
];

describe('an exception is added', () => {
  for (const [says, before, after] of cases)
    test(says, () => {
      const changed = withException(before, 'git', 'push origin');
      assert.equal(changed, after);
      if (changed !== undefined) assert.doesNotThrow(() => parse(changed));
    });
});

test('a name that is no plain key is quoted', () => {
  assert.match(withException('', 'g++', 'x "y"') ?? '', /\n"g\+\+" = \["x \\"y\\""\]\n$/);
});
