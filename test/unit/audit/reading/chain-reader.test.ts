/** Rows of a chain are those of its files, whatever happens to them meanwhile, and no more memory is taken than for places. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { chainFiles } from '../../../../helper/audit/form/chain-files.ts';
import { ChainReader, type Rows } from '../../../../helper/audit/reading/chain-reader.ts';
import { lineLimitBytes } from '../../../../helper/audit/form/chain.ts';
import { Overview } from '../../../../helper/audit/reading/overview.ts';
import { ChainReaders } from '../../../../helper/audit/reading/readers.ts';
import { recordFilter, type RecordFilter, type RecordRow } from '../../../../helper/protocol/record-operations.ts';
import { TestLines } from '../../../kit/record-lines.ts';

const now = new Date('2026-01-02T00:00:00Z');

interface Scene {
  readonly lines: TestLines;
  readonly reader: ChainReader;
  readonly rows: (from: number, limit?: number, filter?: Partial<RecordFilter>) => Promise<Rows>;
  /** asks until all was looked through */
  readonly all: (from: number, limit?: number, filter?: Partial<RecordFilter>) => Promise<Rows>;
}

function scene(context: TestContext): Scene {
  const folder = mkdtempSync(join(tmpdir(), 'lasso-rows-'));
  const lines = new TestLines(folder);
  const reader = new ChainReader(() => chainFiles(folder, lines.sandbox));
  context.after(() => {
    reader.close();
    rmSync(folder, { recursive: true });
  });
  const rows: Scene['rows'] = (from, limit = 10, filter = {}) => reader.rows(recordFilter.parse(filter), from, limit, now);
  const all: Scene['all'] = async (...asked) => {
    for (;;) {
      const found = await rows(...asked);
      if (found.complete) return found;
    }
  };
  return { lines, reader, rows, all };
}

const seqOf = ({ text }: RecordRow): unknown => {
  const record: unknown = JSON.parse(text);
  return typeof record === 'object' && record !== null && 'seq' in record ? record.seq : undefined;
};
const rowsOf = ({ rows }: Rows): readonly number[] => rows.map(({ row }) => row);

test('the last page comes before anything else was read, with the total its last line tells', async (t) => {
  const { lines, rows, all } = scene(t);
  lines.many(2000);
  lines.rotate();
  lines.many(1000);
  const first = await rows(-5, 5);
  assert.deepEqual(
    [first.rows.map(seqOf), rowsOf(first), first.total],
    [[2995, 2996, 2997, 2998, 2999], [2995, 2996, 2997, 2998, 2999], 3000],
  );
  assert.equal(first.complete, false);
  assert.deepEqual(
    first.rows.map(({ line, file }) => [line, file === lines.path]),
    [996, 997, 998, 999, 1000].map((line) => [line, true]),
  );
  assert.deepEqual((await all(-5, 5)).rows, first.rows);
});

test('any row is found, over the edges of marks and files', async (t) => {
  const { lines, rows } = scene(t);
  lines.many(700);
  lines.rotate();
  lines.many(700);
  for (const from of [0, 1, 255, 256, 257, 511, 512, 695, 699, 700, 701, 1389]) {
    const found = await rows(from);
    assert.deepEqual(
      found.rows.map(seqOf),
      Array.from({ length: Math.min(10, 1400 - from) }, (_, at) => from + at),
      `from ${from}`,
    );
    assert.deepEqual(rowsOf(found), found.rows.map(seqOf));
    assert.deepEqual(
      found.rows.map(({ line }) => line),
      found.rows.map(({ row }) => (row < 700 ? row + 1 : row - 699)),
    );
  }
  assert.deepEqual((await rows(1400)).rows, []);
  assert.deepEqual((await rows(99_999)).rows, []);
  assert.deepEqual(rowsOf(await rows(-5000, 3)), [0, 1, 2]);
  assert.deepEqual(await rows(7, 0), { rows: [], total: 1400, complete: true, records: 1400 });
});

test('rows of a filter are counted among themselves and keep their places', async (t) => {
  const { lines, all } = scene(t);
  lines.many(3000, (index) => (index % 100 === 7 ? { outcome: 'blocked' } : {}));
  const found = await all(0, 50, { outcome: ['blocked'] });
  assert.deepEqual([found.total, found.records, found.rows.length], [30, 3000, 30]);
  assert.deepEqual(
    found.rows.map((row) => [seqOf(row), row.row, row.line]),
    Array.from({ length: 30 }, (_, at) => [100 * at + 7, at, 100 * at + 8]),
  );
  assert.deepEqual((await all(-2, 50, { outcome: ['blocked'] })).rows, found.rows.slice(-2));
  assert.deepEqual((await all(0, 1, { text: 'nowhere to be found' })).total, 0);
});

