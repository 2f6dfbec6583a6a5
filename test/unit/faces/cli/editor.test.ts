/** Which editor is used, and how its name is read: words and quotes, and never a shell. */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { editorOf, wordsOf } from '../../../../helper/faces/cli/editor.ts';
import { LassoError } from '../../../../helper/protocol/errors.ts';

const words: readonly (readonly [text: string, words: readonly string[]])[] = [
  ['vim', ['vim']],
  ['  code   --wait ', ['code', '--wait']],
  ['"/opt/my editor/bin" -x', ['/opt/my editor/bin', '-x']],
  ['\'/opt/my editor\' "a b"c', ['/opt/my editor', 'a bc']],
  ['vim; rm -rf /', ['vim;', 'rm', '-rf', '/']],
  ['vim $(id) `id` $HOME *', ['vim', '$(id)', '`id`', '$HOME', '*']],
  ['C:\\Tools\\edit.exe /w', ['C:\\Tools\\edit.exe', '/w']],
];

test('a command is words, and nothing in it is run by a shell', () => {
  for (const [text, expected] of words) assert.deepEqual(wordsOf(text), expected, text);
});

test('VISUAL comes before EDITOR, and both before what is installed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'editor-'));
  const program = join(folder, 'nano');
  const spaced = join(folder, 'my editor');
  for (const file of [program, spaced]) {
    writeFileSync(file, '');
    chmodSync(file, 0o755);
  }
  const of = (environment: Readonly<Record<string, string>>, platform: NodeJS.Platform = 'linux'): Promise<readonly string[]> =>
    editorOf({ environment, platform });
  assert.deepEqual(await of({ VISUAL: 'code --wait', EDITOR: 'vi' }), ['code', '--wait']);
  assert.deepEqual(await of({ VISUAL: ' ', EDITOR: 'vi' }), ['vi']);
  assert.deepEqual(await of({ EDITOR: spaced }), [spaced]);
  assert.deepEqual(await of({ PATH: `relative:${folder}` }), [program]);
  assert.deepEqual(await of({}, 'win32'), ['notepad.exe']);
  await assert.rejects(of({ PATH: '/nonexistent' }), (error) => error instanceof LassoError && error.code === 'BAD_REQUEST');
  rmSync(folder, { recursive: true });
});
