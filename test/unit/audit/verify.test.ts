/** What a verifier must see, and what it must never mistake for tampering. */
import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { runChild } from '../../../helper/base/child.ts';
import { openIntents, verifyFile } from '../../../helper/audit/verify.ts';
import { entry, openTestRecord, recordFolder, testKey, testSandbox, writeChain } from '../../kit/records.ts';

const { folder, remove } = recordFolder();
let file = '';
let lines: string[] = [];
const other = 'ba9876543210';
let foreign: string[] = [];
const linesOf = (path: string): string[] => readFileSync(path, 'utf8').trimEnd().split('\n');

before(async () => {
  file = await writeChain(folder, 8);
  lines = linesOf(file);
  foreign = linesOf(await writeChain(folder, 8, other));
});
after(remove);

const at = (index: number, from = lines): string => from[index] ?? assert.fail('no such line');
const replaced = (index: number, line: string): string[] => lines.map((old, n) => (n === index ? line : old));

async function problemsOf(
  text: string | Buffer,
  name = `${testSandbox}.jsonl`,
): Promise<{ valid: boolean; problems: string[]; verified: number }> {
  const copy = join(folder, 'copy');
  mkdirSync(copy, { recursive: true });
  writeFileSync(join(copy, name), text);
  const report = await verifyFile(join(copy, name), testKey);
  return { valid: report.valid, verified: report.verified, problems: report.problems.map(({ code, line }) => `${code}:${line ?? ''}`) };
}

const joined = (all: readonly string[]): string => `${all.join('\n')}\n`;

test('an untouched record verifies', async () => {
  const report = await verifyFile(file, testKey);
  assert.equal(report.valid, true);
  assert.equal(report.records, 8);
  assert.equal(report.verified, 8);
  assert.equal(report.sandbox, testSandbox);
  assert.match(at(7), new RegExp(`"mac":"${report.head ?? ''}"`));
  assert.deepEqual([report.firstAt, report.lastAt], ['2026-01-01T00:00:01.000Z', '2026-01-01T00:00:08.000Z']);
});

