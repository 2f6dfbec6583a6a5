/** The key is made safely once, and refused whenever others could have had it. */
import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, test } from 'node:test';
import { keyFileOf, loadKey, loadOrMakeKey } from '../../../helper/audit/keys.ts';
import { runChild } from '../../../helper/base/child.ts';
import { testPlace, type TestPlace } from '../../kit/folders.ts';

const undo: (() => void)[] = [];
afterEach(() => undo.splice(0).forEach((step) => step()));

function place(): TestPlace & { readonly file: string } {
  const made = testPlace();
  undo.push(made.remove);
  return { ...made, file: keyFileOf(made.folders) };
}

test('the key is made once, for this user alone, and stays', async () => {
  const { host, folders, file } = place();
  const made = await Promise.all(Array.from({ length: 20 }, () => loadOrMakeKey(host, folders)));
  const bytes = readFileSync(file);
  assert.equal(bytes.length, 32);
  for (const key of made) assert.deepEqual(key.export(), bytes);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(dirname(file)), ['.audit_key']);
  assert.deepEqual((await loadKey(host, file, folders.audit)).export(), bytes);
});

const bad: readonly {
  readonly name: string;
  readonly needsRoot?: boolean;
  readonly make: (file: string) => unknown;
  readonly says: RegExp;
}[] = [
  { name: 'readable by others', make: (file) => writeFileSync(file, Buffer.alloc(32), { mode: 0o644 }), says: /by others/ },
  { name: 'writable by the group', make: (file) => (writeFileSync(file, Buffer.alloc(32)), chmodSync(file, 0o620)), says: /by others/ },
  { name: 'too short', make: (file) => writeFileSync(file, Buffer.alloc(31), { mode: 0o600 }), says: /31 bytes/ },
  { name: 'empty', make: (file) => writeFileSync(file, '', { mode: 0o600 }), says: /0 bytes/ },
  {
    name: 'a link',
    make: (file) => (writeFileSync(`${file}.real`, Buffer.alloc(32), { mode: 0o600 }), symlinkSync(`${file}.real`, file)),
    says: /symbolic link/,
  },
  { name: 'a folder', make: (file) => mkdirSync(file), says: /not a regular file/ },
  { name: 'a FIFO', make: (file) => runChild('mkfifo', ['-m', '600', file], { timeoutMs: 5000 }), says: /not a regular file/ },
  {
    name: 'somebody else’s',
    needsRoot: true,
    make: (file) => (writeFileSync(file, Buffer.alloc(32), { mode: 0o600 }), chownSync(file, 12345, 12345)),
    says: /belongs to user 12345/,
  },
];
for (const { name, needsRoot, make, says } of bad) {
  test(`a key that is ${name} is refused`, { skip: needsRoot === true && process.getuid?.() !== 0 ? 'needs root' : false }, async () => {
    const { host, folders, file } = place();
    mkdirSync(folders.home, { recursive: true });
    await make(file);
    await assert.rejects(loadOrMakeKey(host, folders), { code: 'RECORD_INVALID', message: says });
  });
}

test('a key inside the folder of records is refused, by whatever way it leads there', async () => {
  const { host, folders, root } = place();
  mkdirSync(folders.audit, { recursive: true });
  const file = join(folders.audit, 'key');
  writeFileSync(file, Buffer.alloc(32), { mode: 0o600 });
  symlinkSync(folders.audit, join(root, 'way'));
  for (const path of [file, join(root, 'way', 'key')])
    await assert.rejects(loadKey(host, path, folders.audit), { code: 'RECORD_INVALID', message: /inside the folder of records/ });
});

test('a key that is not there is said to be missing', async () => {
  const { host, folders } = place();
  await assert.rejects(loadKey(host, join(folders.home, 'nothing'), folders.audit), { code: 'RECORD_INVALID', message: /does not exist/ });
});
