/** A chain that is opened again: every crash is made up for, and nothing that was cut, put back or taken away is covered up. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkpointFile, newestAnchor } from '../../../../helper/audit/writing/anchors.ts';
import { chainStateFile } from '../../../../helper/audit/writing/chain-state.ts';
import { openCheckpoint, parseVerifierKey, splitNotes } from '../../../../helper/audit/form/checkpoint.ts';
import { chainSeed, nextSeed } from '../../../../helper/audit/form/key-schedule.ts';
import { logOf, recordHomes, stateOf, until, type Moments } from '../../../kit/record-moments.ts';
import { assertSound, wordsOf } from '../../../kit/record-checks.ts';
import {
  entry,
  openTestRecord,
  testFirstKey,
  testOptions,
  testPublicKey,
  testSandbox,
  testStore,
  writeChain,
} from '../../../kit/records.ts';

const { newHome, homeOf, copyOf } = recordHomes();

/** A chain before the end of its first epoch, right after it, and one line later; and a home with nothing. */
async function aroundEpochEnd(): Promise<Record<'before' | 'after' | 'later' | 'torn' | 'nothing', string>> {
  const home = newHome();
  const record = await openTestRecord(home, testSandbox, { times: { epochMs: 150, checkpointMs: 5 } });
  await record.append(entry);
  await record.checkpoint();
  await until(async () => (await stateOf(home))?.begun === true);
  const before = copyOf(home);
  await until(async () => (await stateOf(home))?.epoch === 1);
  const after = copyOf(home);
  await record.append(entry);
  const later = copyOf(home);
  await record.close();
  const torn = copyOf(after);
  truncateSync(logOf(torn), statSync(logOf(torn)).size - 9);
  return { before, after, later, torn, nothing: newHome() };
}

test('a crash at any step of an epoch’s end is made up for', async () => {
  const at = await aroundEpochEnd();
  const crashes: readonly Moments[] = [
    { audit: at.before, checkpoints: at.before, keys: at.before },
    { audit: at.torn, checkpoints: at.before, keys: at.before },
    { audit: at.after, checkpoints: at.before, keys: at.before },
    { audit: at.after, checkpoints: at.after, keys: at.before },
    { audit: at.after, checkpoints: at.after, keys: at.after },
    { audit: at.later, checkpoints: at.before, keys: at.before },
    { audit: at.later, checkpoints: at.after, keys: at.before },
    { audit: at.later, checkpoints: at.after, keys: at.after },
  ];
  for (const crash of crashes) {
    const home = homeOf(crash);
    await writeChain(home, 1);
    await assertSound(home, { notes: crash.audit === at.torn ? ['gap'] : [] });
    assert.ok(wordsOf(logOf(home)).includes('opened'));
  }
});

test('what was cut off, put back or taken away is never covered up by what comes after', async () => {
  const at = await aroundEpochEnd();
  const refused: readonly (readonly [Moments, RegExp])[] = [
    [{ audit: at.before, checkpoints: at.after, keys: at.after }, /truncated: have 2, anchored 3/],
    [{ audit: at.before, checkpoints: at.after, keys: at.before }, /truncated: have 2, anchored 3/],
    [{ audit: at.before, checkpoints: at.before, keys: at.after }, /last epoch has no last line/],
    [{ audit: at.nothing, checkpoints: at.after, keys: at.after }, /truncated: have 0, anchored 3/],
    [{ audit: at.nothing, checkpoints: at.nothing, keys: at.after }, /checkpoints of .* are missing/],
    [{ audit: at.nothing, checkpoints: at.after, keys: at.nothing }, /the key of .* is missing/],
    [{ audit: at.after, checkpoints: at.nothing, keys: at.after }, /checkpoints of .* are missing/],
    [{ audit: at.after, checkpoints: at.nothing, keys: at.nothing }, /key of its chain is not there/],
  ];
  for (const [moments, why] of refused) {
    const home = homeOf(moments);
    const before = existsSync(logOf(home)) ? readFileSync(logOf(home)) : Buffer.alloc(0);
    await assert.rejects(openTestRecord(home), (error: unknown) => {
      assert.ok(error instanceof Error && 'code' in error && 'hint' in error);
      assert.equal(error.code, 'RECORD_INVALID');
      assert.match(error.message, why);
      assert.notEqual(error.hint, '');
      return true;
    });
    assert.deepEqual(existsSync(logOf(home)) ? readFileSync(logOf(home)) : Buffer.alloc(0), before);
  }
});

const changes: readonly (readonly [name: string, change: (text: string) => string])[] = [
  ['its last line edited', (text) => text.replace(/"action":"closed"/, '"action":"opened"')],
  ['a line that is none after its last', (text) => `${text}garbage\n`],
  ['an empty line', () => '\n'],
  ['lines of another version', () => '{"v":2,"seq":0}\n'],
  ['its last line removed', (text) => text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1)],
  ['its last line twice', (text) => text + text.slice(text.lastIndexOf('\n', text.length - 2) + 1)],
];
for (const [name, change] of changes) {
  test(`a record with ${name} is never continued`, async () => {
    const { home, file } = await writeChain(newHome(), 3);
    writeFileSync(file, change(readFileSync(file, 'latin1')));
    const before = readFileSync(file);
    await assert.rejects(openTestRecord(home), { code: 'RECORD_INVALID' });
    assert.deepEqual(readFileSync(file), before);
  });
}

