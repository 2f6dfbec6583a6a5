/** The first key: moved, printed or put into the keyring, and taken from where it was only when it is safe elsewhere. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { firstKeyText } from '../../../../helper/audit/form/key-schedule.ts';
import { firstKeyFile, openUserKeys, readFirstKey, seedStateFile } from '../../../../helper/audit/keys/user-keys.ts';
import type { Host } from '../../../../helper/base/platform.ts';
import { firstKeyOf } from '../../../../helper/core/records/first-key.ts';
import { keyChecks } from '../../../../helper/core/records/key-checks.ts';
import { recordKeyOperations } from '../../../../helper/core/operations/record-keys.ts';
import type { OperationParams, OperationResult } from '../../../../helper/protocol/operations.ts';
import type { SavedSandbox } from '../../../../helper/core/state.ts';
import { testPlace } from '../../../kit/folders.ts';
import { scriptIn } from '../../../kit/secrets.ts';

const undo: (() => void)[] = [];
afterEach(() => undo.splice(0).forEach((step) => step()));

/** An entry of this keyring is a file; `locked` makes it refuse, `forgetful` keep nothing. */
const secretTool = [
  '[ -e "$STORE/locked" ] && { echo locked >&2; exit 1; }',
  'verb=$1; shift; case $verb in store) shift;; esac',
  'file="$STORE/$(echo "$*" | tr " /" "__")"',
  'case $verb in store) [ -e "$STORE/forgetful" ] && cat > /dev/null || cat > "$file";; lookup) [ -f "$file" ] || exit 1; cat "$file";; clear) rm -f "$file";; esac',
];

interface Kit {
  readonly root: string;
  readonly home: string;
  /** entries of the keyring are files here */
  readonly ring: string;
  readonly key: Buffer;
  readonly world: Parameters<typeof recordKeyOperations>[0];
  readonly run: (params: Partial<OperationParams<'auditKey'>>) => Promise<OperationResult<'auditKey'>>;
}

async function kit(options: { readonly keyring?: boolean } = {}): Promise<Kit> {
  const place = testPlace();
  undo.push(place.remove);
  const { root, folders } = place;
  const ring = join(root, 'ring');
  mkdirSync(ring);
  if (options.keyring === true) scriptIn(join(root, 'bin'), 'secret-tool', secretTool);
  const environment = { PATH: `${join(root, 'bin')}:/usr/bin:/bin`, STORE: ring };
  const host: Host = { ...place.host, platform: 'linux', environment };
  const userKeys = await openUserKeys(host, folders);
  const closedPlaces = { home: root, lassoFolders: [folders.home, folders.runtime], engineSockets: [] };
  const world = { host, folders, userKeys, closedPlaces };
  const workspace = join(root, 'workspace');
  const mounts: SavedSandbox['mounts'] = [{ source: join(root, 'mounted'), target: '/mounted', readonly: true }];
  for (const folder of ['workspace', 'mounted', 'stick']) mkdirSync(join(root, folder));
  const { auditKey } = recordKeyOperations(world, { all: [{ saved: { workspace, mounts } }] });
  const context = undefined as never;
  return {
    ...{ root, home: folders.home, ring, world, key: await readFirstKey(host, firstKeyFile(folders)) },
    run: (params) => auditKey({ keyring: false, print: false, keep: false, ...params }, context),
  };
}

const skip = process.platform === 'win32' ? 'no scripts' : false;

test('it says which key there is, and where', async () => {
  const { run, world, home } = await kit();
  const { fingerprint, publicKey } = world.userKeys;
  assert.deepEqual(await run({}), { fingerprint, publicKey, place: 'file', file: join(home, 'first-key') });
  rmSync(join(home, 'first-key'));
  assert.deepEqual(await run({}), { fingerprint, publicKey, place: 'away' });
});

test('moved: it is in the new file, this user’s alone, and no longer in LASSO’s home', async () => {
  const { run, root, home, key, world } = await kit();
  const file = join(root, 'stick', 'key');
  const { place } = await run({ move: file });
  assert.equal(place, 'away');
  assert.equal(readFileSync(file, 'latin1'), firstKeyText(key));
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.ok(!existsSync(join(home, 'first-key')));
  assert.equal(await firstKeyOf(world), undefined);
  assert.deepEqual(await firstKeyOf(world, file), key);
  await assert.rejects(run({ print: true }), { code: 'BAD_REQUEST', message: /not on this machine any more/ });
});