const tampering: readonly { readonly name: string; readonly make: () => string; readonly found: readonly string[] }[] = [
  { name: 'a changed value', make: () => joined(replaced(3, at(3).replace('git', 'gut'))), found: ['edited:4'] },
  { name: 'a changed first line', make: () => joined(replaced(0, at(0).replace('git', 'gut'))), found: ['edited:1'] },
  { name: 'a changed number', make: () => joined(replaced(3, at(3).replace('"seq":3', '"seq":4'))), found: ['edited:4'] },
  { name: 'a changed time', make: () => joined(replaced(3, at(3).replace('00:00:04', '00:00:05'))), found: ['edited:4'] },
  { name: 'a changed mac', make: () => joined(replaced(3, at(3).replace(/[0-9a-f]{4}"\}$/, '0000"}'))), found: ['edited:4', 'order:5'] },
  {
    name: 'an upper-case mac',
    make: () =>
      joined(
        replaced(
          3,
          at(3).replace(/"mac":"[0-9a-f]+/, (mac) => `"mac":"${mac.slice(7).toUpperCase()}`),
        ),
      ),
    found: ['malformed:4', 'order:5'],
  },
  {
    name: 'a mac taken from another line',
    make: () => joined(replaced(3, at(3).slice(0, -66) + at(5).slice(-66))),
    found: ['edited:4', 'order:5'],
  },
  {
    name: 'an empty mac',
    make: () => joined(replaced(3, at(3).replace(/"mac":"[0-9a-f]+"/, '"mac":""'))),
    found: ['malformed:4', 'order:5'],
  },
  { name: 'no mac', make: () => joined(replaced(3, at(3).replace(/,"mac":"[0-9a-f]+"/, ''))), found: ['malformed:4', 'order:5'] },
  { name: 'an older version', make: () => joined(replaced(3, at(3).replace('"v":2', '"v":1'))), found: ['malformed:4', 'order:5'] },
  {
    name: 'another order of members',
    make: () => joined(replaced(3, at(3).replace(/("seq":3),("ts":"[^"]+")/, '$2,$1'))),
    found: ['malformed:4', 'order:5'],
  },
  {
    name: 'a member given twice',
    make: () => joined(replaced(3, at(3).replace('"v":2,', '"v":2,"v":2,'))),
    found: ['malformed:4', 'order:5'],
  },
  { name: 'white space', make: () => joined(replaced(3, at(3).replace('"v":2,', '"v":2, '))), found: ['malformed:4', 'order:5'] },
  { name: 'a removed first line', make: () => joined(lines.slice(1)), found: ['order:1'] },
  { name: 'a removed middle line', make: () => joined(lines.toSpliced(3, 1)), found: ['order:4'] },
  { name: 'a removed last but one line', make: () => joined(lines.toSpliced(6, 1)), found: ['order:7'] },
  { name: 'a repeated line', make: () => joined(lines.toSpliced(3, 0, at(3))), found: ['order:5'] },
  { name: 'a repeated last line', make: () => joined([...lines, at(7)]), found: ['order:9'] },
  { name: 'two lines swapped', make: () => joined(lines.toSpliced(3, 2, at(4), at(3))), found: ['order:4', 'order:5', 'order:6'] },
  {
    name: 'a forged line',
    make: () => joined(lines.toSpliced(3, 0, at(3).replace('git', 'gut'))),
    found: ['edited:4', 'order:5'],
  },
  { name: 'a line of another sandbox', make: () => joined(replaced(3, at(3, foreign))), found: ['foreign:4', 'order:4', 'order:5'] },
  { name: 'garbage', make: () => joined(replaced(3, 'garbage')), found: ['malformed:4', 'order:5'] },
  { name: 'an empty line', make: () => joined(lines.toSpliced(3, 0, '')), found: ['malformed:4'] },
  { name: 'a line longer than any record', make: () => joined(replaced(3, 'x'.repeat(3_000_000))), found: ['malformed:4', 'order:5'] },
  {
    name: 'a line of LASSO 1.x',
    make: () => joined(replaced(3, '{"action":"x","sig":"'.padEnd(300, '0'))),
    found: ['malformed:4', 'order:5'],
  },
];
for (const { name, make, found } of tampering) {
  test(`${name} is found`, async () => {
    const { valid, problems } = await problemsOf(make());
    assert.equal(valid, false);
    assert.deepEqual(problems, found);
  });
}

test('a whole record of another sandbox under this one’s name is found', async () => {
  const { valid, problems } = await problemsOf(joined(foreign));
  assert.equal(valid, false);
  assert.equal(problems[0], 'foreign:1');
});

test('any flipped byte is found', async () => {
  const bytes = readFileSync(file);
  for (let at = 0; at < bytes.length; at += 1) {
    const copy = Buffer.from(bytes);
    copy[at] = (copy[at] ?? 0) ^ (1 << (at % 8));
    assert.equal((await problemsOf(copy)).valid, false, `byte ${at}`);
  }
});

test('a record cut at any byte of its last line is torn, never tampered with and never whole', async () => {
  const bytes = readFileSync(file);
  const start = bytes.length - at(7).length - 1;
  for (let length = start + 1; length < bytes.length; length += 1) {
    const { valid, problems, verified } = await problemsOf(bytes.subarray(0, length));
    assert.deepEqual([valid, problems, verified], [false, ['torn-tail:8'], 7]);
  }
});

test('the wrong key, no key, an empty, a missing and an unusual file are told apart', async () => {
  const codes = async (path: string, key: typeof testKey | null): Promise<string[]> => {
    const report = await verifyFile(path, key);
    assert.equal(report.valid, false);
    return report.problems.map(({ code }) => code);
  };
  assert.deepEqual(await codes(file, createSecretKey(Buffer.alloc(32, 9))), ['no-key']);
  assert.deepEqual(await codes(file, null), ['no-key']);
  const empty = join(folder, 'empty.jsonl');
  writeFileSync(empty, '');
  assert.deepEqual(await codes(empty, testKey), ['empty']);
  assert.deepEqual(await codes(join(folder, 'absent.jsonl'), testKey), ['missing']);
  assert.deepEqual(await codes(folder, testKey), ['malformed']);
  const fifo = join(folder, 'fifo.jsonl');
  if ((await runChild('mkfifo', [fifo], { timeoutMs: 5000 })).code === 0) assert.deepEqual(await codes(fifo, testKey), ['malformed']);
});

test('an intent without an outcome is shown, and is no tampering', async () => {
  const record = await openTestRecord(folder, 'intents');
  const one = await record.append({ ...entry, outcome: 'intent' });
  const two = await record.append({ ...entry, outcome: 'intent' });
  await record.append({ ...entry, outcome: 'success' }, one);
  const three = await record.append({ ...entry, outcome: 'intent' });
  await record.append({ ...entry, detail: { intent: three, code: 0 } });
  await record.append({ ...entry, detail: { nested: { intent: two }, text: `"intent":${two}}` } });
  await record.close();
  const report = await verifyFile(record.file, testKey);
  assert.equal(report.valid, true);
  assert.deepEqual(
    report.problems.map(({ code, line }) => [code, line]),
    [['unfinished', two + 1]],
  );
  assert.deepEqual(await openIntents(record.file, testKey), [{ seq: two, line: two + 1, type: 'command' }]);
});

test('hostile bytes neither throw nor pile up', async () => {
  const noise = Buffer.alloc(5_000_000);
  for (let index = 0; index < noise.length; index += 1) noise[index] = (index * 2_654_435_761) >>> 13;
  const { valid, problems } = await problemsOf(noise);
  assert.equal(valid, false);
  assert.ok(problems.length <= 103);
});

const legacy = String.raw`{"action":"start","actor":"system","detail":{"profile":"standard"},"event_id":"00000000000000000000000000000001","outcome":"success","sandbox_id":"0123456789ab","sig":"964c30580698ba2785f39395faccc424a87c41b9ea54c724176539c57007ea24","target":"","ts":"2026-01-01T00:00:00+00:00","type":"lifecycle"}
{"action":"git","actor":"agent","event_id":"00000000000000000000000000000002","outcome":"success","sandbox_id":"0123456789ab","sig":"3c3846bd4b646a0cf019c83df3aea285fce2a61a33d0f141b8b186a81d56c3f4","target":"commit -m h\u00e9llo \ud83d\ude00","ts":"2026-01-01T00:00:01.000500+00:00","type":"command"}
{"action":"rm x","actor":"agent","detail":{"reason":"Command 'rm' is in the blacklist."},"event_id":"00000000000000000000000000000003","outcome":"blocked","sandbox_id":"0123456789ab","sig":"679b4ba8a94908b39f6db71e72de3110f2f09b1c5de979c33ae4b505fa34915e","target":"","ts":"2026-01-01T00:00:02+00:00","type":"command"}
`;
const legacyName = '0123456789ab_20260101T000000Z.jsonl';

test('a record of LASSO 1.x verifies', async () => {
  assert.deepEqual(await problemsOf(legacy, legacyName), { valid: true, problems: [], verified: 3 });
});

test('any flipped byte in a record of LASSO 1.x is found', async () => {
  const bytes = Buffer.from(legacy);
  for (let index = 0; index < bytes.length; index += 1) {
    const copy = Buffer.from(bytes);
    copy[index] = (copy[index] ?? 0) ^ (1 << (index % 8));
    assert.equal((await problemsOf(copy, legacyName)).valid, false, `byte ${index}`);
  }
});

test('a removed line of LASSO 1.x is found', async () => {
  const { valid } = await problemsOf(legacy.split('\n').toSpliced(1, 1).join('\n'), legacyName);
  assert.equal(valid, false);
});

test('a record that shrinks or goes while it is read does not throw', async () => {
  const copy = join(folder, 'shrinking.jsonl');
  copyFileSync(file, copy);
  const verifying = verifyFile(copy, testKey);
  truncateSync(copy, 100);
  assert.equal(typeof (await verifying).valid, 'boolean');
  rmSync(copy);
});
