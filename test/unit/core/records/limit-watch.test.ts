/** Limits that the kernel enforced are written down, each once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watchLimits } from '../../../../helper/core/records/limit-watch.ts';
import type { RecordEntry } from '../../../../helper/protocol/record.ts';

test('what was killed for memory and what was not started is written down once, and nothing of an earlier time', async () => {
  const entries: RecordEntry[] = [];
  const counts: { memory: number | null; pids: number } = { memory: 2, pids: 0 };
  const watch = watchLimits({
    running: { memoryKills: () => Promise.resolve(counts.memory), startsRefused: () => Promise.resolve(counts.pids) },
    note: (entry) => Promise.resolve(void entries.push(entry)),
    everyMs: 60_000,
  });
  await watch.look();
  assert.equal(entries.length, 0);
  Object.assign(counts, { memory: 3, pids: 40 });
  await Promise.all([watch.look(), watch.look()]);
  Object.assign(counts, { memory: null });
  await watch.look();
  watch.dispose();
  assert.deepEqual(
    entries.map(({ type, action, detail }) => [type, action, ...['limit', 'times'].map((name) => detail?.[name])]),
    [
      ['lifecycle', 'limit', 'memory', 1],
      ['lifecycle', 'limit', 'pids', 40],
    ],
  );
});

test('an engine that cannot tell is no failure', async () => {
  const watch = watchLimits({
    running: { memoryKills: () => Promise.reject(new Error('gone')) },
    note: () => assert.fail('nothing is known'),
    everyMs: 60_000,
  });
  await watch.look();
  watch.dispose();
});
