/** The page takes exactly what the editor may say, remembers only what fits, and says numbers as people do. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PageNews } from '../../../helper/protocol/record-page.ts';
import { keptIn } from '../../../media/audit/kept.ts';
import { newsOf } from '../../../media/audit/news.ts';
import { counted, size, stretch, tally } from '../../../media/audit/words.ts';

const row = { row: 0, seq: '0', time: '', type: 'command', action: 'start', outcome: 'blocked', what: 'x', more: '', broken: false };
const overview = { name: 'app', sandbox: '0123456789ab', exists: true, records: 1, bytes: 1, files: 1, firstAt: '', lastAt: '' };
const known: readonly PageNews[] = [
  { kind: 'rows', ask: 1, rows: [row], total: 1, complete: true, records: 1 },
  {
    kind: 'details',
    ask: 2,
    details: { row: 0, place: '', title: '', outcome: '', reason: '', members: [{ name: 'a', value: 'b' }], json: '' },
  },
  { kind: 'overview', overview: { ...overview, types: { command: 1 }, outcomes: {}, bars: [{ from: '', records: 1, blocked: 0 }] } },
  {
    kind: 'proof',
    proof: {
      level: 'proven',
      title: '',
      parts: [''],
      problems: [{ error: true, text: '', place: '', shows: true }],
      records: 1,
      tookMs: 0.5,
    },
  },
  { kind: 'proof', proof: undefined },
  { kind: 'named', name: 'app' },
  { kind: 'found', row: 3 },
  { kind: 'stir' },
  { kind: 'failed', what: 'rows', ask: 1, message: 'm', hint: '' },
  { kind: 'helper', there: false },
];

for (const news of known) test(`${news.kind} is taken`, () => assert.equal(newsOf(news), news));

const refused: readonly (readonly [what: string, value: unknown])[] = [
  ['nothing', undefined],
  ['a text', 'rows'],
  ['a list', [known[0]]],
  ['another kind', { kind: 'run', code: '1' }],
  ['a row without a member', { ...known[0], rows: [{ ...row, what: undefined }] }],
  ['a row that is an object where a text belongs', { ...known[0], rows: [{ ...row, what: { toString: 'x' } }] }],
  ['a negative count', { ...known[0], total: -1 }],
  ['a count that is none', { ...known[0], total: Number.NaN }],
  ['counts that are texts', { kind: 'overview', overview: { ...overview, types: { command: '1' }, outcomes: {}, bars: [] } }],
  ['an unknown level', { kind: 'proof', proof: { level: 'x', title: '', parts: [], problems: [], records: 0, tookMs: 0 } }],
];
for (const [what, value] of refused) test(`${what} is not taken`, () => assert.equal(newsOf(value), undefined));

test('what a page kept of itself counts for the same record only, as far as it fits', () => {
  const state = { sandbox: 'a', filter: { types: ['command', 'x'], outcomes: 'blocked', since: 1, text: 'git' }, top: 12.5, row: 3 };
  assert.deepEqual(keptIn(state, 'a'), { sandbox: 'a', filter: { types: ['command'], outcomes: [], text: 'git' }, top: 12.5, row: 3 });
  assert.deepEqual(keptIn(state, 'b'), { sandbox: 'b', filter: { types: [], outcomes: [] } });
  assert.deepEqual(keptIn('x', 'b'), { sandbox: 'b', filter: { types: [], outcomes: [] } });
  assert.deepEqual(keptIn({ sandbox: 'b', top: -1, row: 1.5 }, 'b'), { sandbox: 'b', filter: { types: [], outcomes: [] } });
});

test('amounts, sizes and times are said as people do', () => {
  assert.equal(counted(1, 'record'), '1 record');
  assert.equal(counted(1_000_000, 'record'), '1,000,000 records');
  assert.deepEqual([0, 999, 1500, 4_200_000, 420_000_000].map(size), ['0 bytes', '999 bytes', '1.5 kB', '4.2 MB', '420 MB']);
  assert.equal(stretch('2026-01-01T00:00:00.000Z', '2026-01-01T00:05:00Z'), '2026-01-01 00:00:00 – 00:05:00');
  assert.equal(stretch('2026-01-01T23:00:00Z', '2026-01-02T00:05:00Z'), '2026-01-01 23:00:00 – 2026-01-02 00:05:00');
  assert.equal(tally(undefined, false, 0, false), 'Reading…');
  assert.equal(tally(5, true, 5, false), '5 records');
  assert.equal(tally(2, true, 5, true), '2 of 5 records');
  assert.equal(tally(2, false, 5, true), 'Searching… 2 found of 5 records');
});
