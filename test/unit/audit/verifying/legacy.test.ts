/** Records of LASSO 1.x, made by 1.6.3 itself, verify for ever. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { verifyChain } from '../../../../helper/audit/verifying/verify.ts';
import type { VerifyReport } from '../../../../helper/protocol/record.ts';
import { recordFolder } from '../../../kit/records.ts';

const { folder, remove } = recordFolder();
after(remove);

const legacy = String.raw`{"action":"start","actor":"system","detail":{"profile":"standard"},"event_id":"00000000000000000000000000000001","outcome":"success","sandbox_id":"0123456789ab","sig":"964c30580698ba2785f39395faccc424a87c41b9ea54c724176539c57007ea24","target":"","ts":"2026-01-01T00:00:00+00:00","type":"lifecycle"}
{"action":"git","actor":"agent","event_id":"00000000000000000000000000000002","outcome":"success","sandbox_id":"0123456789ab","sig":"3c3846bd4b646a0cf019c83df3aea285fce2a61a33d0f141b8b186a81d56c3f4","target":"commit -m h\u00e9llo \ud83d\ude00","ts":"2026-01-01T00:00:01.000500+00:00","type":"command"}
{"action":"rm x","actor":"agent","detail":{"reason":"Command 'rm' is in the blacklist."},"event_id":"00000000000000000000000000000003","outcome":"blocked","sandbox_id":"0123456789ab","sig":"679b4ba8a94908b39f6db71e72de3110f2f09b1c5de979c33ae4b505fa34915e","target":"","ts":"2026-01-01T00:00:02+00:00","type":"command"}
`;
const legacyKey = Buffer.from(Array.from({ length: 32 }, (_, index) => index));

async function verified(text: string | Buffer, key = legacyKey): Promise<VerifyReport> {
  const file = join(folder, '0123456789ab_20260101T000000Z.jsonl');
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, text);
  return await verifyChain({ files: [file], legacyKey: key });
}

const codes = ({ problems }: VerifyReport): string[] => problems.map(({ code, line }) => `${code}:${line ?? ''}`);

test('a record of LASSO 1.x verifies; no checkpoint covers one', async () => {
  const { status, valid, records, verified: fitting, anchored, sandbox, firstAt, problems } = await verified(legacy);
  assert.deepEqual([status, valid, records, fitting, anchored, sandbox, problems], ['unanchored', true, 3, 3, 0, '0123456789ab', []]);
  assert.equal(firstAt, '2026-01-01T00:00:00+00:00');
});

test('any flipped byte in it is found', async () => {
  const bytes = Buffer.from(legacy);
  for (let index = 0; index < bytes.length; index += 1) {
    const copy = Buffer.from(bytes);
    copy[index] = (copy[index] ?? 0) ^ (1 << (index % 8));
    assert.equal((await verified(copy)).valid, false, `byte ${index}`);
  }
});

test('lines removed, changed, torn or of the third form are found', async () => {
  const lines = legacy.trimEnd().split('\n');
  const joined = (all: readonly string[]): string => `${all.join('\n')}\n`;
  assert.deepEqual(codes(await verified(joined(lines.toSpliced(1, 1)))), ['edited:2']);
  assert.deepEqual(codes(await verified(legacy.replace('"rm x"', '"rm y"'))), ['edited:3']);
  assert.deepEqual([(await verified(legacy.slice(0, -9))).status, codes(await verified(legacy.slice(0, -9)))], ['torn', ['torn-tail:3']]);
  assert.deepEqual(codes(await verified(joined([...lines, '{"v":3,"seq":3,']))), ['malformed:4']);
});

test('another key, and none, are said to be so', async () => {
  const other = await verified(legacy, Buffer.alloc(32, 9));
  assert.deepEqual([other.status, codes(other), other.verified], ['no-key', ['no-key:'], 0]);
  const none = await verifyChain({ files: [join(folder, '0123456789ab_20260101T000000Z.jsonl')], firstKey: legacyKey });
  assert.deepEqual([none.status, none.valid, codes(none)], ['no-key', false, ['no-key:']]);
});