test('what is added is found by reading on, also in the next file', async (t) => {
  const { lines, all } = scene(t);
  lines.many(300);
  const blocked = { outcome: ['blocked' as const] };
  assert.deepEqual([(await all(0)).total, (await all(0, 10, blocked)).total], [300, 0]);
  lines.many(3, () => ({ outcome: 'blocked' }));
  assert.deepEqual([(await all(-1)).rows.map(seqOf), (await all(0, 10, blocked)).rows.map(seqOf)], [[302], [300, 301, 302]]);
  lines.rotate();
  lines.many(2, () => ({ outcome: 'blocked' }));
  const found = await all(0, 10, blocked);
  assert.deepEqual(
    found.rows.map((row) => [seqOf(row), row.line]),
    [
      [300, 301],
      [301, 302],
      [302, 303],
      [303, 1],
      [304, 2],
    ],
  );
  assert.equal((await all(0)).total, 305);
});

test('whoever asks for no rows is told how many there are, of what was added too', async (t) => {
  const { lines, rows } = scene(t);
  lines.many(500);
  assert.deepEqual(await rows(0, 0), { rows: [], total: 500, complete: true, records: 500 });
  lines.many(20);
  assert.deepEqual(await rows(0, 0), { rows: [], total: 520, complete: true, records: 520 });
  assert.deepEqual(await rows(0, 0, { text: 'number-519' }), { rows: [], total: 1, complete: true, records: 520 });
});

test('a line under way is no row until it ends', async (t) => {
  const { lines, all } = scene(t);
  lines.many(3);
  const next = lines.line();
  lines.raw(next.slice(0, 50));
  assert.deepEqual([(await all(-9)).total, (await all(0, 9, { type: ['command'] })).total], [3, 3]);
  lines.raw(`${next.slice(50)}\n`);
  assert.deepEqual([(await all(-9)).total, (await all(0, 9, { type: ['command'] })).total], [4, 4]);
});

test('what a crash left at the end of a file does not hide the next file', async (t) => {
  const { lines, all } = scene(t);
  lines.many(3);
  lines.raw('{"v":3,"to');
  lines.rotate();
  lines.many(3);
  assert.deepEqual((await all(0)).rows.map(seqOf), [0, 1, 2, 3, 4, 5]);
  assert.deepEqual((await all(0, 9, { type: ['command'] })).rows.map(seqOf), [0, 1, 2, 3, 4, 5]);
});

test('lines that are no records are rows too, as they are', async (t) => {
  const { lines, all } = scene(t);
  lines.many(2);
  lines.raw(Buffer.from('\u0000garbage\n\n{"seq":"x"}\n', 'latin1'));
  lines.raw(`${'x'.repeat(3 * lineLimitBytes)}\n`);
  lines.many(2);
  lines.raw(Buffer.from([0xff, 0xfe, 0x0a]));
  const found = await all(0, 20);
  assert.deepEqual(
    found.rows.slice(2, 6).map(({ text }) => text),
    ['\u0000garbage', '', '{"seq":"x"}', `(a line of ${3 * lineLimitBytes + 1} bytes, longer than any record)`],
  );
  assert.equal(found.rows.at(-1)?.text, '\ufffd\ufffd');
  assert.deepEqual([found.total, (await all(-1)).rows[0]?.line], [9, 9]);
  assert.deepEqual(
    (await all(0, 9, { type: ['command'] })).rows.map(({ line }) => line),
    [1, 2, 7, 8],
  );
});

test('a file that is replaced, cut or removed is read anew', async (t) => {
  const { lines, all } = scene(t);
  lines.many(500);
  const blocked = { outcome: ['blocked' as const] };
  assert.deepEqual([(await all(0)).total, (await all(0, 10, blocked)).total], [500, 0]);
  const [first = ''] = readFileSync(lines.path, 'utf8').split('\n');
  truncateSync(lines.path, first.length + 1);
  assert.deepEqual((await all(0)).rows.map(seqOf), [0]);
  const other = new TestLines(lines.folder, 'other');
  other.many(900, () => ({ outcome: 'blocked' }));
  renameSync(other.path, lines.path);
  assert.deepEqual([(await all(-1)).rows.map(seqOf), (await all(0, 10, blocked)).total], [[899], 900]);
  writeFileSync(lines.path, readFileSync(lines.path, 'utf8').replaceAll('blocked', 'success'));
  assert.equal((await all(0, 10, blocked)).total, 0);
  rmSync(lines.path);
  assert.deepEqual(await all(-10), { rows: [], total: 0, complete: true, records: 0 });
});

