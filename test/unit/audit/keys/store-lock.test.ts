/** One helper writes the records of a home: decided by the kernel, through kills, long paths and many that start at once. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { lockStore } from '../../../../helper/audit/keys/store-lock.ts';
import { testPlace, type TestPlace } from '../../../kit/folders.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

function place(): TestPlace {
  const made = testPlace();
  undo.push(made.remove);
  return made;
}

/** Another process that wants the lock; the answer is the first line it says. */
async function another(home: string, runtime: string): Promise<{ readonly said: string; readonly child: ChildProcess }> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('../../../kit/lock-holder.ts', import.meta.url)), home, runtime], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  undo.push(() => kill(child));
  for await (const line of createInterface({ input: child.stdout })) return { said: line, child };
  return { said: '', child };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const over = once(child, 'exit');
  child.kill('SIGKILL');
  await over;
}

test('the second helper of a home is told who writes its records, and what to do', async () => {
  const { host, folders, root } = place();
  const lock = await lockStore(host, folders);
  undo.push(() => lock.dispose());
  await assert.rejects(lockStore(host, { home: folders.home, runtime: join(root, 'other') }), {
    code: 'RECORD_FAILED',
    message: `Another helper (process ${process.pid}) writes the records of this home`,
    hint: /LASSO_RUNTIME_DIR to that, or stop it, or use another LASSO_HOME/,
  });
  const { said } = await another(folders.home, join(root, 'other'));
  assert.equal(said, `RECORD_FAILED Another helper (process ${process.pid}) writes the records of this home`);
});

test('the lock is free again when it is given back, and nothing of it is left but its number', async () => {
  const { host, folders, root } = place();
  for (const runtime of ['a', 'b', 'c']) await (await lockStore(host, { home: folders.home, runtime: join(root, runtime) })).dispose();
  assert.deepEqual(readdirSync(join(folders.home, 'lock')), ['3']);
});

test('a killed helper holds nothing', async () => {
  const { host, folders, root } = place();
  const { said, child } = await another(folders.home, join(root, 'other'));
  assert.equal(said, 'held');
  await assert.rejects(lockStore(host, folders), { code: 'RECORD_FAILED', message: new RegExp(`process ${child.pid ?? 0}\\)`) });
  await kill(child);
  const lock = await lockStore(host, folders);
  await lock.dispose();
  assert.equal(readdirSync(join(folders.home, 'lock')).length, 1, 'the dead one’s socket is gone');
});

test('a stopped helper holds it still', { skip: process.platform === 'win32' }, async () => {
  const { host, folders, root } = place();
  const { child } = await another(folders.home, join(root, 'other'));
  child.kill('SIGSTOP');
  await assert.rejects(lockStore(host, folders), { code: 'RECORD_FAILED' });
});

test('a predecessor of the same runtime folder is waited for, and no longer than told', async () => {
  const { host, folders } = place();
  const { child } = await another(folders.home, folders.runtime);
  await assert.rejects(lockStore(host, folders, 50), { code: 'RECORD_FAILED', message: /Another helper/ });
  const next = lockStore(host, folders);
  await kill(child);
  await (await next).dispose();
});

test('of many that start at once, one gets it', async () => {
  const { host, folders, root } = place();
  const results = await Promise.allSettled(
    Array.from({ length: 16 }, (_, number) => lockStore(host, { home: folders.home, runtime: join(root, `run-${number}`) })),
  );
  const held = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  assert.equal(held.length, 1);
  for (const lock of held) await lock.dispose();
});

test('a home with a path longer than a socket may have is locked like any other', { skip: process.platform === 'win32' }, async () => {
  const { host, folders, root } = place();
  const home = join(root, ...Array.from({ length: 5 }, () => 'a-folder-with-a-name-of-forty-characters'));
  const lock = await lockStore(host, { home, runtime: folders.runtime });
  await assert.rejects(lockStore(host, { home, runtime: join(root, 'other') }), { code: 'RECORD_FAILED', message: /Another helper/ });
  await lock.dispose();
  await (await lockStore(host, { home, runtime: join(root, 'other') })).dispose();
});

const leftovers: readonly { readonly name: string; readonly text: string }[] = [
  { name: 'an announcement that is none', text: 'x' },
  { name: 'an announcement of a socket that is gone', text: '{"name":"store-0011223344556677","pid":1,"runtime":"/nowhere"}' },
  { name: 'an announcement of a path elsewhere', text: '{"name":"../../etc/passwd","pid":1,"runtime":"/nowhere"}' },
];
for (const { name, text } of leftovers)
  test(`${name} keeps nobody out`, async () => {
    const { host, folders } = place();
    mkdirSync(join(folders.home, 'lock'), { recursive: true });
    writeFileSync(join(folders.home, 'lock', '7'), text);
    const lock = await lockStore(host, folders);
    assert.ok(readdirSync(join(folders.home, 'lock')).includes('8'));
    await lock.dispose();
  });

test('where no lock can be made, nothing is written', async () => {
  const { host, folders } = place();
  mkdirSync(folders.home, { recursive: true });
  rmSync(join(folders.home, 'lock'), { recursive: true, force: true });
  writeFileSync(join(folders.home, 'lock'), '');
  await assert.rejects(lockStore(host, folders), { code: 'RECORD_FAILED', message: /cannot be told whether/ });
});