test('a line changed after the newest checkpoint’s is found on opening, though the last line stands', async () => {
  const home = newHome();
  const record = await openTestRecord(home);
  await record.checkpoint();
  for (let n = 0; n < 20; n += 1) await record.append({ ...entry, action: `a${n}` });
  const copy = copyOf(home);
  await record.close();
  writeFileSync(logOf(copy), readFileSync(logOf(copy), 'latin1').replace('"a7"', '"b7"'));
  await assert.rejects(openTestRecord(copy), { code: 'RECORD_INVALID' });
});

test('another record’s lines, and other keys’ checkpoints, are never continued', async () => {
  const home = newHome();
  await writeChain(home, 2, { sandbox: 'other' });
  await writeChain(home, 2);
  cpSync(join(home, 'audit', 'other.jsonl'), logOf(home));
  await assert.rejects(openTestRecord(home), { code: 'RECORD_INVALID' });
  cpSync(checkpointFile(home, 'other'), checkpointFile(home, testSandbox));
  await assert.rejects(openTestRecord(home), /None of these checkpoints/);
});

test('a first line that never came is written by the next process, with the same keys', async () => {
  const home = newHome();
  await (await openTestRecord(home)).close();
  const fresh = homeOf({ audit: newHome(), checkpoints: newHome(), keys: newHome() });
  const seed = chainSeed(testFirstKey, testSandbox).toString('base64url');
  const state = { v: 1, sandbox: testSandbox, index: 0, epoch: 0, seed, begun: false };
  writeFileSync(chainStateFile(fresh, testSandbox), JSON.stringify(state), { mode: 0o600 });
  await writeChain(fresh, 1);
  assert.deepEqual(wordsOf(logOf(fresh)), ['begun', 'exec', 'epoch', 'closed']);
  await assertSound(fresh);
});

test('the state of a chain holds the present seed and no earlier one', async () => {
  const home = newHome();
  const first = chainSeed(testFirstKey, testSandbox);
  const record = await openTestRecord(home);
  assert.deepEqual((await stateOf(home))?.seed, first);
  await record.append(entry);
  await record.close();
  const closed = await stateOf(home);
  assert.deepEqual([closed?.epoch, closed?.seed, closed?.closed?.seq], [1, nextSeed(first), 3]);
  assert.equal(statSync(chainStateFile(home, testSandbox)).mode & 0o777, 0o600);
});

test('checkpoints come with the first line, when asked for, after a while, and at the end', async () => {
  const home = newHome();
  const told: string[] = [];
  const store = testStore(home, { times: { checkpointMs: 30 } });
  const hearing = store.onCheckpoint((sandbox, note) => told.push(`${sandbox} ${note}`));
  const record = await store.open(testSandbox, testOptions);
  const key = parseVerifierKey(testPublicKey);
  assert.ok(key);
  const sizes = (): readonly (number | undefined)[] =>
    splitNotes(readFileSync(checkpointFile(home, testSandbox), 'utf8')).map((note) => openCheckpoint(note, key)?.size);
  await until(() => told.length === 1);
  assert.deepEqual(sizes(), [1]);
  await record.append(entry);
  await until(() => told.length === 2);
  await record.append(entry);
  const note = await record.checkpoint();
  assert.equal(openCheckpoint(note, key)?.digest, record.head.digest);
  assert.equal(await record.checkpoint(), note);
  await record.close();
  assert.deepEqual(sizes(), [1, 2, 3, 5]);
  assert.equal(told.length, 4);
  await hearing.dispose();
});

test('ten thousand lines are never without a checkpoint for long', async () => {
  const home = newHome();
  const record = await openTestRecord(home);
  for (let round = 0; round < 5; round += 1) await Promise.all(Array.from({ length: 5000 }, () => record.append(entry)));
  await until(async () => ((await newestAnchor(home, testSandbox, testPublicKey))?.checkpoint.size ?? 0) > 10_000);
  await record.close();
  await assertSound(home);
});

test('a checkpoint torn by a crash is cut off, and the next one stands', async () => {
  const { home, checkpoints } = await writeChain(newHome(), 1);
  writeFileSync(checkpointFile(home, testSandbox), checkpoints + checkpoints.slice(0, 40));
  await writeChain(home, 1);
  await assertSound(home);
});

test('whoever listens hears that a record has grown, after its lines are there, until it listens no more', async () => {
  const home = newHome();
  const store = testStore(home);
  const heard: number[] = [];
  const hearing = store.onGrown(() => heard.push(wordsOf(logOf(home)).length));
  const record = await store.open(testSandbox, testOptions);
  await record.append(entry);
  await until(() => heard.includes(2));
  await hearing.dispose();
  const before = heard.length;
  await record.append(entry);
  await record.close();
  await new Promise((resolve) => setTimeout(resolve, 60));
  assert.equal(heard.length, before);
});
