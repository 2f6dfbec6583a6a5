/** Patterns of files in the forms of dialects. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anchoredAt, globsOf, pathRegexOf, textsOf } from '../../../../helper/agents/dialects/file-patterns.ts';

const rows: readonly (readonly [pattern: string, globs: readonly string[], texts: readonly string[], anchored: string])[] = [
  ['.env', ['**/.env'], ['.env', '*/.env'], '//w/**/.env'],
  ['*.pem', ['**/*.pem'], ['*.pem', '*/*.pem'], '//w/**/*.pem'],
  ['.vscode/', ['**/.vscode/**'], ['.vscode/*', '*/.vscode/*'], '//w/**/.vscode/**'],
  ['infra/keys/', ['infra/keys/**'], ['infra/keys/*', '*/infra/keys/*'], '//w/infra/keys/**'],
  ['/build', ['build'], ['build', '*/build'], '//w/build'],
  ['.git/config', ['**/.git/config'], ['.git/config', '*/.git/config'], '//w/**/.git/config'],
  ['**/secret/*.txt', ['**/secret/*.txt'], ['secret/*.txt', '*/secret/*.txt'], '//w/**/secret/*.txt'],
  ['b[z-a].{x}', ['**/b?.?x?'], ['b[z-a].{x}', '*/b[z-a].{x}'], '//w/**/b[z-a].{x}'],
  ['k[0-9]', ['**/k[0-9]'], ['k[0-9]', '*/k[0-9]'], '//w/**/k[0-9]'],
];

for (const [pattern, globs, texts, anchored] of rows)
  test(`${pattern} is said in each form`, () => {
    assert.deepEqual([globsOf(pattern), textsOf(pattern), anchoredAt('//w', pattern)], [globs, texts, anchored]);
  });

test('an expression for a path hits it and nothing else', () => {
  const hits = (pattern: string, path: string): boolean =>
    new RegExp(`"file_path":"([^"]*/|)(${pathRegexOf(pattern)})("|/)`).test(JSON.stringify({ content: '"/x/.env/y"', file_path: path }));
  const told: readonly (readonly [string, string, boolean])[] = [
    ['.env', '.env', true],
    ['.env', '/workspace/a/.env', true],
    ['.env', 'x.env', false],
    ['.env', '.envrc', false],
    ['.vscode/', '/workspace/.vscode/settings.json', true],
    ['.vscode/', 'a.vscode/b', false],
    ['*.pem', 'certs/a.pem', true],
    ['*.pem', 'a.pem.txt', false],
    ['.github/copilot*', '.github/copilot-instructions.md', true],
    ['.github/copilot*', '.github/workflows/x.yml', false],
    ['key[0-9].txt', 'a/key7.txt', true],
    ['key[0-9].txt', 'keyx.txt', false],
    ['key[!0-9].txt', 'keyx.txt', true],
    ['key[9-0].txt', 'key5.txt', true],
    ['a[b', 'a[b', true],
    ['a(b|c)+{', 'a(b|c)+{', true],
  ];
  for (const [pattern, path, hit] of told) assert.equal(hits(pattern, path), hit, `${pattern} ${path}`);
});
