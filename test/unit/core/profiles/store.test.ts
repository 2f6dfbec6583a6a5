/** The user's profiles on disk: nothing that was ever saved is lost, whatever happens at once or in between. */
import assert from 'node:assert/strict';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ProfileStore } from '../../../../helper/core/profiles/store.ts';
import { LassoError } from '../../../../helper/protocol/errors.ts';

const root = mkdtempSync(join(tmpdir(), 'store-'));
after(() => rmSync(root, { recursive: true }));
const clock = { now: () => new Date('2026-01-02T03:04:05Z') };
let count = 0;

function fresh(): { readonly store: ProfileStore; readonly folder: string } {
  const folder = join(root, `${(count += 1)}`, 'profiles');
  return { store: new ProfileStore(folder, clock), folder };
}

const refused = (code: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof LassoError);
  assert.equal(error.code, code);
  assert.match(error.message, message);
  assert.notEqual(error.hint, '');
  return true;
};

test('every text that was saved stays in the history, and the last one is the profile', async () => {
  const { store, folder } = fresh();
  assert.equal(await store.read('team'), undefined);
  assert.equal((await store.save('team', 'one', 'created')).version, 1);
  assert.equal((await store.save('team', 'two', 'edited')).version, 2);
  assert.equal((await store.save('team', 'one', 'restored')).version, 3);
  assert.equal(readFileSync(join(folder, 'team.toml'), 'utf8'), 'one');
  const history = await store.history('team');
  assert.deepEqual(
    history.map(({ version, reason, savedAt }) => [version, reason, savedAt]),
    [
      [1, 'created', '2026-01-02T03:04:05.000Z'],
      [2, 'edited', '2026-01-02T03:04:05.000Z'],
      [3, 'restored', '2026-01-02T03:04:05.000Z'],
    ],
  );
  assert.equal(await store.versionText('team', 2), 'two');
  await assert.rejects(store.versionText('team', 4), refused('BAD_REQUEST', /no version 4/));
});

test('the same text again is no new version', async () => {
  const { store } = fresh();
  await store.save('team', 'one', 'created');
  assert.equal((await store.save('team', 'one', 'edited')).version, 1);
  assert.equal((await store.history('team')).length, 1);
});

test('a text that was written by hand is kept before it is replaced', async () => {
  const { store, folder } = fresh();
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'team.toml'), 'by hand');
  await store.save('team', 'saved', 'saved');
  writeFileSync(join(folder, 'team.toml'), 'by hand again');
  await store.save('team', 'saved again', 'saved');
  const texts = await Promise.all([1, 2, 3, 4].map((version) => store.versionText('team', version)));
  assert.deepEqual(texts, ['by hand', 'saved', 'by hand again', 'saved again']);
});

test('what is deleted can be had again, and the history goes on', async () => {
  const { store, folder } = fresh();
  await store.save('team', 'one', 'created');
  assert.equal((await store.delete('team')).version, 2);
  assert.equal(await store.read('team'), undefined);
  assert.deepEqual(readdirSync(folder), ['.history']);
  assert.equal(await store.versionText('team', 2), 'one');
  await assert.rejects(store.delete('team'), refused('UNKNOWN_PROFILE', /no profile team/));
  assert.equal((await store.save('team', 'new', 'created')).version, 3);
});

test('saves at the same time are all kept, one after the other', async () => {
  const { store } = fresh();
  const texts = Array.from({ length: 20 }, (_, n) => `text ${n}`);
  const saved = await Promise.all(texts.map((text) => store.save('team', text, 'saved')));
  assert.deepEqual(
    saved.map(({ version }) => version),
    texts.map((_, n) => n + 1),
  );
  assert.deepEqual(await Promise.all(saved.map(({ version }) => store.versionText('team', version))), texts);
  assert.equal(await store.read('team'), 'text 19');
});

test('of two that make the same new profile at once, one is told that it exists', async () => {
  const { store } = fresh();
  const results = await Promise.allSettled(['a', 'b'].map((text) => store.save('team', text, 'created', { onlyNew: true })));
  assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  assert.equal(await store.read('team'), 'a');
});

test('a failed save does not hold up the next one', async () => {
  const { store } = fresh();
  await store.save('team', 'one', 'created');
  await assert.rejects(store.save('team', 'two', 'created', { onlyNew: true }), refused('PROFILE_EXISTS', /already/));
  assert.equal((await store.save('team', 'three', 'saved')).version, 2);
});

test('files are for their owner alone', async () => {
  const { store, folder } = fresh();
  await store.save('team', 'one', 'created');
  for (const [path, mode] of [
    ['team.toml', 0o600],
    ['.history', 0o700],
    ['.history/team', 0o700],
    ['.history/team/0001.toml', 0o600],
    ['.history/team/index.json', 0o600],
  ] as const)
    assert.equal(lstatSync(join(folder, path)).mode & 0o777, mode, path);
  assert.deepEqual(readdirSync(join(folder, '.history', 'team')).sort(), ['0001.toml', 'index.json']);
});

test('nothing is written or read through a link', async () => {
  const { store, folder } = fresh();
  const outside = join(root, `outside-${count}`);
  mkdirSync(join(folder, '.history'), { recursive: true });
  mkdirSync(outside);
  writeFileSync(join(outside, 'secret'), 'secret');
  symlinkSync(join(outside, 'secret'), join(folder, 'linked.toml'));
  symlinkSync(outside, join(folder, '.history', 'team'));
  for (const work of [store.read('linked'), store.save('linked', 'x', 'saved'), store.delete('linked'), store.history('linked')])
    await assert.rejects(work, refused('BAD_REQUEST', /is a link/));
  await assert.rejects(store.save('team', 'x', 'created'), refused('BAD_REQUEST', /not a folder/));
  assert.deepEqual(readdirSync(outside), ['secret']);
  assert.equal(readFileSync(join(outside, 'secret'), 'utf8'), 'secret');
});

test('a lost or broken index loses no version', async () => {
  const { store, folder } = fresh();
  await store.save('team', 'one', 'created');
  await store.save('team', 'two', 'edited');
  for (const index of ['not json', '[{"version":"x"}]', '{}', '[]']) {
    writeFileSync(join(folder, '.history', 'team', 'index.json'), index);
    const history = await store.history('team');
    assert.deepEqual(
      history.map(({ version }) => version),
      [1, 2],
      index,
    );
  }
  assert.equal((await store.save('team', 'three', 'saved')).version, 3);
});

test('strangers in the history are not versions', async () => {
  const { store, folder } = fresh();
  await store.save('team', 'one', 'created');
  for (const name of ['x.toml', '1.toml', '.0002.toml', '0002.toml~', '99999999999.toml'])
    writeFileSync(join(folder, '.history', 'team', name), '');
  assert.equal((await store.history('team')).length, 1);
});
