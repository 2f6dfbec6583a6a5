/** One file of a chain after the other: nothing is removed before that is on record, and a crash at any step is made up for. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { recordHomes, stateOf, until } from '../../../kit/record-moments.ts';
import { assertSound, verified, wordsOf } from '../../../kit/record-checks.ts';
import { entry, openTestRecord, testOptions, testSandbox, testStore, writeChain, writtenChain } from '../../../kit/records.ts';

const { newHome, homeOf, copyOf } = recordHomes();

test('files follow each other, the oldest is removed on record, and all that is left verifies', async () => {
  const home = newHome();
  const { files } = await writeChain(home, 3000, { options: { maxFileBytes: 200_000, olderFiles: 2 } });
  assert.equal(files.length, 3);
  const [first, second] = files;
  assert.ok(first && second && first.number > 1);
  assert.equal(wordsOf(first.path).at(-1), 'rotated');
  assert.deepEqual(wordsOf(second.path).slice(0, 2), ['continued', 'removed']);
  await assertSound(home, { notes: ['removed'] });
});

test('how a record is kept can change while it is written', async () => {
  const home = newHome();
  const store = testStore(home);
  const record = await store.open(testSandbox, testOptions);
  await record.append(entry);
  store.change(testSandbox, { durability: 'fsync', maxFileBytes: 1000, olderFiles: 3 });
  await record.append(entry);
  await record.append(entry);
  assert.equal((await writtenChain(home)).files.length, 2);
  await record.close();
  await assertSound(home);
});

/** A chain whose first file has just been left, and the moment before. */
async function aroundRotation(): Promise<Record<'before' | 'after', string>> {
  const home = newHome();
  const store = testStore(home);
  const record = await store.open(testSandbox, { ...testOptions, maxFileBytes: 2000 });
  await record.append(entry);
  await record.checkpoint();
  await until(async () => (await stateOf(home))?.begun === true);
  const before = copyOf(home);
  while ((await writtenChain(home)).files.length < 2) await record.append(entry);
  await until(async () => (await stateOf(home))?.epoch === 1);
  const after = copyOf(home);
  await record.close();
  return { before, after };
}

test('a crash at any step from one file to the next is made up for', async () => {
  const at = await aroundRotation();
  const [first, second] = [join('audit', `${testSandbox}.jsonl`), join('audit', `${testSandbox}.00002.jsonl`)];
  const began = ['', '{"v":3,"seq"'];
  for (const keys of [at.before, at.after]) {
    for (const text of began) {
      const home = homeOf({ audit: at.after, checkpoints: at.after, keys });
      writeFileSync(join(home, second), text, { mode: 0o600 });
      await writeChain(home, 1);
      const torn = text !== '';
      const went = ['continued', 'opened', ...(torn ? ['torn-line'] : []), 'epoch', 'exec', 'epoch', 'closed'];
      assert.deepEqual(wordsOf(join(home, second)), went);
      await assertSound(home, { notes: torn ? ['gap'] : [] });
    }
  }
  for (const unnamed of [0, 9]) {
    const home = homeOf({ audit: at.after, checkpoints: at.before, keys: at.before });
    const text = readFileSync(join(home, first), 'latin1');
    writeFileSync(join(home, first), text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1 + unnamed));
    writeFileSync(join(home, second), '', { mode: 0o600 });
    assert.deepEqual((await verified(home)).status, unnamed === 0 ? 'unanchored' : 'torn');
    await writeChain(home, 1);
    assert.equal(existsSync(join(home, second)), false);
    await assertSound(home, { notes: unnamed === 0 ? [] : ['gap'] });
  }
});

test('the newest file taken away, or a file that nothing names put after it, is refused', async () => {
  const home = newHome();
  const chain = await writeChain(home, 600, { options: { maxFileBytes: 100_000 } });
  const last = chain.files.at(-1);
  assert.ok(last && last.number > 1);
  const bytes = readFileSync(last.path);
  rmSync(last.path);
  await assert.rejects(openTestRecord(home), /truncated: have \d+, anchored \d+/);
  writeFileSync(last.path, bytes, { mode: 0o600 });
  writeFileSync(last.path.replace(/\d{5}\.jsonl$/, '00099.jsonl'), '', { mode: 0o600 });
  await assert.rejects(openTestRecord(home), { code: /RECORD_/ });
});

test('a file whose removal was recorded and did not come about is removed with the next', async () => {
  const home = newHome();
  const wish = { options: { maxFileBytes: 100_000, olderFiles: 1 } };
  const first = await writeChain(home, 200, wish);
  const old = first.files[0];
  assert.ok(old);
  let bytes = readFileSync(old.path);
  while (existsSync(old.path)) {
    bytes = readFileSync(old.path);
    await writeChain(home, 200, wish);
  }
  writeFileSync(old.path, bytes, { mode: 0o600 });
  await assertSound(home, { notes: ['removed'] });
  for (let round = 0; round < 3; round += 1) await writeChain(home, 200, wish);
  assert.equal(existsSync(old.path), false);
  await assertSound(home, { notes: ['removed'] });
});
