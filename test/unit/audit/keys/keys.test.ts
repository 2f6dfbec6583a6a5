/** The key of records of LASSO 1.x is read where it is safe, refused whenever others could have had it, and never made. */
import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { keyFileOf, loadKey } from '../../../../helper/audit/keys/keys.ts';
import { runChild } from '../../../../helper/base/child.ts';
import type { TestPlace } from '../../../kit/folders.ts';
import { testPlaces } from '../../../kit/places.ts';

const newPlace = testPlaces();

function place(): TestPlace & { readonly file: string } {
  const made = newPlace();
  return { ...made, file: keyFileOf(made.folders) };
}

test('a key of 32 bytes that is this user’s alone is read', async () => {
  const { host, folders, file } = place();
  mkdirSync(folders.home, { recursive: true });
  const bytes = Buffer.from(Array.from({ length: 32 }, (_, at) => at));
  writeFileSync(file, bytes, { mode: 0o600 });
  assert.deepEqual((await loadKey(host, file, folders.audit)).export(), bytes);
  assert.deepEqual(readdirSync(dirname(file)), ['.audit_key']);
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
    await assert.rejects(loadKey(host, file, folders.audit), { code: 'RECORD_INVALID', message: says });
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
  await assert.rejects(loadKey(host, join(folders.home, 'nothing'), folders.audit), { code: 'RECORD_INVALID', message: /is not there/ });
});
