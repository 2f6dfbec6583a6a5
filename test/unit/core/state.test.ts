import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { StateFolder, type SavedSandbox } from '../../../helper/core/state.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 's-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const saved: SavedSandbox = {
  version: 1,
  id: '0123456789ab',
  name: 'app',
  state: 'running',
  createdAt: '2026-01-01T00:00:00.000Z',
  profile: 'standard',
  ignoreWorkspaceProfile: false,
  profileDigest: 'd',
  backend: 'docker',
  isolation: 'container',
  link: 'socket',
  rootless: false,
  ephemeral: false,
  workspace: '/work',
  mounts: [],
  environment: {},
  identity: { uid: 1000, gid: 1000, hostUid: 1000, hostGid: 1000 },
  image: null,
  token: 'aa',
  notices: [],
};

test('what was saved is found again, readable by its owner alone', async () => {
  const state = new StateFolder(folder);
  await state.save(saved);
  assert.deepEqual(await new StateFolder(folder).load(), { sandboxes: [saved], broken: [] });
  assert.equal(statSync(join(folder, `${saved.id}.json`)).mode & 0o777, 0o600);
  await state.forget(saved.id);
  assert.deepEqual((await state.load()).sandboxes, []);
});

test('a file that cannot be understood is set aside, and the others are read', async () => {
  const state = new StateFolder(folder);
  await state.save(saved);
  const broken = ['half.json', 'ffffffffffff.json', 'aaaaaaaaaaaa.json'];
  writeFileSync(join(folder, 'half.json'), '{"version":1,');
  writeFileSync(join(folder, 'ffffffffffff.json'), JSON.stringify(saved));
  writeFileSync(join(folder, 'aaaaaaaaaaaa.json'), JSON.stringify({ ...saved, id: 'aaaaaaaaaaaa', state: 'exploded' }));
  const loaded = await state.load();
  assert.deepEqual(loaded.sandboxes, [saved]);
  assert.deepEqual([...loaded.broken].sort(), broken.map((name) => join(folder, name)).sort());
  for (const name of broken) assert.ok(existsSync(join(folder, `${name}.broken`)) && !existsSync(join(folder, name)));
});
