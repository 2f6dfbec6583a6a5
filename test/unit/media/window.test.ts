/** Which rows are in sight, for lists of any length and scrollbars that browsers can draw. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  lastTop,
  rowsInSight,
  rowsOnPage,
  scrollOf,
  scrollPx,
  topAround,
  topOf,
  topShowing,
  type Geometry,
} from '../../../media/audit/window.ts';

const list = (rows: number, viewPx = 480): Geometry => ({ rows, rowPx: 24, viewPx });

test('a short list scrolls pixel by pixel', () => {
  const geometry = list(1000);
  assert.equal(scrollPx(geometry), 24_000);
  assert.equal(topOf(1234, geometry), 1234);
  assert.equal(scrollOf(1234, geometry), 1234);
});

test('a list of any length has a scrollbar that browsers can draw, and its ends are reached', () => {
  for (const rows of [1_000_000, 50_000_000]) {
    const geometry = list(rows);
    assert.ok(scrollPx(geometry) <= 10_000_000);
    assert.equal(topOf(0, geometry), 0);
    assert.equal(topOf(scrollPx(geometry) - geometry.viewPx, geometry), lastTop(geometry));
    const { first, count } = rowsInSight(lastTop(geometry), geometry);
    assert.equal(first + count, rows);
  }
});

test('the scrollbar and the list lead to each other', () => {
  fc.assert(
    fc.property(fc.nat(10_000_000), fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 3000 }), (rows, part, viewPx) => {
      const geometry = list(rows, viewPx);
      const top = part * lastTop(geometry);
      assert.ok(Math.abs(topOf(scrollOf(top, geometry), geometry) - top) < 0.01);
      const { first, count, abovePx } = rowsInSight(top, geometry);
      assert.ok(first >= 0 && count >= 0 && first + count <= rows && abovePx >= 0 && abovePx < 24.01);
      assert.ok(count <= viewPx / 24 + 2);
    }),
  );
});

test('an empty list shows nothing', () => {
  assert.deepEqual(rowsInSight(0, list(0)), { first: 0, count: 0, abovePx: 0 });
  assert.equal(scrollOf(0, list(0)), 0);
  assert.equal(topOf(100, list(0)), 0);
});

test('a row comes into sight by the shortest way, and is left where it is in sight', () => {
  const geometry = list(1000);
  assert.equal(topShowing(10, 0, geometry), 0);
  assert.equal(topShowing(20, 0, geometry), 24);
  assert.equal(topShowing(3, 480, geometry), 72);
  assert.equal(topShowing(999, 0, geometry), lastTop(geometry));
  assert.equal(topAround(0, geometry), 0);
  assert.equal(rowsInSight(topAround(500, geometry), geometry).first, 490);
});

test('a page is at least a row', () => {
  assert.equal(rowsOnPage(list(10, 5)), 1);
  assert.equal(rowsOnPage(list(10, 480)), 20);
});
