/** What the editor takes from an audit page, and what it tells one: hostile texts stay visible text, in bounds. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { askOf, sandboxOf } from '../../../extension/audit/asks.ts';
import { Conversation, type Outside } from '../../../extension/audit/conversation.ts';
import { detailsOf, originOf, rowOf } from '../../../extension/audit/display.ts';
import { rowAt } from '../../../extension/audit/place.ts';
import { proofOf } from '../../../extension/audit/proof.ts';
import { Failure } from '../../../extension/failure.ts';
import type { PageNews } from '../../../helper/protocol/record-page.ts';
import type { VerifyReport } from '../../../helper/protocol/record.ts';

const id = '0123456789ab';
const filter = { types: [], outcomes: [] };
const line = (fields: object): string =>
  JSON.stringify({ v: 3, seq: 7, ts: '2026-01-01T00:00:00.000Z', sandbox: id, type: 'command', ...fields });
const viewed = (text: string) => ({ file: `/records/${id}.jsonl`, line: 8, text });

describe('a page may ask', () => {
  const known: readonly object[] = [
    { kind: 'ready' },
    { kind: 'overview' },
    { kind: 'verify' },
    { kind: 'rows', ask: 1, filter, from: -100, limit: 100 },
    {
      kind: 'rows',
      ask: 1,
      filter: { types: ['command'], outcomes: ['blocked'], since: '2026-01-01T00:00:00.000Z', text: '<b>' },
      from: 0,
      limit: 0,
    },
    { kind: 'details', ask: 2, filter, row: 3 },
    { kind: 'find', problem: 0 },
    { kind: 'rule', filter, row: 3 },
    { kind: 'copy', filter, row: 3 },
    { kind: 'export', filter, format: 'csv' },
  ];
  for (const ask of known) test(JSON.stringify(ask), () => assert.deepEqual(askOf(ask), ask));
});

describe('a page may not ask', () => {
  const refused: readonly unknown[] = [
    null,
    'ready',
    {},
    { kind: 'constructor' },
    { kind: 'openFile', file: '/etc/passwd' },
    { kind: 'rows', ask: 1, filter, from: 0, limit: 1001 },
    { kind: 'rows', ask: 1, filter, from: 0.5, limit: 10 },
    { kind: 'rows', ask: 1, filter, from: 0, limit: -1 },
    { kind: 'rows', ask: Infinity, filter, from: 0, limit: 1 },
    { kind: 'rows', ask: 1, from: 0, limit: 1 },
    { kind: 'details', ask: 1, filter: { types: ['__proto__'], outcomes: [] }, row: 1 },
    { kind: 'details', ask: 1, filter: { types: [], outcomes: [], since: '7d' }, row: 1 },
    { kind: 'details', ask: 1, filter: { types: [], outcomes: [], text: 'x'.repeat(1001) }, row: 1 },
    { kind: 'details', ask: 1, filter: { types: Array.from({ length: 21 }, () => 'command'), outcomes: [] }, row: 1 },
    { kind: 'copy', filter, row: -1 },
    { kind: 'export', filter, format: 'toString' },
    { kind: 'export', filter, format: '../x' },
  ];
  for (const ask of refused) test(JSON.stringify(ask), () => assert.equal(askOf(ask), undefined));
});

test('nothing beyond the known members is taken along', () => {
  const ask = { kind: 'export', filter: { ...filter, output: '/etc/passwd' }, format: 'csv', output: '/etc/passwd', sandbox: 'other' };
  assert.deepEqual(askOf(ask), { kind: 'export', filter, format: 'csv' });
});

test('a page that is restored names a record by its id and nothing else', () => {
  assert.equal(sandboxOf({ sandbox: id }), id);
  for (const state of [undefined, {}, { sandbox: '../x' }, { sandbox: `${id}"><script>` }, { sandbox: 1 }])
    assert.equal(sandboxOf(state), undefined);
});

test('a row says what was done, and why it was blocked', () => {
  const text = line({
    action: 'start',
    outcome: 'blocked',
    target: 'git push --force',
    detail: { reason: 'It rewrites what others have.', pid: 3 },
  });
  assert.deepEqual(rowOf(7, viewed(text)), {
    row: 7,
    seq: '7',
    time: '2026-01-01 00:00:00.000',
    type: 'command',
    action: 'start',
    outcome: 'blocked',
    what: 'git push --force',
    more: 'It rewrites what others have.',
    broken: false,
  });
});

test('what an agent wrote cannot forge a row, turn text around or move a terminal', () => {
  const target = 'a\n8  forged\u202Egnp.exe\u001b[2J\u2028x\u200bz';
  const { what, more } = rowOf(0, viewed(line({ action: 'exec', outcome: 'success', target, detail: { 'k\u202e': '\u0007' } })));
  assert.equal(what, 'a\\u{a}8  forged\\u{202e}gnp.exe\\u{1b}[2J\\u{2028}x\\u{200b}z');
  assert.equal(more, 'k\\u{202e} \\u{7}');
  const details = detailsOf(0, viewed(line({ target, [`x\u202e`]: 1, detail: { reason: '\u001b]8;;http://evil.example\u0007' } })));
  assert.doesNotMatch(JSON.stringify([{ ...details, json: details.json.replaceAll('\n', '') }]), /[\u0000-\u001f\u200b\u2028\u202e]/);
});

test('a line that is no record is shown as one, whatever it holds', () => {
  for (const text of ['not json\u0007', '[1,2]', 'null', '{"a":1}', '', '\u202e']) {
    const row = rowOf(3, viewed(text));
    assert.deepEqual([row.broken, row.seq], [true, 'line 8']);
    assert.equal(detailsOf(3, viewed(text)).title, 'This line is no record');
    assert.doesNotMatch(row.what, /[\u0007\u202e]/);
  }
});

test('fields of any kind and size are shown in bounds', () => {
  const huge = 'x'.repeat(900_000);
  const odd = line({
    ts: huge,
    action: { a: 1 },
    outcome: [huge],
    target: huge,
    detail: { reason: huge, list: Array.from({ length: 5000 }, () => 'y') },
  });
  assert.ok(JSON.stringify(rowOf(0, viewed(odd))).length < 5000);
  assert.ok(JSON.stringify(detailsOf(0, viewed(odd))).length < 400_000);
  const wide = line({ detail: Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`k${index}`, index])) });
  assert.ok(detailsOf(0, viewed(wide)).members.length <= 400);
});

test('every member is there, objects by the way to them', () => {
  const { members, rule, place, title } = detailsOf(
    0,
    viewed(
      line({ action: 'start', actor: { kind: 'agent' }, detail: { rule: 'commands.block', origin: 'standard.toml:16', argv: ['a', 'b'] } }),
    ),
  );
  const named = Object.fromEntries(members.map(({ name, value }) => [name, value]));
  assert.equal(named['actor.kind'], 'agent');
  assert.equal(named['detail.argv'], '["a","b"]');
  assert.deepEqual(rule, { text: 'commands.block, standard.toml:16', opens: true });
  assert.deepEqual([place, title], [`${id}.jsonl, line 8`, 'command start']);
});

test('only the line of a profile is a place that opens', () => {
  const origin = (value: unknown): string | undefined => originOf(line({ detail: { origin: value } }));
  assert.equal(origin('standard.toml:16'), 'standard.toml:16');
  for (const value of ['/etc/passwd:1', '../x.toml:1', 'a b.toml:1', 'x.toml', 'x.toml:1\n', 7, 'command:x'])
    assert.equal(origin(value), undefined);
});

const report: VerifyReport = {
  status: 'intact',
  valid: true,
  sandbox: id,
  files: [`/records/${id}.jsonl`],
  records: 1000,
  verified: 1000,
  anchored: 996,
  anchoredAt: '2026-01-01T00:10:00.000Z',
  problems: [],
};

test('the banner says which part is proven, and by what', () => {
  const { level, title, parts } = proofOf(report, 5);
  assert.deepEqual([level, title], ['proven', 'Intact']);
  assert.deepEqual(parts, [
    'By keys: all 1,000 records.',
    'By checkpoints: the first 996, signed 2026-01-01 00:10:00.000 UTC; 4 are newer.',
  ]);
  assert.match(proofOf({ ...report, verified: 0 }, 0).parts[0] ?? '', /^By keys: none/);
  assert.match(proofOf({ ...report, status: 'unanchored', anchored: 0 }, 0).parts[1] ?? '', /none yet/);
});

test('the banner says what is wrong and where, errors before notes, as visible text', () => {
  const problems = [
    { code: 'unfinished', level: 'note', file: '/records/x.jsonl', seq: 4, message: 'no outcome' },
    {
      code: 'edited',
      level: 'error',
      file: '/records/x.jsonl',
      line: 3,
      seq: 2,
      since: '2026-01-01T00:00:00.000Z',
      message: 'line\u001b 3',
    },
  ] as const;
  const proof = proofOf({ ...report, status: 'tampered', valid: false, verified: 999, problems: [...problems] }, 0);
  assert.equal(proof.level, 'broken');
  assert.deepEqual(
    proof.problems.map(({ text }) => text),
    ['edited: line\\u{1b} 3', 'unfinished: no outcome'],
  );
  assert.equal(proof.problems[0]?.place, 'record 2, x.jsonl, line 3, after 2026-01-01 00:00:00.000 UTC');
});

describe('the row of a line', () => {
  // Two files; the second lacks its third line.
  const rows = [...[1, 2, 3, 4].map((each) => ({ file: 'a', line: each })), ...[1, 2, 4, 5].map((each) => ({ file: 'b', line: each }))];
  const cases: readonly (readonly [file: string, line: number, row: number | undefined])[] = [
    ['a', 1, 0],
    ['a', 4, 3],
    ['b', 1, 4],
    ['b', 3, 6],
    ['b', 5, 7],
    ['b', 99, 7],
    ['c', 1, undefined],
  ];
  for (const [file, at, row] of cases)
    test(`${file}:${at}`, async () =>
      assert.equal(await rowAt({ file, line: at }, ['a', 'b'], rows.length, async (index) => rows[index]), row));
  test('a million rows need few looks', async () => {
    let looks = 0;
    const found = await rowAt({ file: 'b', line: 400_000 }, ['a', 'b'], 1_000_000, async (row) => {
      looks += 1;
      return row < 500_000 ? { file: 'a', line: row + 1 } : { file: 'b', line: row - 499_999 };
    });
    assert.equal(found, 899_999);
    assert.ok(looks <= 22);
  });
});

/** An editor whose helper has a record of three lines. */
function conversation(change: Partial<Outside> = {}) {
  const news: PageNews[] = [];
  const done: string[] = [];
  const texts = ['{"type":"command"}', line({ detail: { origin: 'standard.toml:16' } }), 'no record'];
  const request = async (name: string, params: object): Promise<unknown> => {
    done.push(name);
    const { from = 0, limit = 0 } = params as { readonly from?: number; readonly limit?: number };
    const rows = texts.map((text, row) => ({ ...viewed(text), row })).slice(from, from + limit);
    return { rows, total: 3, complete: true, records: 3 };
  };
  const outside: Outside = {
    request: request as Outside['request'],
    post: (each) => void news.push(each),
    name: () => 'app',
    named: () => undefined,
    openRule: async (origin) => void done.push(`rule ${origin}`),
    copy: async (text) => void done.push(`copy ${text}`),
    save: async (format) => void done.push(`save ${format}`),
    failed: (error) => void done.push(`failed ${String(error)}`),
    ...change,
  };
  return { talk: new Conversation(id, outside), news, done, settled: () => new Promise((resolve) => setImmediate(resolve)) };
}

