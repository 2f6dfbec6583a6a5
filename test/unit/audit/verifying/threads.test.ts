/** Verification on threads says what it says without them. */
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { checkMacs } from '../../../../helper/audit/verifying/mac-check.ts';
import { chainSeed } from '../../../../helper/audit/form/key-schedule.ts';
import { verifyInThread } from '../../../../helper/audit/verifying/threads.ts';
import { verifyChain } from '../../../../helper/audit/verifying/verify.ts';
import { entry, recordFolder, testFirstKey, testKeys, testPublicKey, testSandbox, writeChain } from '../../../kit/records.ts';

const { folder, remove } = recordFolder();
after(remove);

/** more than is verified on one thread */
const wide = Array.from({ length: 150 }, (_, n) => ({
  ...entry,
  detail: { n, parts: Array.from({ length: 30 }, () => 'x'.repeat(4000)) },
}));

test('records verified on a thread, and large ones on two, give the same reports', async () => {
  const keys = testKeys();
  const small = await writeChain(folder, 8, { keys, sandbox: 'ba9876543210' });
  const large = await writeChain(folder, wide, { keys });
  const options = [small, large].map(({ file, checkpointFile, checkpoints }) => ({
    ...{ files: [file], firstKey: testFirstKey, verifierKey: testPublicKey },
    checkpoints: [{ file: checkpointFile, text: checkpoints, mixed: false }],
  }));
  const reports = await verifyInThread(options);
  assert.deepEqual(
    reports.map(({ status }) => status),
    ['intact', 'intact'],
  );
  const [, second = assert.fail('no second')] = options;
  assert.deepEqual(reports[1], await verifyChain(second));

  const bytes = readFileSync(large.file);
  const at = bytes.indexOf('xxx', bytes.length / 2);
  bytes[at] = 0x79;
  const copy = join(folder, `${testSandbox}.jsonl`);
  writeFileSync(copy, bytes);
  const changed = { ...second, files: [copy] };
  const [found] = await verifyInThread([changed]);
  assert.deepEqual([found?.status, found?.problems.length, found?.problems[0]?.code], ['tampered', 1, 'edited']);
  assert.deepEqual(found, await verifyChain(changed));
});

test('macs that fit other bytes than were followed are checked again', async () => {
  const { file } = await writeChain(join(folder, 'again'), wide);
  const options = { files: [file], firstKey: testFirstKey };
  const seed = chainSeed(testFirstKey, testSandbox);
  let asked = 0;
  const report = await verifyChain(options, async (task) => {
    asked += 1;
    return { ...(await checkMacs(task)), head: 'another' };
  });
  assert.deepEqual([report.valid, report.verified, asked], [true, report.records, 1]);
  const failing = await verifyChain(options, () => Promise.reject(new Error('no thread')));
  assert.deepEqual(failing, report);
  const { size } = { size: readFileSync(file).length };
  assert.deepEqual(await checkMacs({ files: [{ path: file, bytes: size }], seed }), { fit: true, head: report.head });
  appendFileSync(file, 'x\n');
  assert.equal((await checkMacs({ files: [{ path: file, bytes: size + 2 }], seed })).fit, false);
});

test('a verification that is cancelled ends with the reason', async () => {
  const { file } = await writeChain(join(folder, 'cancelled'), 3);
  const controller = new AbortController();
  const verifying = verifyInThread([{ files: [file] }], controller.signal);
  controller.abort(new Error('enough'));
  await assert.rejects(verifying, /enough/);
  await assert.rejects(verifyInThread([{ files: [file] }], controller.signal), /enough/);
});
