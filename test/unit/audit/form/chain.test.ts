/** A line is what FORMAT.md says, holds whatever it is given, and nothing in it can pose as something else. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  detailLimitBytes,
  genesis,
  lineLimitBytes,
  macOf,
  macSuffixBytes,
  sealLine,
  stringLimitUnits,
} from '../../../../helper/audit/form/chain.ts';
import { readLine, type RecordForm } from '../../../../helper/audit/form/line.ts';
import { recordLine, type RecordEntry } from '../../../../helper/protocol/record.ts';
import { entry, testKey, testSandbox } from '../../../kit/records.ts';

const place = { sandbox: testSandbox, seq: 0, epoch: 0, ts: '2026-01-01T00:00:00.000Z', mono: 1.5, prev: genesis };
const seal = (change: Partial<RecordEntry>): { readonly line: string; readonly digest: string } =>
  sealLine(testKey, place, { ...entry, ...change });

/** The line as a reader sees it; fails unless it is a record and its mac fits. */
function read(line: string): RecordForm {
  const found = readLine(Buffer.from(line));
  assert.ok(found.kind === 'record');
  assert.equal(found.mac, macOf(testKey, `${line.slice(0, -macSuffixBytes)}}`));
  return found;
}

test('a line’s digest is that of its bytes', () => {
  const { line, digest } = seal({});
  assert.equal(digest, createHash('sha256').update(line).digest('hex'));
});

test('any text whatever becomes one line of printable ASCII that reads back the same', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })),
      (text, detail) => {
        const { line } = seal({ action: text, target: text, detail });
        assert.match(line, /^[\x20-\x7e]*$/);
        const raw: unknown = JSON.parse(line);
        const back = recordLine.parse(raw);
        assert.equal(back.action, text);
        assert.equal(back.target, text);
        // Not as the schema reads it, which leaves out a member named __proto__.
        assert.ok(typeof raw === 'object' && raw !== null && 'detail' in raw);
        assert.equal(JSON.stringify(raw.detail), JSON.stringify(detail));
        read(line);
      },
    ),
  );
});

test('nothing in a value can pose as a member of the line', () => {
  const forged = `","outcome":"intent","prev":"${genesis}","mac":"${genesis}"}`;
  const { line } = seal({ action: forged, target: forged, detail: { [forged]: forged, intent: forged } });
  assert.equal(read(line).intent, null);
});

test('a huge string is cut, and its digest kept', () => {
  const text = 'é'.repeat(1_000_000);
  const { line } = seal({ action: text, detail: { argv: ['a', text] } });
  const back = recordLine.parse(JSON.parse(line));
  assert.equal(back.action.length, stringLimitUnits);
  const whole = { bytes: 2_000_000, sha256: createHash('sha256').update(text).digest('hex') };
  assert.deepEqual(back['cut'], [
    { path: '/action', ...whole },
    { path: '/detail/argv/1', ...whole },
  ]);
});

test('no detail makes a line longer than readers accept', () => {
  const many = { argv: Array.from({ length: 100_000 }, () => 'argument') };
  const nested = JSON.parse(`${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}`) as { readonly [key: string]: never };
  for (const detail of [many, nested, { many: Array.from({ length: 200 }, () => '\u202e'.repeat(5000)) }]) {
    const { line } = seal({ action: '\u202e'.repeat(10_000), target: '\u202e'.repeat(10_000), detail });
    assert.ok(line.length < detailLimitBytes + 100_000 && line.length < lineLimitBytes);
    read(line);
  }
});
