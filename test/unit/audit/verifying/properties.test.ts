/** What holds for every byte of a record, not for chosen ones. */
import assert from 'node:assert/strict';
import { createHmac, createSecretKey } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { sealLine } from '../../../../helper/audit/form/chain.ts';
import { LineMac } from '../../../../helper/audit/form/line-mac.ts';
import { readLine } from '../../../../helper/audit/form/line.ts';
import { verifyChain } from '../../../../helper/audit/verifying/verify.ts';
import type { VerifyReport } from '../../../../helper/protocol/record.ts';
import { entry, recordFolder, testFirstKey, testPublicKey, testSandbox, writeChain } from '../../../kit/records.ts';

const { folder, remove } = recordFolder();
after(remove);

let bytes = Buffer.alloc(0);
let checkpoints: readonly { readonly file: string; readonly text: string; readonly mixed: boolean }[] = [];
const copy = join(folder, 'copy', `${testSandbox}.jsonl`);

before(async () => {
  const chain = await writeChain(folder, 2);
  bytes = readFileSync(chain.file);
  checkpoints = [{ file: 'notes', text: chain.checkpoints, mixed: false }];
  mkdirSync(join(folder, 'copy'));
});

const keyed = { firstKey: testFirstKey };
const publicly = (): Pick<Parameters<typeof verifyChain>[0], 'verifierKey' | 'checkpoints'> => ({
  verifierKey: testPublicKey,
  checkpoints,
});

async function verified(content: Buffer, how: Partial<Parameters<typeof verifyChain>[0]>): Promise<VerifyReport> {
  writeFileSync(copy, content);
  return await verifyChain({ files: [copy], ...how });
}

test('a flipped bit is found wherever it is, with the first key alone', async () => {
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
    const { valid, problems } = await verified(changed, keyed);
    assert.equal(valid, false, `byte ${at}`);
    assert.ok(problems.filter(({ level }) => level === 'error').length <= 2, `byte ${at}: ${JSON.stringify(problems)}`);
  }
});

test('a replaced byte is found wherever it is, with the public key and a checkpoint alone', async () => {
  const harmless = [0x0a, 0x22, 0x5c, 0x30, 0x7d, 0x00, 0xff];
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes);
    changed[at] = harmless.find((byte, turn) => byte !== bytes[at] && turn >= at % 5) ?? 0x01;
    assert.equal((await verified(changed, publicly())).valid, false, `byte ${at}`);
  }
});

test('a record cut at any byte of its last line is torn, or truncated where a checkpoint covers it; never tampered with, never whole', async () => {
  const start = bytes.lastIndexOf(10, bytes.length - 2) + 1;
  for (let length = start + 1; length < bytes.length; length += 1) {
    const cut = bytes.subarray(0, length);
    const alone = await verified(cut, keyed);
    assert.deepEqual(
      [alone.status, alone.valid, alone.problems.map(({ code, line }) => [code, line])],
      ['torn', false, [['torn-tail', 5]]],
    );
    if (length % 8 !== 0) continue;
    const { status, problems } = await verified(cut, { ...keyed, ...publicly() });
    assert.deepEqual([status, problems.map(({ code }) => code)], ['truncated', ['torn-tail', 'truncated']]);
  }
  assert.equal((await verified(bytes.subarray(0, start), { ...keyed, ...publicly() })).status, 'truncated');
  assert.equal((await verified(bytes, { ...keyed, ...publicly() })).status, 'intact');
});

test('a mac is what Node’s own HMAC says, for lines and keys of any length', () => {
  for (const [keyBytes, length] of [
    [1, 0],
    [32, 55],
    [32, 64],
    [64, 1000],
    [32, 4020],
    [32, 4024],
    [32, 4025],
    [32, 4026],
    [32, 4030],
    [32, 120_000],
  ] as const) {
    const key = createSecretKey(Buffer.alloc(keyBytes, 3));
    const bare = `{"a":"${'x'.repeat(length)}"`;
    const mac = createHmac('sha256', key).update(`${bare}}`).digest('hex');
    const checker = new LineMac(key);
    assert.equal(checker.fits(Buffer.from(`${bare},"mac":"${mac}"}`)), true, String(length));
    assert.equal(checker.fits(Buffer.from(`${bare} ,"mac":"${mac}"}`)), false, String(length));
  }
  assert.equal(new LineMac(createSecretKey(Buffer.alloc(32))).fits(Buffer.from('short')), false);
});

test('every line the writer makes has the form of a record, whatever is in it', () => {
  const key = createSecretKey(Buffer.alloc(32, 3));
  const texts = [
    '',
    'plain',
    '"quoted" \\ and \\" more',
    'line\nbreak\r\n\u2028',
    '\u0000\u0007\u001b[31m',
    '\ud800 lone',
    '\u{1f600}',
    '{"seq":9}',
    '"},"seq":9,"x":{"',
    'x'.repeat(9000),
  ];
  const details = texts.flatMap((text) => [
    { text },
    { [text]: 1 },
    { list: [text, { deep: text }], after: 1 },
    { nested: { [text]: { text } }, n: -0, big: 1e300, small: 1e-9 },
  ]);
  for (const [seq, detail] of details.entries())
    for (const target of [undefined, ...texts.slice(0, 9)]) {
      const place = { sandbox: testSandbox, seq, epoch: 1, ts: '2026-01-01T00:00:00.000Z', mono: seq / 7, prev: '0'.repeat(64) };
      const more = { ...entry, action: target ?? 'x', actor: { kind: 'user', face: 'cli', user: target ?? 'me' } as const, detail };
      const { line } = sealLine(
        key,
        { ...place, mono: Math.round(place.mono * 1000) / 1000 },
        target === undefined ? more : { ...more, target },
      );
      const form = readLine(Buffer.from(line));
      assert.equal(form.kind, 'record', line.slice(0, 500));
      assert.ok(new LineMac(key).fits(Buffer.from(line)));
    }
});
