/** A chain is read on from a place: nothing twice, nothing left out, over files and new starts; a place that is gone is said to be. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { chainFiles } from '../../../../helper/audit/form/chain-files.ts';
import { ChainReader } from '../../../../helper/audit/reading/chain-reader.ts';
import { compileFilter } from '../../../../helper/audit/reading/filter.ts';
import { beginning, parsePlace, placeText, readOn, type Piece, type ReadPlace } from '../../../../helper/audit/reading/reading.ts';
import { recordFilter, type RecordFilter, type RecordView } from '../../../../helper/protocol/record-operations.ts';
import { TestLines } from '../../../kit/record-lines.ts';

const now = new Date('2026-01-02T00:00:00Z');

function lines(context: TestContext): TestLines {
  const folder = mkdtempSync(join(tmpdir(), 'lasso-reading-'));
  context.after(() => rmSync(folder, { recursive: true }));
  return new TestLines(folder);
}

async function on({ folder, sandbox }: TestLines, from: ReadPlace, filter: Partial<RecordFilter> = {}): Promise<Piece> {
  return await readOn(await chainFiles(folder, sandbox), from, compileFilter(recordFilter.parse(filter), now));
}

async function toEnd(
  chain: TestLines,
  from: ReadPlace,
  filter: Partial<RecordFilter> = {},
): Promise<{ readonly records: readonly RecordView[]; readonly end: ReadPlace; readonly pieces: number }> {
  const records: RecordView[] = [];
  for (let [place, pieces] = [from, 1]; ; pieces += 1) {
    const piece = await on(chain, parsePlace(placeText(place)), filter);
    records.push(...piece.records);
    place = piece.end;
    if (!piece.more) return { records, end: place, pieces };
  }
}

test('pieces put together are the chain, line by line', async (t) => {
  const chain = lines(t);
  const files = [3000, 1, 2500].map((count) => {
    chain.many(count, (index) => (index % 500 === 0 ? { detail: { long: 'x'.repeat(4000) } } : {}));
    const { path } = chain;
    chain.rotate();
    return path;
  });
  const { records, pieces } = await toEnd(chain, beginning);
  assert.ok(pieces > 1);
  const wanted = files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((text, index) => ({ file, line: index + 1, text })),
  );
  assert.deepEqual(records, wanted);
  const blocked = await toEnd(chain, beginning, { text: 'number-30' });
  assert.deepEqual(
    blocked.records,
    wanted.filter(({ text }) => text.includes('/bin/number-30')),
  );
});

test('what comes later is read from where the last piece ended', async (t) => {
  const chain = lines(t);
  const nothing = await on(chain, beginning);
  assert.deepEqual(nothing, { records: [], end: beginning, more: false });
  chain.many(3);
  const first = await toEnd(chain, nothing.end);
  assert.equal(first.records.length, 3);
  const half = chain.line();
  chain.raw(half.slice(0, 20));
  assert.deepEqual((await on(chain, first.end)).records, []);
  chain.raw(`${half.slice(20)}\n`);
  chain.rotate();
  chain.many(2);
  const { records } = await toEnd(chain, first.end);
  assert.deepEqual(
    records.map(({ line }) => line),
    [4, 1, 2],
  );
});

test('the last records of a filter begin where reading on gives exactly them', async (t) => {
  const chain = lines(t);
  chain.many(1500, (index) => (index % 10 === 0 ? { outcome: 'blocked' } : {}));
  chain.rotate();
  chain.many(5);
  const reader = new ChainReader(() => chainFiles(chain.folder, chain.sandbox));
  t.after(() => reader.close());
  const cases: readonly (readonly [filter: Partial<RecordFilter>, count: number, found: number])[] = [
    [{}, 3, 3],
    [{}, 5, 5],
    [{}, 6, 6],
    [{}, 100_000, 1505],
    [{ outcome: ['blocked'] }, 4, 4],
    [{ outcome: ['blocked'] }, 1000, 150],
    [{ text: 'nowhere' }, 4, 0],
  ];
  for (const [given, count, found] of cases) {
    const filter = recordFilter.parse(given);
    const all = (await toEnd(chain, beginning, given)).records;
    const { records } = await toEnd(chain, await reader.tailPlace(filter, count, now), given);
    assert.deepEqual(records, all.slice(all.length - found), JSON.stringify(given));
  }
});

test('a place that is no longer in the record is said to be gone', async (t) => {
  const chain = lines(t);
  chain.many(10);
  const { end } = await toEnd(chain, beginning);
  truncateSync(chain.path, 100);
  await assert.rejects(on(chain, end), { code: 'RECORD_INVALID' });
  writeFileSync(chain.path, 'x'.repeat(100_000));
  await assert.rejects(on(chain, end), { code: 'RECORD_INVALID' });
  chain.rotate();
  chain.many(1);
  rmSync(join(chain.folder, `${chain.sandbox}.jsonl`));
  await assert.rejects(on(chain, end), { code: 'RECORD_INVALID' });
  assert.equal((await toEnd(chain, beginning)).records.length, 1);
});

for (const text of ['', '1', '1.2', '1.2.3.4', '-1.2.3', '1.2.x', '1.2.99999999999999999999', '../../etc.1.2'])
  test(`${JSON.stringify(text)} is no place`, () => assert.throws(() => parsePlace(text), { code: 'BAD_REQUEST' }));