test('an old file that is removed takes its rows with it', async (t) => {
  const { lines, all } = scene(t);
  lines.many(40);
  const oldest = lines.path;
  lines.rotate();
  lines.many(40);
  assert.equal((await all(0)).total, 80);
  rmSync(oldest);
  const found = await all(0, 2);
  assert.deepEqual([found.total, found.rows.map(seqOf), found.rows.map(({ line }) => line)], [40, [40, 41], [1, 2]]);
});

test('many questions at once get the same answers as one after the other', async (t) => {
  const { lines, all } = scene(t);
  lines.many(2000, (index) => (index % 3 === 0 ? { outcome: 'error' } : {}));
  const filters: readonly Partial<RecordFilter>[] = [
    {},
    { outcome: ['error'] },
    ...Array.from({ length: 8 }, (_, n) => ({ text: `number-${n}` })),
  ];
  const together = await Promise.all(filters.map((filter) => all(0, 20, filter)));
  for (const [index, filter] of filters.entries()) assert.deepEqual(together[index], await all(0, 20, filter));
});

test('long rows are given a few at a time', async (t) => {
  const { lines, all } = scene(t);
  lines.many(100, () => ({ detail: Object.fromEntries(Array.from({ length: 25 }, (_, at) => [`k${at}`, 'x'.repeat(4000)])) }));
  const found = await all(0, 100);
  assert.ok(found.rows.length > 10 && found.rows.length < 60, String(found.rows.length));
  assert.deepEqual((await all(found.rows.length, 5)).rows.map(({ row }) => row)[0], found.rows.length);
});

test('what filters found takes eight bytes a row, and only the last few are kept', async (t) => {
  const { lines, reader, all } = scene(t);
  lines.many(4000);
  for (let n = 0; n < 20; n += 1) await all(0, 1, { text: `/bin/number-${n}` });
  const before = reader.bytes;
  await all(0, 1, { type: ['command'] });
  assert.ok(reader.bytes - before < 4000 * 8 * 2, String(reader.bytes - before));
});

test('an overview counts all records by type, outcome and time, and goes on counting', async (t) => {
  const { lines, reader } = scene(t);
  lines.many(90, (index) => (index % 9 === 0 ? { type: 'network', outcome: 'blocked' } : {}));
  lines.raw('no record\n');
  const make = (): Overview => new Overview();
  const { pass, bytes } = await reader.whole(make);
  assert.equal(bytes, readFileSync(lines.path).length);
  assert.deepEqual(
    [pass.records, pass.types, pass.outcomes],
    [91, { network: 10, command: 80, other: 1 }, { blocked: 10, success: 80, other: 1 }],
  );
  assert.deepEqual([pass.firstAt, pass.lastAt], ['2026-01-01T00:00:00.000Z', '2026-01-01T00:01:29.000Z']);
  const bars = pass.bars(10);
  assert.ok(bars.length <= 10);
  assert.deepEqual([bars.reduce((sum, { records }) => sum + records, 0), bars.reduce((sum, { blocked }) => sum + blocked, 0)], [90, 10]);
  lines.rotate();
  lines.many(9);
  const again = await reader.whole(make);
  assert.equal(again.pass, pass);
  assert.deepEqual([pass.records, pass.lastAt], [100, '2026-01-01T00:01:38.000Z']);
});

test('readers are kept for a few chains and let go when nobody asks', async (t) => {
  const { lines } = scene(t);
  const readers = new ChainReaders(lines.folder, 20);
  const first = readers.of('a');
  assert.equal(readers.of('a'), first);
  for (const id of ['b', 'c', 'd', 'e', 'f']) readers.of(id);
  const kept = (): number => readers.size;
  assert.equal(kept(), 4);
  assert.notEqual(readers.of('a'), first);
  for (let look = 0; look < 200 && kept() > 0; look += 1) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(kept(), 0);
});
