/** Showing a record reads its end, with the right line numbers. */
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readTail } from '../../../helper/audit/view.ts';
import { recordFolder, writeChain } from '../../kit/records.ts';

const { folder, remove } = recordFolder();
after(remove);

test('the last records are read with their line numbers, however many are asked for', async () => {
  const file = await writeChain(folder, 500);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  for (const count of [1, 2, 3, 150, 151, 499, 500, 501, 100_000]) {
    const expected = lines.map((text, index) => ({ line: index + 1, text })).slice(-count);
    assert.deepEqual(await readTail(file, count), expected);
  }
  assert.equal((await readTail(file)).length, 500);
});

test('a torn tail is not shown as a record', async () => {
  const file = await writeChain(folder, 3, 'torn');
  appendFileSync(file, '{"v":2,"se');
  assert.deepEqual(
    (await readTail(file, 2)).map(({ line }) => line),
    [2, 3],
  );
});

test('files with next to nothing in them give what there is', async () => {
  const file = join(folder, 'small');
  for (const [text, expected] of Object.entries({ '': [], x: [], '\n': [''], 'a\n': ['a'], '\n\n': ['', ''], 'a\nb\n': ['a', 'b'] })) {
    writeFileSync(file, text);
    assert.deepEqual(
      (await readTail(file, 5)).map((line) => line.text),
      expected,
    );
  }
});
