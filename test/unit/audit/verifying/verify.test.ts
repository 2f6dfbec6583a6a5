/** What a verifier must see, and what it must never mistake for tampering. Single tamperings are in tamperings.test.ts. */
import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { runChild } from '../../../../helper/base/child.ts';
import { seedAfter } from '../../../../helper/audit/form/key-schedule.ts';
import { openIntents, verifyChain, type VerifyOptions } from '../../../../helper/audit/verifying/verify.ts';
import type { VerifyReport } from '../../../../helper/protocol/record.ts';
import {
  countingClock,
  entry,
  openTestRecord,
  recordFolder,
  testFirstKey,
  testKeys,
  testOptions,
  testSandbox,
  testStore,
  writeChain,
  writtenChain,
  type WrittenChain,
} from '../../../kit/records.ts';

const { folder, remove } = recordFolder();
let chain: WrittenChain;
before(async () => {
  chain = await writeChain(folder, 8);
});
after(remove);

const notes = ({ checkpointFile: file, checkpoints: text }: WrittenChain): NonNullable<VerifyOptions['checkpoints']> => [
  { file, text, mixed: false },
];
const pathsOf = ({ files }: WrittenChain): readonly string[] => files.map(({ path }) => path);
const codes = ({ problems }: VerifyReport): string[] => problems.map(({ code, level, line }) => `${level} ${code}:${line ?? ''}`);

test('an untouched record verifies with its keys and its checkpoints, and with either alone', async () => {
  const files = pathsOf(chain);
  const both = await verifyChain({ files, firstKey: testFirstKey, verifierKey: chain.publicKey, checkpoints: notes(chain) });
  const { status, valid, records, verified, anchored, sandbox, firstAt, lastAt, problems } = both;
  assert.deepEqual([status, valid, records, verified, anchored, sandbox, problems], ['intact', true, 11, 11, 11, chain.sandbox, []]);
  assert.deepEqual([firstAt, lastAt], ['2026-01-01T00:00:01.000Z', '2026-01-01T00:00:10.000Z']);
  const keyAlone = await verifyChain({ files, firstKey: testFirstKey });
  assert.deepEqual([keyAlone.status, keyAlone.verified, keyAlone.anchored, keyAlone.head], ['unanchored', 11, 0, both.head]);
  const publicAlone = await verifyChain({ files, verifierKey: chain.publicKey, checkpoints: notes(chain) });
  assert.deepEqual([publicAlone.status, publicAlone.verified, publicAlone.anchored], ['intact', 0, 11]);
  const named = await verifyChain({ files, firstKey: testFirstKey, checkpoints: notes(chain) });
  assert.equal(named.status, 'intact', 'a proven record says itself which public key it has');
});

test('without the first key what comes after the newest checkpoint is told as not proven', async () => {
  const first = chain.checkpoints.slice(0, chain.checkpoints.indexOf('lasso/record', 1));
  const report = await verifyChain({
    files: pathsOf(chain),
    verifierKey: chain.publicKey,
    checkpoints: [{ file: 'f', text: first, mixed: false }],
  });
  assert.deepEqual([report.status, report.verified, report.anchored, codes(report)], ['unanchored', 0, 1, ['note no-key:']]);
  assert.match(report.problems[0]?.message ?? '', /^The last 10 records are not proven/);
});

test('nothing but files proves nothing', async () => {
  const report = await verifyChain({ files: pathsOf(chain) });
  assert.deepEqual([report.status, report.valid, codes(report)], ['no-key', false, ['error no-key:']]);
});

test('a wrong key is never valid, whatever else is there', async () => {
  for (const firstKey of [Buffer.alloc(32, 9), Buffer.alloc(0), seedAfter(testFirstKey, 1)])
    for (const more of [{}, { verifierKey: chain.publicKey, checkpoints: notes(chain) }]) {
      const report = await verifyChain({ files: pathsOf(chain), firstKey, ...more });
      assert.deepEqual([report.status, report.valid, codes(report)], ['no-key', false, ['error no-key:']]);
    }
});

test('a usual key is left out where the record names another, and what was given is not', async () => {
  const other = Buffer.alloc(32, 9);
  const options = { files: pathsOf(chain), firstKey: other, verifierKey: chain.publicKey, checkpoints: notes(chain) };
  assert.equal((await verifyChain({ ...options, firstKeyIsUsual: true })).status, 'intact');
  assert.equal((await verifyChain(options)).status, 'no-key');
});

