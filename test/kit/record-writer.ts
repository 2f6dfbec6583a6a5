/**
 * Appends to a record as fast as it can until it is killed, printing the number of each record as it is acknowledged:
 * `record-writer.ts HOME [group|fsync]`. Epochs, checkpoints and files are so short that a kill meets their ends as well.
 */
import { systemClock } from '../../helper/base/clock.ts';
import { entry, testOptions, testSandbox, testStore } from './records.ts';

const [, , home = '', durability] = process.argv;
const store = testStore(home, { clock: systemClock, times: { syncMs: 10, epochMs: 20, checkpointMs: 5 } });
const record = await store.open(testSandbox, {
  ...testOptions,
  durability: durability === 'fsync' ? 'fsync' : 'group',
  maxFileBytes: 150_000,
  olderFiles: 3,
});
for (;;) {
  // One, several, or very many at once, so that a kill meets single lines and batches, small and large.
  const next = record.head.seq + 1;
  const numbers = await Promise.all(Array.from({ length: next % 5 === 0 ? 200 : 1 + (next % 7) }, () => record.append(entry)));
  process.stdout.write(`${numbers.at(-1) ?? -1}\n`);
}
