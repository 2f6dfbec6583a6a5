/** Files of keys: refused where others could have had them, whole or not there, and overwritten before they go. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createOwnFile, eraseOwnFile, readOwnFile, replaceOwnFile } from '../../../../helper/audit/keys/own-file.ts';
import { firstKeyFile, openUserKeys, readFirstKey, seedStateFile, signerFile } from '../../../../helper/audit/keys/user-keys.ts';
import { runChild } from '../../../../helper/base/child.ts';
import type { TestPlace } from '../../../kit/folders.ts';
import { testPlaces } from '../../../kit/places.ts';

const place = testPlaces();

const windows = process.platform === 'win32';
const unsafeFiles: readonly { readonly name: string; readonly make: (file: string) => unknown; readonly says: RegExp }[] = [
  { name: 'readable by others', make: (file) => chmodSync(file, 0o644), says: /by others/ },
  { name: 'writable by its group', make: (file) => chmodSync(file, 0o620), says: /by others/ },
  { name: 'a link', make: (file) => (renameSync(file, `${file}.real`), symlinkSync(`${file}.real`, file)), says: /symbolic link/ },
  { name: 'a folder', make: (file) => (rmSync(file), mkdirSync(file, { mode: 0o700 })), says: /not a regular file/ },
  {
    name: 'a FIFO',
    make: (file) => (rmSync(file), runChild('mkfifo', ['-m', '600', file], { timeoutMs: 5000 })),
    says: /not a regular file/,
  },
  { name: 'far too long', make: (file) => writeFileSync(file, Buffer.alloc(5000)), says: /5000 bytes/ },
];
for (const { name, make, says } of unsafeFiles)
  for (const [what, fileOf] of Object.entries({ 'the seed': seedStateFile, 'the key of checkpoints': signerFile }))
    test(`${what} is refused when it is ${name}`, { skip: process.platform === 'win32' }, async () => {
      const { host, folders } = place();
      await openUserKeys(host, folders);
      await make(fileOf(folders));
      await assert.rejects(openUserKeys(host, folders), { code: 'RECORD_INVALID', message: says });
    });
for (const { name, make, says } of unsafeFiles)
  test(`a first key is refused when it is ${name}`, { skip: process.platform === 'win32' }, async () => {
    const { host, folders } = place();
    await openUserKeys(host, folders);
    await make(firstKeyFile(folders));
    await assert.rejects(readFirstKey(host, firstKeyFile(folders)), { code: 'RECORD_INVALID', message: says });
  });

test('a folder of keys that others can write is refused', { skip: process.platform === 'win32' }, async () => {
  const { host, folders } = place();
  await openUserKeys(host, folders);
  chmodSync(join(folders.home, 'keys'), 0o770);
  await assert.rejects(openUserKeys(host, folders), { code: 'RECORD_INVALID', message: /written by others/ });
});

test('somebody else’s key is refused', { skip: process.getuid?.() !== 0 ? 'needs root' : false }, async () => {
  const { host, folders } = place();
  await openUserKeys(host, folders);
  chownSync(seedStateFile(folders), 12345, 12345);
  await assert.rejects(openUserKeys(host, folders), { code: 'RECORD_INVALID', message: /belongs to user 12345/ });
});

test('a first key that was given may lie where modes say nothing, but is no FIFO and no link', { skip: windows }, async () => {
  const { host, folders, root } = place();
  await openUserKeys(host, folders);
  const file = join(root, 'stick');
  writeFileSync(file, readFileSync(firstKeyFile(folders)), { mode: 0o755 });
  assert.deepEqual(await readFirstKey(host, file, 'given'), await readFirstKey(host, firstKeyFile(folders)));
  symlinkSync(file, join(root, 'link'));
  await assert.rejects(readFirstKey(host, join(root, 'link'), 'given'), { code: 'RECORD_INVALID', message: /symbolic link/ });
  await runChild('mkfifo', ['-m', '600', join(root, 'fifo')], { timeoutMs: 5000 });
  await assert.rejects(readFirstKey(host, join(root, 'fifo'), 'given'), { code: 'RECORD_INVALID', message: /not a regular file/ });
  await assert.rejects(readFirstKey(host, join(root, 'none'), 'given'), { code: 'RECORD_INVALID', message: /is not there/ });
});

const goings: Readonly<Record<string, (at: TestPlace, file: string) => Promise<void>>> = {
  replaced: ({ host }, file) => replaceOwnFile(host, file, Buffer.from('new')),
  erased: ({ host }, file) => eraseOwnFile(host, file, 'It'),
};
for (const [name, go] of Object.entries(goings))
  test(`the bytes of a file that is ${name} are overwritten where they lie`, { skip: windows }, async () => {
    const at = place();
    const file = join(at.root, 'key');
    writeFileSync(file, 'the old seed', { mode: 0o600 });
    const old = openSync(file, 'r');
    try {
      await go(at, file);
      const bytes = Buffer.alloc(fstatSync(old).size, 1);
      readSync(old, bytes, 0, bytes.length, 0);
      assert.deepEqual(bytes, Buffer.alloc(12));
    } finally {
      closeSync(old);
    }
    assert.deepEqual(readdirSync(at.root), name === 'erased' ? [] : ['key']);
  });

test('a file is made once, for this user alone, of many that make it at once', async () => {
  const { host, root } = place();
  const file = join(root, 'a', 'key');
  const made = await Promise.all(Array.from({ length: 10 }, (_, at) => createOwnFile(host, file, Buffer.from([at]))));
  assert.equal(made.filter(Boolean).length, 1);
  assert.deepEqual(await readOwnFile(host, file, 'It'), Buffer.from([made.indexOf(true)]));
  if (!windows) assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(join(root, 'a')), ['key']);
});
