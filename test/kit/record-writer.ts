/** Appends to a record until it is killed, printing the number of each record as it is acknowledged: `record-writer.ts FOLDER`. */
import { entry, openTestRecord } from './records.ts';

const record = await openTestRecord(process.argv[2] ?? '');
for (;;) {
  // Several at once, so that a kill meets batches as well as single lines.
  const numbers = await Promise.all(Array.from({ length: 1 + ((record.head.seq + 1) % 7) }, () => record.append(entry)));
  process.stdout.write(`${numbers.at(-1) ?? -1}\n`);
}
