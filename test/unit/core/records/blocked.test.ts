/** What is told of blocked things: every one is counted, and no flood of them becomes a flood of words. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BlockedEvent, tellingBlocked } from '../../../../helper/core/records/blocked.ts';
import type { SandboxRecord } from '../../../../helper/audit/writing/log.ts';
import type { RecordEntry } from '../../../../helper/protocol/record.ts';
import { entry } from '../../../kit/records.ts';

const blocked: RecordEntry = {
  ...entry,
  outcome: 'blocked',
  target: 'git push --force',
  detail: { reason: 'No.', rule: 'commands.blocked_args.git[0]', origin: 'standard.toml:30', argv: ['git'] },
};

interface Told {
  readonly record: SandboxRecord;
  readonly events: readonly BlockedEvent[];
  readonly written: readonly RecordEntry[];
  /** lets a second pass */
  readonly pass: () => Promise<void>;
}

function told(prepare: (entry: RecordEntry) => RecordEntry = (entry) => entry): Told {
  const events: BlockedEvent[] = [];
  const written: RecordEntry[] = [];
  let wake = (): void => undefined;
  const inner: SandboxRecord = {
    file: '/records/a.jsonl',
    head: { seq: 7, digest: 'm' },
    append: (each) => Promise.resolve(written.push(each)),
    checkpoint: () => Promise.resolve(''),
    close: () => Promise.resolve(),
  };
  const clock = { sleep: () => new Promise<void>((resolve) => (wake = resolve)) };
  const record = tellingBlocked(inner, 'aaaaaaaaaaaa', { prepare, clock, emit: (event) => events.push(event) });
  const pass = async (): Promise<void> => {
    wake();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { record, events, written, pass };
}

test('a blocked entry is told with its reason and rule, any other is not', async () => {
  const { record, events, written } = told();
  assert.equal(await record.append(entry), 1);
  assert.equal(await record.append(blocked), 2);
  assert.deepEqual(written, [entry, blocked]);
  assert.deepEqual(events, [
    {
      type: 'blocked',
      sandbox: 'aaaaaaaaaaaa',
      what: 'git push --force',
      reason: 'No.',
      rule: 'commands.blocked_args.git[0]',
      origin: 'standard.toml:30',
      count: 1,
    },
  ]);
  assert.deepEqual([record.file, record.head.seq], ['/records/a.jsonl', 7]);
});

test('of a thousand at once the first is told at once, and the rest together a second later', async () => {
  const { record, events, pass } = told();
  for (let count = 0; count < 1000; count += 1) await record.append({ ...blocked, target: `${count}` });
  assert.deepEqual(
    events.map(({ what, count }) => [what, count]),
    [['0', 1]],
  );
  await pass();
  assert.deepEqual([events[1]?.what, events[1]?.count], ['999', 999]);
  await pass();
  await record.append(blocked);
  assert.deepEqual([events.length, events[2]?.count], [3, 1]);
});

test('a text is told to a bounded length, and what is no text is left out', async () => {
  const { record, events } = told();
  await record.append({ ...blocked, target: 'x'.repeat(100_000), detail: { rule: 3 } });
  assert.equal(events[0]?.what.length, 1000);
  assert.equal(events[0].reason, '');
  assert.ok(!('rule' in events[0]));
});

test('how often a refused name was asked about again is written and not told, since the name was', async () => {
  const { record, events, written } = told();
  await record.append({ ...blocked, type: 'network', action: 'name', detail: { host: 'a.example', refused: 3 } });
  assert.deepEqual([written.length, events.length], [1, 0]);
});

test('an entry is written, and told, as it was prepared', async () => {
  const { record, events, written } = told((given) => ({ ...given, target: 'hidden' }));
  await record.append(blocked);
  assert.deepEqual([written[0]?.target, events[0]?.what], ['hidden', 'hidden']);
});

test('what could not be written is not told', async () => {
  const events: BlockedEvent[] = [];
  const inner: SandboxRecord = {
    file: '',
    head: { seq: -1, digest: '' },
    append: () => Promise.reject(new Error('the disk is full')),
    checkpoint: () => Promise.resolve(''),
    close: () => Promise.resolve(),
  };
  const record = tellingBlocked(inner, 'a', {
    prepare: (entry) => entry,
    clock: { sleep: () => Promise.resolve() },
    emit: (event) => events.push(event),
  });
  await assert.rejects(record.append(blocked), /disk is full/);
  assert.deepEqual(events, []);
});
