/** A stretch of the timeline stands for exactly the times of its bars. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moved, rangeOf, timesOf } from '../../../media/audit/range.ts';

const bars = Array.from({ length: 10 }, (_, index) => ({ from: `2026-01-01T00:0${index}:00.000Z`, records: index, blocked: 0 }));

test('a bar ends just before the next begins', () => {
  assert.deepEqual(timesOf({ from: 2, to: 3 }, bars), { since: '2026-01-01T00:02:00.000Z', until: '2026-01-01T00:03:59.999Z' });
});

test('it does not matter which end was chosen first', () => {
  assert.deepEqual(timesOf({ from: 3, to: 2 }, bars), timesOf({ from: 2, to: 3 }, bars));
});

test('the first bar has no beginning, the last no end, and all of them no times', () => {
  assert.deepEqual(timesOf({ from: 0, to: 1 }, bars), { until: '2026-01-01T00:01:59.999Z' });
  assert.deepEqual(timesOf({ from: 8, to: 9 }, bars), { since: '2026-01-01T00:08:00.000Z' });
  assert.deepEqual(timesOf({ from: 0, to: 9 }, bars), {});
  assert.deepEqual(timesOf({ from: 0, to: 0 }, []), {});
});

test('times lead back to the bars they were made of', () => {
  for (const range of [
    { from: 2, to: 3 },
    { from: 0, to: 1 },
    { from: 8, to: 9 },
    { from: 5, to: 5 },
  ])
    assert.deepEqual(rangeOf(timesOf(range, bars), bars), range);
  assert.equal(rangeOf({}, bars), undefined);
  assert.equal(rangeOf({ since: '2026-01-01T00:02:00.000Z' }, []), undefined);
});

test('keys move one end, widen with the other kept, and stay within', () => {
  assert.deepEqual(moved(undefined, 'ArrowRight', false, 10), { from: 0, to: 0 });
  assert.deepEqual(moved({ from: 3, to: 3 }, 'ArrowRight', true, 10), { from: 3, to: 4 });
  assert.deepEqual(moved({ from: 3, to: 4 }, 'ArrowLeft', false, 10), { from: 3, to: 3 });
  assert.deepEqual(moved({ from: 3, to: 9 }, 'ArrowRight', false, 10), { from: 9, to: 9 });
  assert.deepEqual(moved({ from: 3, to: 3 }, 'End', true, 10), { from: 3, to: 9 });
  assert.equal(moved({ from: 3, to: 3 }, 'toString', false, 10), undefined);
  assert.equal(moved(undefined, 'Home', false, 0), undefined);
});
