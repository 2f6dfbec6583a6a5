/** The folder of the helper's socket is used only when nobody else could have put something there. */
import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemRandom } from '../../../../helper/base/random.ts';
import { prepareRuntimeFolder } from '../../../../helper/faces/client/runtime-folder.ts';
import { claimHelper } from '../../../../helper/faces/rpc/claim.ts';
import { testPlace } from '../../../kit/folders.ts';

const host = { platform: process.platform, uid: process.getuid?.() };
const root = process.getuid?.() === 0;

const unsafe: readonly {
  readonly name: string;
  readonly needsRoot?: boolean;
  readonly make: (folder: string) => void;
  readonly says: RegExp;
}[] = [
  { name: 'a world-writable folder', make: (folder) => (mkdirSync(folder), chmodSync(folder, 0o777)), says: /open to others \(mode 777\)/ },
  { name: 'a group-readable folder', make: (folder) => (mkdirSync(folder), chmodSync(folder, 0o750)), says: /open to others \(mode 750\)/ },
  {
    name: 'a link',
    make: (folder) => (mkdirSync(`${folder}-real`, { mode: 0o700 }), symlinkSync(`${folder}-real`, folder)),
    says: /symbolic link/,
  },
  { name: 'a file', make: (folder) => writeFileSync(folder, ''), says: /not a folder/ },
  {
    name: 'somebody else’s folder',
    needsRoot: true,
    make: (folder) => (mkdirSync(folder, { mode: 0o700 }), chownSync(folder, 12345, 12345)),
    says: /belongs to user 12345/,
  },
];

for (const { name, needsRoot, make, says } of unsafe) {
  test(`the runtime folder is refused when it is ${name}`, { skip: needsRoot === true && !root ? 'needs root' : false }, async () => {
    const parent = mkdtempSync(join(tmpdir(), 'lasso-test-'));
    const folder = join(parent, 'run');
    make(folder);
    await assert.rejects(prepareRuntimeFolder(host, folder), (error: unknown) => {
      assert.ok(error instanceof Error && 'code' in error && 'hint' in error);
      assert.equal(error.code, 'HELPER_DIRECTORY_UNSAFE');
      assert.match(error.message, says);
      assert.match(String(error.hint), /LASSO_RUNTIME_DIR/);
      return true;
    });
    rmSync(parent, { recursive: true });
  });
}

test('the runtime folder is made for its user alone', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'lasso-test-'));
  const folder = join(parent, 'deep', 'run');
  await prepareRuntimeFolder(host, folder);
  await prepareRuntimeFolder(host, folder);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  rmSync(parent, { recursive: true });
});

test('a runtime folder too deep for a socket is told with what to set', async () => {
  const { host: whole, root: parent, remove } = testPlace();
  const runtime = join(parent, 'x'.repeat(120));
  await assert.rejects(
    claimHelper({ host: whole, folders: { runtime }, version: '1', build: 'b', random: systemRandom }),
    (error: unknown) => {
      assert.ok(error instanceof Error && 'hint' in error);
      assert.match(error.message, /bytes long, and the system allows/);
      assert.match(String(error.hint), /LASSO_RUNTIME_DIR/);
      return true;
    },
  );
  remove();
});