test('of one kind of question one is out at a time, and of those that wait only the newest is asked', async () => {
  const { talk, news, done, settled } = conversation();
  for (let ask = 1; ask <= 1000; ask += 1) talk.take({ kind: 'rows', ask, filter, from: 0, limit: 2 });
  await settled();
  assert.equal(done.length, 2);
  assert.deepEqual(
    news.map((each) => 'ask' in each && each.ask),
    [1, 1000],
  );
});

test('a rule is opened, and a line copied, from the record and not from what the page says', async () => {
  const { talk, done, settled } = conversation();
  talk.take({ kind: 'rule', filter, row: 1, origin: '/etc/passwd:1' });
  await settled();
  talk.take({ kind: 'copy', filter, row: 2, text: 'other' });
  await settled();
  assert.deepEqual(done, ['auditRows', 'rule standard.toml:16', 'auditRows', 'copy no record']);
});

test('what fails is told to the page with its number, and after the end nothing is told', async () => {
  const failing = conversation({ request: () => Promise.reject(new Failure('There is no such record\u202e.', { hint: 'Look again.' })) });
  failing.talk.take({ kind: 'details', ask: 4, filter, row: 9 });
  await failing.settled();
  assert.deepEqual(failing.news, [
    { kind: 'failed', what: 'details', ask: 4, message: 'There is no such record\\u{202e}.', hint: 'Look again.' },
  ]);
  const { talk, news, settled } = conversation();
  talk.take({ kind: 'rows', ask: 1, filter, from: 0, limit: 2 });
  talk.dispose();
  await settled();
  assert.deepEqual(news, []);
});
