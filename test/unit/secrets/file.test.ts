/** A secret in a file: only a file that is this user's own affair is read, and what it says about its end holds. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, lchownSync, linkSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileSource, type FileWish } from '../../../helper/secrets/file.ts';
import { testPlace } from '../../kit/folders.ts';
import { missing, stillClock } from '../../kit/secrets.ts';

const place = testPlace();
const home = place.root;
const workspace = join(home, 'project');
mkdirSync(workspace);
test.after(place.remove);

const clock = stillClock();
const facts = { home, uid: place.host.uid, platform: place.host.platform };
const reading = (wish: Partial<FileWish> & Pick<FileWish, 'path'>): Promise<string> =>
  fileSource({ writable: [workspace], ...wish }, facts, clock).read();
const put = (name: string, text: string | Uint8Array): string => {
  const file = join(home, name);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
};

test('the whole text, a field, and a field by pointer are read, anew each time', async () => {
  const file = put('token', 'one\n');
  assert.equal(await reading({ path: file }), 'one\n');
  assert.equal(await reading({ path: '~/token' }), 'one\n');
  put('token', 'two\n');
  assert.equal(await reading({ path: file }), 'two\n');
  const login = put('login.json', JSON.stringify({ oauth: { token: 'three', list: [{ id: 7 }] }, 'a.b/c': { x: 'four' } }));
  assert.equal(await reading({ path: login, field: 'oauth.token' }), 'three');
  assert.equal(await reading({ path: login, field: 'oauth.list.0.id' }), '7');
  assert.equal(await reading({ path: login, field: '/a.b~1c/x' }), 'four');
});

test('what is not there, no text, too large or not its user’s is told as such', async () => {
  const login = put('odd.json', JSON.stringify({ token: { inner: 'v' }, list: ['hunter2-value'] }));
  const cases: readonly (readonly [wish: Partial<FileWish> & Pick<FileWish, 'path'>, why: RegExp])[] = [
    [{ path: join(home, 'absent') }, /there is no file/],
    [{ path: 'relative/token' }, /no absolute path/],
    [{ path: '/etc/passwd\0x' }, /no absolute path/],
    [{ path: home }, /not a regular file/],
    [{ path: '/dev/null' }, /not a regular file/],
    [{ path: put('bytes', Buffer.from([0xff, 0xfe])) }, /is not text/],
    [{ path: put('long', Buffer.alloc(1_000_001, 97)) }, /more than 1 MB/],
    [{ path: put('prose', 'hunter2-value'), field: 'token' }, /it is not JSON/],
    [{ path: login, field: 'tokens' }, /it has no field tokens/],
    [{ path: login, field: 'constructor' }, /it has no field constructor/],
    [{ path: login, field: 'token' }, /is no text/],
    [{ path: join(workspace, 'token') }, /there is no file|the agent can write/],
  ];
  for (const [wish, why] of cases)
    await missing(reading(wish), why).catch((error: unknown) => {
      throw new Error(`${wish.path} ${wish.field ?? ''}`, { cause: error });
    });
});

test('no reason repeats what a file holds', async () => {
  const file = put('prose', 'hunter2-value {');
  await assert.rejects(reading({ path: file, field: 'a' }), (error) => !String(error).includes('hunter2'));
});

test('a FIFO does not hold anybody up', { skip: place.host.platform === 'win32' }, async () => {
  const fifo = join(home, 'fifo');
  execFileSync('mkfifo', [fifo]);
  await missing(reading({ path: fifo }), /not a regular file/);
});

test('what everybody can write is not read', { skip: place.host.platform === 'win32' }, async () => {
  const file = put('open', 'v');
  chmodSync(file, 0o666);
  await missing(reading({ path: file }), /can be written by everybody/);
});

test('nothing an agent can write is read, neither by name, by a link to it, nor by a link in it', async () => {
  writeFileSync(join(workspace, 'token'), 'v');
  const outside = put('outside', 'v');
  symlinkSync(outside, join(workspace, 'link'));
  symlinkSync(workspace, join(home, 'shortcut'));
  symlinkSync(join(workspace, 'link'), join(home, 'detour'));
  for (const path of [
    join(workspace, 'token'),
    join(workspace, 'link'),
    join(home, 'shortcut', 'token'),
    join(workspace, '..', 'project', 'token'),
  ])
    await missing(reading({ path }), /which the agent can write/);
  // It ends outside, but where it ends is the agent's to say: the way counts as well.
  await missing(reading({ path: join(home, 'detour') }), /which the agent can write/);
});

test('links of this user and of the system are followed, those of others are not', { skip: process.getuid?.() !== 0 }, async () => {
  const file = put('real', 'v');
  symlinkSync('real', join(home, 'own'));
  assert.equal(await reading({ path: join(home, 'own') }), 'v');
  symlinkSync(file, join(home, 'planted'));
  lchownSync(join(home, 'planted'), 4711, 4711);
  await missing(reading({ path: join(home, 'planted') }), /is a link that another user made/);
  mkdirSync(join(home, 'theirs'));
  writeFileSync(join(home, 'theirs', 'token'), 'v');
  lchownSync(join(home, 'theirs', 'token'), 4711, 4711);
  await missing(reading({ path: join(home, 'theirs', 'token') }), /belongs to another user/);
});

test('links that lead in a circle end', async () => {
  symlinkSync('round', join(home, 'round'));
  await missing(reading({ path: join(home, 'round') }), /too many links/);
});

test('a second name of a file in a folder of an agent does not open it there', async () => {
  const file = put('twice', 'v');
  linkSync(file, join(workspace, 'second'));
  assert.equal(await reading({ path: file }), 'v');
  await missing(reading({ path: join(workspace, 'second') }), /which the agent can write/);
});

const second = 1000;
const expiries: readonly (readonly [said: unknown, expired: boolean])[] = [
  [clock.nowMs + 3600 * second, false],
  [(clock.nowMs + 3600 * second) / second, false],
  [new Date(clock.nowMs + 3600 * second).toISOString(), false],
  [clock.nowMs - second, true],
  [Math.floor(clock.nowMs / second) - 1, true],
  [new Date(clock.nowMs - second).toISOString(), true],
  ['never', false],
  [null, false],
  [0, false],
];
test('a login that says it has expired is not used', async () => {
  for (const [said, expired] of expiries) {
    const path = put('login.json', JSON.stringify({ token: 'v', expiresAt: said }));
    if (expired) await missing(reading({ path, field: 'token' }), /says that it has expired/);
    else assert.equal(await reading({ path, field: 'token' }), 'v');
  }
});

test('a login that ends soon is renewed first, and read again', async () => {
  const path = put('login.json', JSON.stringify({ token: 'old', expires_at: clock.nowMs + 30 * second }));
  assert.equal(await reading({ path, field: 'token' }), 'old');
  let renewed = 0;
  const renew = (): Promise<void> => {
    renewed += 1;
    put('new.json', JSON.stringify({ token: 'new', expires_at: clock.nowMs + 3600 * second }));
    renameSync(join(home, 'new.json'), path);
    return Promise.resolve();
  };
  assert.equal(await reading({ path, field: 'token', renew }), 'new');
  assert.equal(await reading({ path, field: 'token', renew }), 'new');
  assert.equal(renewed, 1);
  rmSync(path);
});

test('a renewal that renews nothing ends in a refusal', async () => {
  const path = put('login.json', JSON.stringify({ token: 'old', expires_at: clock.nowMs - second }));
  await missing(reading({ path, field: 'token', renew: () => Promise.resolve() }), /says that it has expired/);
});
