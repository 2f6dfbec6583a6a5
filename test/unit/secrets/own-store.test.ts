/** What `lasso secret set` keeps: in a keyring that takes it, else in a file that is closed to others, and said so. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { loginName, OwnStore } from '../../../helper/secrets/own-store.ts';
import type { Keyring } from '../../../helper/secrets/keyring.ts';
import { unavailable } from '../../../helper/secrets/unavailable.ts';
import { testPlace } from '../../kit/folders.ts';
import { missing } from '../../kit/secrets.ts';

interface FakeKeyring extends Keyring {
  readonly kept: Map<string, string>;
  locked: boolean;
}

function fakeKeyring(): FakeKeyring {
  const kept = new Map<string, string>();
  const ring: FakeKeyring = {
    title: 'a keyring of the test',
    kept,
    locked: false,
    get: ({ service, account }) => act(() => kept.get(`${service}/${account}`)),
    set: ({ service, account }, value) => act(() => void kept.set(`${service}/${account}`, value)),
    remove: ({ service, account }) => act(() => void kept.delete(`${service}/${account}`)),
  };
  const act = <T>(work: () => T): Promise<T> =>
    ring.locked ? Promise.reject(unavailable('it is locked', 'Unlock it.')) : Promise.resolve(work());
  return ring;
}

function opened(t: { after(undo: () => void): void }, ring?: Keyring): OwnStore {
  const place = testPlace();
  t.after(place.remove);
  return new OwnStore(place.folders, place.host, ring);
}

test('without a keyring a value is in a file that only this user can read, and that is said', async (t) => {
  const store = opened(t);
  assert.deepEqual(await store.set('npm', 'one'), { where: 'file', why: 'LASSO can use no keyring on this machine' });
  assert.equal(await store.named('npm'), 'one');
  assert.deepEqual(await store.list(), [{ name: 'npm', where: 'file' }]);
  if (process.platform !== 'win32') assert.equal(statSync(store.file).mode & 0o777, 0o600);
  assert.equal(await store.remove('npm'), 'file');
  assert.equal(await store.remove('npm'), undefined);
  await missing(store.named('npm'), /there is nothing under the name npm/);
});

test('with a keyring the file holds names only', async (t) => {
  const ring = fakeKeyring();
  const store = opened(t, ring);
  assert.deepEqual(await store.set('npm', 'hunter2-value'), { where: 'keyring' });
  assert.ok(!readFileSync(store.file, 'utf8').includes('hunter2'));
  assert.equal(await store.named('npm'), 'hunter2-value');
  assert.deepEqual(await store.list(), [{ name: 'npm', where: 'keyring' }]);
  ring.kept.set('other/me', 'theirs');
  assert.equal(await store.named('other/me'), 'theirs');
  assert.equal(await store.remove('npm'), 'keyring');
  assert.deepEqual([...ring.kept.keys()], ['other/me']);
});

test('a keyring that does not take a value does not lose it, and there is never a second one', async (t) => {
  const ring = fakeKeyring();
  const store = opened(t, ring);
  ring.locked = true;
  assert.deepEqual(await store.set('npm', 'one'), { where: 'file', why: 'it is locked' });
  assert.equal(await store.named('npm'), 'one');
  ring.locked = false;
  assert.deepEqual(await store.set('npm', 'two'), { where: 'keyring' });
  assert.ok(!readFileSync(store.file, 'utf8').includes('one'));
  assert.equal(await store.named('npm'), 'two');
  ring.locked = true;
  await missing(store.named('npm'), /it is locked/);
  await missing(store.remove('npm'), /it is locked/);
});

test('changes at once undo none of each other', async (t) => {
  const store = opened(t);
  const names = Array.from({ length: 20 }, (_, index) => `n${index}`);
  await Promise.all(names.map((name) => store.set(name, name)));
  assert.deepEqual(
    (await store.list()).map(({ name }) => name),
    [...names].sort(),
  );
});

test('the login of LASSO is listed nowhere, and no profile can name it or a key of records', async (t) => {
  const store = opened(t);
  await store.set(loginName, 'v');
  assert.deepEqual(await store.list(), []);
  for (const name of [loginName, `lasso/${loginName}`, 'lasso-record/0e8b00dee2effffc']) await missing(store.named(name), /LASSO’s own/);
  assert.equal(await store.get(loginName), 'v');
});

test('names of the language’s own objects are names like any', async (t) => {
  const store = opened(t);
  await missing(store.named('constructor'), /nothing under the name/);
  await store.set('toString', 'v');
  assert.equal(await store.named('toString'), 'v');
});

test('a file that is damaged, a link to nowhere or open to all is refused, and never overwritten', async (t) => {
  if (process.platform === 'win32') return;
  const store = opened(t);
  mkdirSync(store.file.replace(/[^/]+$/, ''), { recursive: true });
  for (const text of ['', '{', '[]', '{"version":2}', '{"version":1,"keyring":[1],"values":{}}']) {
    writeFileSync(store.file, text, { mode: 0o600 });
    await missing(store.named('npm'), /is damaged/);
    await missing(store.set('npm', 'v'), /is damaged/);
    assert.equal(readFileSync(store.file, 'utf8'), text);
  }
  writeFileSync(store.file, '{"version":1,"keyring":[],"values":{}}');
  chmodSync(store.file, 0o666);
  await missing(store.named('npm'), /written by everybody/);
  rmSync(store.file);
  symlinkSync('/dev/zero', store.file);
  await missing(store.named('npm'), /not a regular file/);
  assert.ok(existsSync(store.file));
});
