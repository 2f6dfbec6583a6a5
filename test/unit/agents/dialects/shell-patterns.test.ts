/** Rules about arguments in the forms of dialects: they hit what the profile means, and nothing an everyday command says. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ArgumentRule } from '../../../../helper/agents/brief.ts';
import { beginningsOf, globsOf, prefixOf, regexOf } from '../../../../helper/agents/dialects/shell-patterns.ts';

const rule = (text: string): ArgumentRule => {
  const [program = '', ...words] = text.split(' ');
  return { program, words: words.join(' '), rule: '' };
};

/** as Claude Code, OpenCode and Copilot read them: `*` is any text, a last ` *` may be missing */
const globHits = (text: string, command: string): boolean =>
  globsOf(rule(text)).some((glob) => {
    const regex = glob
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*');
    return new RegExp(`^${regex}( .*)?$`).test(command);
  });
const regexHits = (text: string, command: string): boolean =>
  new RegExp(`"command":"${regexOf(rule(text))}`).test(JSON.stringify({ command, description: 'pushes with --force ' }));

const cases: readonly (readonly [rule: string, hit: readonly string[], missed: readonly string[]])[] = [
  [
    'git push --force',
    ['git push --force', 'git push --force origin', 'git push origin main --force', 'git push -f', 'git push origin +main'],
    ['git push', 'git push origin main', 'git push --force-with-lease', 'git commit -m push'],
  ],
  ['git push', ['git push', 'git push origin main'], ['git pull', 'git pushx']],
  ['git stash clear', ['git stash clear'], ['git stash', 'git stash pop']],
  ['git clean -f', ['git clean -f', 'git clean -fdx', 'git clean -d -f', 'git clean --force'], ['git clean -n']],
  ['git reset --hard', ['git reset --hard', 'git reset --hard HEAD~1', 'git reset HEAD --hard'], ['git reset', 'git reset --soft']],
  ['npm publish', ['npm publish', 'npm publish --tag next'], ['npm pack', 'npm run publish-docs']],
  ['chmod 777', ['chmod 777 x', 'chmod -R 777 x'], ['chmod 755 x']],
  ['pip install --target', ['pip install --target x y', 'pip install y -t x', 'pip install --target=x y'], ['pip install x']],
  ['docker', ['docker', 'docker run x'], ['dockerize', 'echo docker']],
];

for (const [text, hit, missed] of cases)
  describe(text, () => {
    for (const command of hit)
      test(`is hit by ${command}`, () => assert.deepEqual([globHits(text, command), regexHits(text, command)], [true, true]));
    for (const command of missed)
      test(`is not hit by ${command}`, () => assert.deepEqual([globHits(text, command), regexHits(text, command)], [false, false]));
    test('is no expression that Gemini CLI drops', () => assert.doesNotMatch(regexOf(rule(text)), /\([^)]*[*+?{].*\)[*+?{]/));
  });

test('beginnings have alternatives, and name no option that is joined to something', () => {
  assert.deepEqual(prefixOf(rule('git push --force')), ['git', 'push', ['--force', '-f']]);
  assert.deepEqual(prefixOf(rule('npm publish')), ['npm', 'publish']);
  assert.deepEqual(prefixOf(rule('docker')), ['docker']);
  assert.deepEqual(beginningsOf(rule('git push --force')), ['git push --force', 'git push -f']);
});
