/** Arguments never push the rest of a record out, however many there are. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { ascii, detailLimitBytes } from '../../../../helper/audit/form/chain.ts';
import { fitArguments } from '../../../../helper/audit/entries/fit-arguments.ts';
import type { RecordEntry } from '../../../../helper/protocol/record.ts';

const entryOf = (argv: readonly string[]): RecordEntry => ({
  ...{ type: 'command', action: 'start', outcome: 'blocked', actor: { kind: 'agent', face: 'guest' } },
  detail: { argv, verdict: 'deny', rule: 'commands.blacklist[3]' },
});

const many: readonly (readonly [name: string, argv: readonly string[]])[] = [
  ['very many', Array.from({ length: 50_000 }, (_, index) => `file-${index}`)],
  ['very long', Array.from({ length: 200 }, () => 'x'.repeat(4096))],
  ['longer than is kept', Array.from({ length: 200 }, () => 'x'.repeat(10_000))],
  ['full of what is written as six characters', Array.from({ length: 40 }, () => '\u202e'.repeat(4000))],
];

for (const [name, argv] of many)
  test(`a program with arguments that are ${name} is recorded with its verdict, and the rest by a digest`, () => {
    const { detail = {} } = fitArguments(entryOf(argv));
    const kept = detail['argv'];
    assert.ok(Array.isArray(kept) && kept.length > 0 && kept.length < argv.length);
    const rest = argv.slice(kept.length);
    assert.deepEqual(detail['argvRest'], { words: rest.length, sha256: createHash('sha256').update(rest.join('\0')).digest('hex') });
    assert.equal(detail['verdict'], 'deny');
    const shortened = { ...detail, argv: kept.map((word) => String(word).slice(0, 4096)) };
    const long = kept.filter((word) => String(word).length > 4096).length;
    assert.ok(ascii(JSON.stringify(shortened)).length + long * 160 < detailLimitBytes);
  });

test('usual arguments stay as they are', () => {
  const entry = entryOf(['git', 'commit', '-m', 'a'.repeat(4000)]);
  assert.equal(fitArguments(entry), entry);
  const without: RecordEntry = { type: 'lifecycle', action: 'stop', outcome: 'success', actor: { kind: 'system', face: 'helper' } };
  assert.equal(fitArguments(without), without);
});
