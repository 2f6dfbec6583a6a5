/** Rows are asked for one question at a time, only those in sight, and what comes too late is dropped. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PageAsk, PageFilter, PageNews, PageRow } from '../../../helper/protocol/record-page.ts';
import { Feed } from '../../../media/audit/feed.ts';
import { Rows } from '../../../media/audit/rows.ts';

type RowsAsk = Extract<PageAsk, { kind: 'rows' }>;
const all: PageFilter = { types: [], outcomes: [] };
const blocked: PageFilter = { types: [], outcomes: ['blocked'] };

const rowOf = (row: number): PageRow => ({
  row,
  seq: `${row}`,
  time: '',
  type: '',
  action: '',
  outcome: '',
  what: '',
  more: '',
  broken: false,
});
const rowsOf = (from: number, limit: number): PageRow[] => Array.from({ length: limit }, (_, index) => rowOf(from + index));

/** A record of `total` rows that answers when it is told to. */
function feedOf(total: number) {
  const asked: RowsAsk[] = [];
  let waiting: (() => void) | undefined;
  let changes = 0;
  let size = total;
  const feed = new Feed(all, {
    post: (ask) => asked.push(ask as RowsAsk),
    changed: () => (changes += 1),
    later: (work) => {
      waiting = work;
      return () => (waiting = undefined);
    },
  });
  const answer = (ask: RowsAsk | undefined = asked.at(-1)): void => {
    assert.ok(ask);
    const from = ask.from < 0 ? Math.max(0, size + ask.from) : ask.from;
    const rows = rowsOf(from, Math.max(0, Math.min(ask.limit, size - from)));
    const news: Extract<PageNews, { kind: 'rows' }> = { kind: 'rows', ask: ask.ask, rows, total: size, complete: true, records: size };
    feed.take(news);
  };
  return {
    feed,
    asked,
    answer,
    wait: () => waiting?.(),
    grow: (by: number) => (size += by),
    get changes() {
      return changes;
    },
  };
}

test('the last rows are asked for first, before it is known how many there are', () => {
  const { feed, asked, answer } = feedOf(1_000_000);
  feed.setFilter(all);
  assert.deepEqual([asked[0]?.from, asked[0]?.limit], [-100, 100]);
  answer();
  assert.equal(feed.total, 1_000_000);
  assert.equal(feed.get(999_999)?.seq, '999999');
});

test('only what is in sight and missing is asked for, and little around it', () => {
  const { feed, asked, answer } = feedOf(1_000_000);
  feed.setFilter(all);
  answer();
  feed.look({ from: 999_960, limit: 30 });
  assert.equal(asked.length, 1);
  feed.look({ from: 500_000, limit: 30 });
  assert.deepEqual([asked[1]?.from, asked[1]?.limit], [499_970, 90]);
});

test('while an answer is awaited a scroll asks nothing; the next question is about where it ended', () => {
  const { feed, asked, answer } = feedOf(1_000_000);
  feed.setFilter(all);
  answer();
  for (let row = 0; row < 900_000; row += 1000) feed.look({ from: row, limit: 30 });
  assert.equal(asked.length, 2);
  answer();
  assert.equal(asked.length, 3);
  assert.equal(asked[2]?.from, 899_000 - 30);
});

test('answers about rows of an earlier filter are dropped', () => {
  const { feed, asked, answer } = feedOf(1000);
  feed.setFilter(all);
  const old = asked[0];
  feed.setFilter(blocked);
  answer(old);
  assert.equal(feed.total, undefined);
  answer();
  assert.equal(feed.total, 1000);
  assert.deepEqual(asked[1]?.filter, blocked);
});

test('what is written while it is looked at is found by asking for no rows', () => {
  const told = feedOf(100);
  told.feed.setFilter(all);
  told.answer();
  const before = told.changes;
  told.wait();
  assert.equal(told.asked.at(-1)?.limit, 0);
  told.answer();
  assert.equal(told.changes, before);
  told.grow(5);
  told.wait();
  told.answer();
  assert.equal(told.feed.total, 105);
  assert.equal(told.changes, before + 1);
});

test('rows that do not come are asked for again, but not in a circle', () => {
  const { feed, asked, wait } = feedOf(1000);
  feed.setFilter(all);
  const nothing = (ask: number): void => feed.take({ kind: 'rows', ask, rows: [], total: 1000, complete: true, records: 1000 });
  nothing(asked[0]?.ask ?? 0);
  feed.look({ from: 10, limit: 5 });
  nothing(asked[1]?.ask ?? 0);
  assert.equal(asked.length, 2);
  wait();
  assert.equal(asked.length, 3);
  feed.failed(asked[2]?.ask ?? 0);
  assert.equal(asked.length, 3);
  wait();
  assert.equal(asked.length, 4);
});

test('a record that became shorter is read anew', () => {
  const { feed, asked, answer, grow, wait } = feedOf(1000);
  feed.setFilter(all);
  answer();
  grow(-900);
  wait();
  answer(asked.at(-1));
  assert.equal(feed.total, 100);
  assert.equal(feed.get(999), undefined);
});

test('few rows are kept, those nearest to where the list is', () => {
  const rows = new Rows();
  for (let from = 0; from < 50_000; from += 300) rows.put(rowsOf(from, 300), from);
  assert.equal(rows.get(0), undefined);
  assert.equal(rows.get(49_900)?.row, 49_900);
  assert.equal(rows.missing({ from: 49_800, limit: 50 }, 50_000), undefined);
  assert.deepEqual(rows.missing({ from: 0, limit: 1000 }, 50_000), { from: 0, limit: 300 });
  assert.deepEqual(rows.missing({ from: 10, limit: 10 }, 12), { from: 0, limit: 12 });
});