test('an empty, a missing and an unusual file are told apart', async () => {
  const statusOf = async (path: string): Promise<readonly unknown[]> => {
    const report = await verifyChain({ files: [path], firstKey: testFirstKey });
    assert.equal(report.valid, false);
    return [report.status, ...report.problems.map(({ code }) => code)];
  };
  const empty = join(folder, 'empty.jsonl');
  writeFileSync(empty, '');
  assert.deepEqual(await statusOf(empty), ['no-key', 'empty']);
  assert.deepEqual(await statusOf(join(folder, 'absent.jsonl')), ['truncated', 'missing']);
  assert.deepEqual(await statusOf(folder), ['tampered', 'malformed']);
  const fifo = join(folder, 'fifo.jsonl');
  if ((await runChild('mkfifo', [fifo], { timeoutMs: 5000 })).code === 0) assert.deepEqual(await statusOf(fifo), ['tampered', 'malformed']);
  assert.deepEqual((await verifyChain({ files: [], sandbox: 'gone' })).status, 'no-key');
});

test('a record that is not there at all is missed by its checkpoints and by the list of chains', async () => {
  const missed = await verifyChain({ files: [], sandbox: chain.sandbox, verifierKey: chain.publicKey, checkpoints: notes(chain) });
  assert.deepEqual([missed.status, codes(missed)], ['truncated', ['error missing:']]);
  const listed = await verifyChain({ files: [], sandbox: chain.sandbox, index: 0 });
  assert.deepEqual([listed.status, codes(listed)], ['truncated', ['error missing:']]);
});

test('an intent without an outcome and a gap are told, and are no tampering', async () => {
  const home = join(folder, 'notes');
  const keys = testKeys();
  const record = await openTestRecord(home, 'notes', { keys });
  const one = await record.append({ ...entry, outcome: 'intent' });
  const two = await record.append({ ...entry, outcome: 'intent' });
  await record.append({ ...entry, outcome: 'success' }, one);
  const three = await record.append({ ...entry, outcome: 'intent' });
  await record.append({ ...entry, detail: { intent: three, code: 0 } });
  await record.append({ ...entry, detail: { nested: { intent: two }, text: `"intent":${two}}` } });
  await record.append({ type: 'gap', action: 'helper-lost', outcome: 'unknown', actor: { kind: 'system', face: 'helper' } });
  await record.close();
  const report = await verifyChain({ files: [record.file], firstKey: testFirstKey });
  assert.deepEqual([report.valid, report.status], [true, 'unanchored']);
  assert.deepEqual(codes(report), ['note gap:8', `note unfinished:${two + 1}`]);
  const [open, ...others] = await openIntents([record.file]);
  assert.deepEqual([open, others], [{ seq: two, file: record.file, line: two + 1, type: 'command' }, []]);
});

test('a clock that was set back is told, and the order stays that of the numbers (AU14)', async () => {
  const home = join(folder, 'clock');
  const keys = testKeys();
  await writeChain(home, 2, { keys });
  const back = await writeChain(home, 2, { keys, clock: countingClock(Date.UTC(2025, 11, 31)) });
  const report = await verifyChain({ files: pathsOf(back), firstKey: testFirstKey, checkpoints: notes(back) });
  assert.deepEqual([report.status, codes(report)], ['intact', ['note clock:6']]);
  assert.match(report.problems[0]?.message ?? '', /^The clock went back from 2026-01-01T.* to 2025-12-31T/);
});

/** Several files of chain 3 of its user. */
async function writeLongChain(home: string, olderFiles: number): Promise<WrittenChain> {
  const options = { ...testOptions, maxFileBytes: 8192, olderFiles };
  const record = await testStore(home, { keys: testKeys(3) }).open(testSandbox, options);
  const intent = await record.append({ ...entry, outcome: 'intent' });
  for (let n = 0; n < 60; n += 1) await record.append({ ...entry, target: `/usr/bin/${'x'.repeat(600)}${n}` });
  await record.append(entry, intent);
  await record.close();
  return writtenChain(home);
}

test('a chain goes on over files and epochs, and an intent in one file may end in the next', async () => {
  const home = join(folder, 'long');
  const long = await writeLongChain(home, 10);
  assert.ok(long.files.length > 2);
  for (const firstKey of [testFirstKey, undefined]) {
    const report = await verifyChain({
      ...{ files: pathsOf(long), verifierKey: long.publicKey, checkpoints: notes(long) },
      ...(firstKey === undefined ? {} : { firstKey }),
    });
    assert.deepEqual([report.status, report.problems, report.anchored], ['intact', [], report.records]);
  }
});

test('files removed on record are told, and what is left verifies', async () => {
  const home = join(folder, 'short');
  const short = await writeLongChain(home, 1);
  assert.ok((short.files[0]?.number ?? 1) > 1);
  for (const checkpoints of [notes(short), []]) {
    const report = await verifyChain({ files: pathsOf(short), firstKey: testFirstKey, verifierKey: short.publicKey, checkpoints });
    assert.equal(report.valid, true, JSON.stringify(report.problems));
    assert.ok(report.problems.every(({ code }) => code === 'removed') && report.problems.length > 0);
    assert.equal(report.verified, report.records);
  }
});

