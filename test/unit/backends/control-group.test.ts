import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { memoryKillsOf, makeGroup, removeGroup } from '../../../helper/backends/control-group.ts';

const folder = (t: TestContext): string => {
  const made = mkdtempSync(join(tmpdir(), 'lasso-groups-'));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
};

test('memory kills are counted in either version’s file, and unknown where there is none', async (t) => {
  const root = folder(t);
  assert.equal(await memoryKillsOf([root]), null);
  writeFileSync(join(root, 'memory.oom_control'), 'oom_kill_disable 0\nunder_oom 0\noom_kill 2\n');
  assert.equal(await memoryKillsOf([root]), 2);
  writeFileSync(join(root, 'memory.events'), 'low 0\noom 4\noom_kill 3\noom_group_kill 0\n');
  assert.equal(await memoryKillsOf([join(root, 'none'), root]), 3);
});

test('a group that cannot have its limits is not left half made', async (t) => {
  const root = folder(t);
  const places = [{ version: 1 as const, folder: root, controllers: ['memory' as const] }];
  // An ordinary folder has none of the kernel's files, which is the refusal wanted here.
  await assert.rejects(makeGroup(places, 'lasso-a', { memoryBytes: 1, cpus: 1, pids: 1 }), { code: 'ENOENT' });
  assert.equal(existsSync(join(root, 'lasso-a')), false);
});

test('only folders that bear a sandbox’s name are removed', async (t) => {
  const root = folder(t);
  for (const name of ['lasso-abc', 'system.slice', 'lasso-x.scope']) mkdirSync(join(root, name));
  await removeGroup(['lasso-abc', 'system.slice', 'lasso-x.scope', 'lasso-gone'].map((name) => join(root, name)));
  assert.deepEqual(
    ['lasso-abc', 'system.slice', 'lasso-x.scope'].map((name) => existsSync(join(root, name))),
    [false, true, true],
  );
});
