/** What is kept between sandboxes is hostile: it is one folder for each agent and workspace, and nothing in it is ever followed. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { forgetVolume, homeVolume, keepVolume, namedVolume } from '../../../../helper/core/agents/volumes.ts';
import { foldersOf, type Host } from '../../../../helper/base/platform.ts';

const place = mkdtempSync(join(tmpdir(), 'lasso-volumes-'));
after(() => rmSync(place, { recursive: true, force: true }));
const uid = process.getuid?.() ?? 1000;
const gid = process.getgid?.() ?? 1000;
const host: Host = { platform: 'linux', environment: {}, home: place, uid, gid, user: 'somebody', temporary: tmpdir() };
const world = { host, folders: foldersOf(host) };
const identity = { uid: 1000, gid: 1000, hostUid: uid, hostGid: gid };

test('each agent and each workspace has its own', () => {
  const all = [
    homeVolume(world, 'claude', '/work/a'),
    homeVolume(world, 'claude', '/work/b'),
    homeVolume(world, 'codex', '/work/a'),
    namedVolume(world, 'claude'),
    namedVolume(world, '../../etc'),
  ];
  assert.equal(new Set(all).size, all.length);
  for (const folder of all) assert.match(folder.slice(world.folders.home.length), /^\/volumes\/[a-z]+-[0-9a-f]{16}$/);
  assert.equal(homeVolume(world, 'claude', '/work/a'), all[0]);
});

test('it is for one user alone, and stays when it is made again', async () => {
  const folder = homeVolume(world, 'claude', '/work/a');
  await keepVolume(world, folder, identity);
  writeFileSync(join(folder, 'login'), 'kept');
  await keepVolume(world, folder, identity);
  assert.deepEqual(readdirSync(folder), ['login']);
  assert.equal(lstatSync(folder).mode & 0o777, 0o700);
  assert.equal(lstatSync(join(folder, '..')).mode & 0o777, 0o700);
});

test('something else in its place is refused', async () => {
  const folder = homeVolume(world, 'claude', '/work/link');
  mkdirSync(join(folder, '..'), { recursive: true });
  symlinkSync('/tmp', folder);
  await assert.rejects(keepVolume(world, folder, identity), { code: 'SANDBOX_START_FAILED' });
});

test('forgetting takes all of it, and nothing a link in it leads to', async () => {
  const outside = join(place, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'precious'), '');
  const folder = await keepVolume(world, homeVolume(world, 'codex', '/work/a'), identity);
  symlinkSync(outside, join(folder, 'link'));
  symlinkSync(join(outside, 'precious'), join(folder, 'file'));
  mkdirSync(join(folder, 'closed/inner'), { recursive: true });
  chmodSync(join(folder, 'closed'), 0o500);
  assert.equal(await forgetVolume(folder), true);
  assert.equal(existsSync(folder), false);
  assert.deepEqual(readdirSync(outside), ['precious']);
  assert.equal(await forgetVolume(folder), false);
});