test('checkpoints of lines that are not there any more prove nothing of those that are', async () => {
  const short = await writtenChain(join(folder, 'short'));
  const [first = ''] = short.checkpoints.split(/(?=lasso\/record)/);
  const report = await verifyChain({
    ...{ files: pathsOf(short), verifierKey: short.publicKey, checkpoints: [{ file: 'f', text: first, mixed: false }] },
  });
  assert.deepEqual([report.status, report.valid, report.anchored], ['no-key', false, 0]);
});

test('hostile bytes neither throw nor pile up', { timeout: 60_000 }, async () => {
  const noise = Buffer.alloc(5_000_000);
  for (let index = 0; index < noise.length; index += 1) noise[index] = (index * 2_654_435_761) >>> 13;
  const hostile: readonly (readonly [string, Buffer])[] = [
    ['noise', noise],
    ['zeros', Buffer.alloc(3_000_000)],
    ['newlines', Buffer.alloc(300_000, 10)],
    ['one long line', Buffer.concat([Buffer.alloc(12_000_000, 65), Buffer.from('\n')])],
    [
      'quotes',
      Buffer.from(
        `{"v":3,"seq":0,"epoch":0,"ts":"2026-01-01T00:00:00.000Z","mono":1,"sandbox":"a","type":"x","action":"${'\\"'.repeat(400_000)}\n`,
      ),
    ],
    ['far epochs', Buffer.concat(Array.from({ length: 200 }, (_, n) => Buffer.from(farLine(n))))],
  ];
  for (const [name, bytes] of hostile) {
    const copy = join(folder, 'hostile.jsonl');
    writeFileSync(copy, Buffer.concat([bytes.subarray(0, 0), bytes]));
    const report = await verifyChain({ files: [copy], firstKey: testFirstKey });
    assert.equal(report.valid, false, name);
    assert.ok(report.problems.length <= 203, name);
    const behind = join(folder, '0123456789ab.jsonl');
    copyFileSync(chain.file, behind);
    appendFileSync(behind, bytes);
    const mixed = await verifyChain({ files: [behind], firstKey: testFirstKey });
    assert.deepEqual([mixed.valid, mixed.verified], [false, 11], name);
  }
});

const farLine = (n: number): string =>
  `{"v":3,"seq":${n},"epoch":${n % 2 === 0 ? 900_000 : 0},"ts":"2026-01-01T00:00:00.000Z","mono":1,"sandbox":"0123456789ab","type":"chain",` +
  `"action":"x","outcome":"success","actor":{"kind":"system","face":"helper"},"prev":"${'0'.repeat(64)}","mac":"${'0'.repeat(64)}"}\n`;

test('a record that shrinks or goes while it is read does not throw', async () => {
  const copy = join(folder, 'shrinking.jsonl');
  copyFileSync(chain.file, copy);
  const verifying = verifyChain({ files: [copy], firstKey: testFirstKey });
  truncateSync(copy, 100);
  assert.equal(typeof (await verifying).valid, 'boolean');
  rmSync(copy);
});

test('checkpoints torn off by a crash are passed over, others that nobody signed are not', async () => {
  const text = chain.checkpoints;
  const second = text.indexOf('lasso/record', 1);
  const statusOf = async (changed: string): Promise<string> =>
    (await verifyChain({ files: pathsOf(chain), firstKey: testFirstKey, checkpoints: [{ file: 'f', text: changed, mixed: false }] }))
      .status;
  for (const cut of [1, 20, 90, 150, 200]) assert.equal(await statusOf(text.slice(0, second + cut)), 'unanchored', String(cut));
  assert.equal(await statusOf(`${text.slice(0, second - 30)}\n${text.slice(second)}`), 'tampered');
  assert.equal(await statusOf(text.replace('\n1\n', '\n2\n')), 'tampered');
  assert.equal(await statusOf(text), 'intact');
});

test('a chain is found among its user’s by what it says, by its checkpoints, or by trying', async () => {
  const home = join(folder, 'later');
  const later = await writeChain(home, 3, { keys: testKeys(41) });
  const lines = readFileSync(later.file, 'utf8');
  const copy = join(folder, 'copies', `${later.sandbox}.jsonl`);
  mkdirSync(join(folder, 'copies'), { recursive: true });
  writeFileSync(copy, lines.replace('"index":41', '"index":40'));
  const report = await verifyChain({ files: [copy], firstKey: testFirstKey });
  assert.deepEqual([report.status, codes(report), report.verified], ['tampered', ['error edited:1'], report.records - 1]);
  assert.equal((await verifyChain({ files: pathsOf(await writtenChain(home)), firstKey: testFirstKey })).status, 'unanchored');
});
