/** The verb that signs where a record stands: now while it is written, else the newest note there is. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkpointFile } from '../../../../helper/audit/writing/anchors.ts';
import { openCheckpoint, parseVerifierKey, type Checkpoint } from '../../../../helper/audit/form/checkpoint.ts';
import { recordCheckpointOperations } from '../../../../helper/core/operations/record-checkpoints.ts';
import type { OperationContext } from '../../../../helper/core/operations/contract.ts';
import type { Registry } from '../../../../helper/core/registry.ts';
import { recordOptionsOf, usualRecord } from '../../../../helper/core/records/options.ts';
import type { World } from '../../../../helper/core/world.ts';
import { audit } from '../../../../helper/protocol/profile/audit.ts';
import { entry, openTestRecord, testKeys, testPublicKey, testSandbox, writeChain } from '../../../kit/records.ts';

function opened(note: string): Checkpoint {
  const key = parseVerifierKey(testPublicKey);
  const checkpoint = key && openCheckpoint(note, key);
  assert.ok(checkpoint);
  return checkpoint;
}

test('a checkpoint covers what is written now, and of a record nobody writes the newest one is given', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'lasso-test-'));
  t.after(() => rmSync(home, { recursive: true }));
  const world = { folders: { home, audit: join(home, 'audit') }, userKeys: testKeys() } as unknown as World;
  const record = await openTestRecord(home);
  await record.append(entry);
  const sandboxes = [{ id: testSandbox, saved: { name: 'app' }, record }];
  const verbs = recordCheckpointOperations(world, { all: sandboxes } as unknown as Registry);
  const context = {} as OperationContext;
  const now = await verbs.auditCheckpoint({ sandbox: 'app' }, context);
  assert.equal(now.sandbox, testSandbox);
  const { size, digest } = opened(now.checkpoint);
  assert.deepEqual([size, digest], [2, record.head.digest]);
  await record.close();
  sandboxes.pop();
  assert.equal(opened((await verbs.auditCheckpoint({}, context)).checkpoint).size, 4);
  const other = await writeChain(home, 1, { sandbox: 'ffffffffffff' });
  rmSync(checkpointFile(home, other.sandbox));
  await assert.rejects(verbs.auditCheckpoint({ sandbox: 'ffffffffffff' }, context), { code: 'RECORD_INVALID' });
});

test('a record is kept as [audit] says', () => {
  const given = audit.parse({ durability: 'fsync', max_log_size_mb: 2, rotation_count: 0 });
  assert.deepEqual(recordOptionsOf(given), { durability: 'fsync', maxFileBytes: 2_097_152, olderFiles: 0 });
  assert.deepEqual(usualRecord, { durability: 'group', maxFileBytes: 104_857_600, olderFiles: 10 });
});