const refusals: readonly { readonly name: string; readonly at: (kit: Kit) => string; readonly says: RegExp }[] = [
  {
    name: 'that exists',
    at: ({ root }) => (writeFileSync(join(root, 'stick', 'key'), 'x'), join(root, 'stick', 'key')),
    says: /exists already/,
  },
  {
    name: 'that is a link to nothing',
    at: ({ root }) => (symlinkSync(join(root, 'nowhere'), join(root, 'stick', 'key')), join(root, 'stick', 'key')),
    says: /exists already/,
  },
  { name: 'in LASSO’s home', at: ({ home }) => join(home, 'keys', 'first'), says: /taken away from/ },
  { name: 'in a workspace', at: ({ root }) => join(root, 'workspace', 'key'), says: /taken away from/ },
  { name: 'in a mount, though it is read-only', at: ({ root }) => join(root, 'mounted', 'key'), says: /taken away from/ },
  {
    name: 'in a workspace by way of a link',
    at: ({ root }) => (symlinkSync(join(root, 'workspace'), join(root, 'stick', 'way')), join(root, 'stick', 'way', 'key')),
    says: /taken away from/,
  },
  { name: 'in a folder that is not there', at: ({ root }) => join(root, 'none', 'key'), says: /not there/ },
  { name: 'without its folder', at: () => 'key', says: /no absolute path/ },
];
for (const { name, at, says } of refusals)
  test(`it is not moved to a file ${name}`, { skip }, async () => {
    const made = await kit();
    await assert.rejects(made.run({ move: at(made) }), { code: 'BAD_REQUEST', message: says });
    assert.equal((await made.run({})).place, 'file');
    assert.deepEqual(await firstKeyOf(made.world), made.key);
  });

test('printed: it is kept until it was shown, and then gone', async () => {
  const { run, key, home } = await kit();
  assert.equal((await run({ print: true, keep: true })).firstKey, firstKeyText(key).trimEnd());
  assert.ok(existsSync(join(home, 'first-key')));
  const { place, firstKey } = await run({ print: true });
  assert.deepEqual([place, firstKey], ['away', firstKeyText(key).trimEnd()]);
  assert.ok(!existsSync(join(home, 'first-key')));
  assert.equal((await run({})).place, 'away');
});

test('in the keyring: no file has it, who verifies gets it, and it can be moved on', { skip }, async () => {
  const { run, key, home, ring, root, world } = await kit({ keyring: true });
  assert.equal((await run({ keyring: true })).place, 'keyring');
  assert.ok(!existsSync(join(home, 'first-key')));
  assert.deepEqual(readdirSync(ring), [`service_lasso-record_username_${world.userKeys.fingerprint}`]);
  assert.equal((await run({})).place, 'keyring');
  assert.deepEqual(await firstKeyOf(world), key);
  await run({ move: join(root, 'stick', 'key') });
  assert.deepEqual(readdirSync(ring), []);
  assert.equal((await run({})).place, 'away');
});

test('a keyring that is missing, locked or forgetful takes nothing away', { skip }, async () => {
  const none = await kit();
  await assert.rejects(none.run({ keyring: true }), { code: 'UNSUPPORTED', message: /no keyring/ });
  for (const fault of ['locked', 'forgetful']) {
    const { run, ring, key, world } = await kit({ keyring: true });
    writeFileSync(join(ring, fault), '');
    await assert.rejects(run({ keyring: true }), { code: fault === 'locked' ? 'SECRET_UNAVAILABLE' : 'RECORD_FAILED' });
    assert.equal((await run({})).place, 'file');
    assert.deepEqual(await firstKeyOf(world), key);
  }
});

test('a keyring that was never given the key is never asked for it', { skip }, async () => {
  const { run, ring, world, root } = await kit({ keyring: true });
  await run({ move: join(root, 'stick', 'key') });
  writeFileSync(join(ring, 'locked'), '');
  assert.equal(await firstKeyOf(world), undefined);
  assert.equal((await run({})).place, 'away');
});

test('an entry of the keyring that is another key is not taken for this one', { skip }, async () => {
  const { run, ring, world } = await kit({ keyring: true });
  await run({ keyring: true });
  for (const file of readdirSync(ring)) writeFileSync(join(ring, file), firstKeyText(Buffer.alloc(32, 7)));
  await assert.rejects(firstKeyOf(world), { code: 'RECORD_INVALID', message: /not the first key of these records/ });
});

test('one way at a time', async () => {
  const { run, root } = await kit();
  await assert.rejects(run({ move: join(root, 'stick', 'key'), print: true }), { code: 'BAD_REQUEST', message: /one place only/ });
});

test('doctor: a first key that lies here is a warning with what to do, and so is what others can reach', async () => {
  const { run, world, home, root } = await kit();
  const told = async (): Promise<Readonly<Record<string, string>>> =>
    Object.fromEntries((await keyChecks(world)).map(({ name, status }) => [name, status]));
  const fine = { 'record keys': 'ok', 'first key': 'warning', 'audit folder': 'ok', 'keys folder': 'ok', 'checkpoints folder': 'ok' };
  assert.deepEqual(await told(), fine);
  const [, first] = await keyChecks(world);
  assert.match(first?.hint ?? '', /lasso audit key --move/);
  await run({ move: join(root, 'stick', 'key') });
  assert.deepEqual(await told(), { ...fine, 'first key': 'ok' });
  if (process.platform === 'win32') return;
  chmodSync(join(home, 'checkpoints'), 0o755);
  chmodSync(seedStateFile(world.folders), 0o644);
  assert.deepEqual(await told(), { ...fine, 'first key': 'ok', 'record keys': 'problem', 'checkpoints folder': 'warning' });
});
