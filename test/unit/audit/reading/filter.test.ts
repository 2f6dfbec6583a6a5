/** A filter finds what it says, however a line is written, and no line makes it fail. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileFilter } from '../../../../helper/audit/reading/filter.ts';
import { wantedIn } from '../../../../helper/audit/reading/matches.ts';
import { LassoError } from '../../../../helper/protocol/errors.ts';
import { recordFilter, type RecordFilter } from '../../../../helper/protocol/record-operations.ts';
import { TestLines } from '../../../kit/record-lines.ts';

const now = new Date('2026-01-02T00:00:00Z');
const chain = new TestLines('/nowhere');
/** name → line; a second apart from 2026-01-01T00:00:00Z on unless said otherwise */
const lines: Readonly<Record<string, string>> = {
  plain: chain.line({ target: '/bin/ls -la' }),
  blocked: chain.line({ outcome: 'blocked', target: 'Curl https://registry.example/x', detail: { reason: 'No rule allows it' } }),
  network: chain.line({ type: 'network', action: 'connect', outcome: 'error', target: 'registry.example:443' }),
  quoted: chain.line({ target: 'echo "outcome":"blocked"', detail: { argv: ['echo', 'say "hi"', 'back\\slash'] } }),
  unicode: chain.line({ target: 'touch Grüße-\u{1f600} \u202e' }),
  newline: chain.line({ target: 'first\nsecond\tthird' }),
  nested: chain.line({ detail: { outcome: 'blocked', type: 'network' } }),
  late: chain.line({ atMs: 86_400_000 - 60_000, outcome: 'intent' }),
  slash: '{"v":3,"target":"\\u002fbin\\/h\\u0069dden"}',
  elsewhere: '{"outcome": "blocked", "type": "command", "ts": "2026-01-01T00:00:01.000Z"}',
  garbage: '\u0000\u00ff\u00fe{"type":"comm',
  list: '["type","command"]',
  empty: '',
  deep: '['.repeat(5000),
};
const all = Object.keys(lines);
const records = all.slice(0, 8);

const cases: readonly (readonly [filter: Partial<RecordFilter>, wanted: readonly string[]])[] = [
  [{}, all],
  [{ text: '' }, all],
  [{ outcome: ['blocked'] }, ['blocked']],
  [{ outcome: ['error', 'intent'] }, ['network', 'late']],
  [{ type: ['network'] }, ['network']],
  [{ type: ['network', 'command'], outcome: ['blocked'] }, ['blocked']],
  [{ type: ['network'], outcome: ['blocked'] }, []],
  [{ text: 'REGISTRY.example' }, ['blocked', 'network']],
  [{ text: 'registry', outcome: ['error'] }, ['network']],
  [{ text: 'say "HI"' }, ['quoted']],
  [{ text: 'back\\slash' }, ['quoted']],
  [{ text: 'gRÜSSE' }, []],
  [{ text: 'gRÜßE' }, ['unicode']],
  [{ text: '\u{1f600}' }, ['unicode']],
  [{ text: '\u202e' }, ['unicode']],
  [{ text: 'first\nsecond\tTHIRD' }, ['newline']],
  [{ text: 'firstnsecond' }, []],
  [{ text: '/bin/hidden' }, ['slash']],
  [{ text: '.*' }, []],
  [{ text: '(((' }, []],
  [{ since: '1m' }, ['late']],
  [{ since: '2h' }, ['late']],
  [{ until: '2026-01-01T00:00:01Z' }, ['plain', 'blocked', 'elsewhere']],
  [{ since: '2026-01-01T01:00:01+01:00', until: '2026-01-01 00:00:02' }, ['blocked', 'network', 'elsewhere']],
  [{ since: '2026-01-01', until: '2026-01-01' }, [...records, 'elsewhere']],
  [{ since: '2026-01-02' }, []],
];

for (const [given, wanted] of cases)
  test(`${JSON.stringify(given)} finds ${wanted.length} of ${all.length} lines, one by one and all together`, () => {
    const filter = recordFilter.parse(given);
    const ready = compileFilter(filter, now);
    const bytes = (name: string): Buffer => Buffer.from(lines[name] ?? '');
    assert.deepEqual(
      all.filter((name) => ready.wants(bytes(name).toString('latin1'))),
      wanted,
    );
    const text = Buffer.concat(all.map((name) => Buffer.concat([bytes(name), Buffer.from('\n')]))).toString('latin1');
    const starts = [...wantedIn(text, ready)];
    assert.deepEqual(
      starts.map((start) => text.slice(start, text.indexOf('\n', start))),
      wanted.map((name) => bytes(name).toString('latin1')),
    );
  });

for (const [option, text] of [
  ['since', 'yesterday'],
  ['until', '2026-02-31'],
  ['since', '2026-13-01'],
  ['since', '5w'],
  ['until', '-1h'],
  ['since', '2026-01-01T25:00'],
  ['since', ''],
] as const)
  test(`--${option} ${JSON.stringify(text)} is refused with the forms there are`, () => {
    assert.throws(
      () => compileFilter(recordFilter.parse({ [option]: text }), now),
      (error) =>
        error instanceof LassoError &&
        error.code === 'BAD_REQUEST' &&
        error.message.startsWith(`--${option} `) &&
        /90s.*2026-01-31/.test(error.hint),
    );
  });
