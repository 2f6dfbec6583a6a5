/** Paths of secrets as each system writes them, and what lies in a folder of an agent. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { absolutePath, refuseWritable } from '../../../helper/secrets/safe-path.ts';

const linux = { home: '/home/me', uid: 1000, platform: 'linux' } as const;
const windows = { home: 'C:\\Users\\me', uid: undefined, platform: 'win32' } as const;

test('a path is whole, or begins at home', () => {
  assert.equal(absolutePath('~/a/../b', linux), '/home/me/b');
  assert.equal(absolutePath('/a//b/./c', linux), '/a/b/c');
  assert.equal(absolutePath('~\\a', windows), 'C:\\Users\\me\\a');
  assert.equal(absolutePath('D:/a', windows), 'D:\\a');
  for (const path of ['a', './a', '../a', '~', '~me/a', '', 'C:\\a'])
    assert.throws(() => absolutePath(path, linux), /no absolute path/, path);
  for (const path of ['a', 'C:a', '~', '']) assert.throws(() => absolutePath(path, windows), /no absolute path/, path);
});

const places: readonly (readonly [path: string, inside: boolean])[] = [
  ['/home/me/project', true],
  ['/home/me/project/a/b', true],
  ['/home/me/project/..a', true],
  ['/home/me/projects', false],
  ['/home/me', false],
  ['/home/me/other/project', false],
];
test('a folder is what is in it, and not what begins like it', () => {
  for (const [path, inside] of places) {
    const judge = (): void => refuseWritable(path, ['/elsewhere', '/home/me/project'], linux);
    if (inside) assert.throws(judge, /which the agent can write/, path);
    else assert.doesNotThrow(judge, path);
  }
  assert.throws(() => refuseWritable('C:\\Users\\me\\Project\\a', ['c:\\users\\me\\project'], windows), /which the agent can write/);
  assert.doesNotThrow(() => refuseWritable('D:\\a', ['C:\\'], windows));
});
