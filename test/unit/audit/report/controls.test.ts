import assert from 'node:assert/strict';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { controlsJson, controlsMarkdown, controlsOf, type Control } from '../../../../helper/audit/report/controls.ts';
import { summarise } from '../../../../helper/audit/summary/summary.ts';
import type { RecordSummary } from '../../../../helper/audit/summary/summary-shape.ts';
import type { VerifyReport } from '../../../../helper/protocol/record.ts';
import { busySession } from '../../../kit/busy-session.ts';
import { testPlace } from '../../../kit/folders.ts';
import { sealedLines, type TimedEntry } from '../../../kit/sealed-lines.ts';

const { root, remove } = testPlace();
after(remove);

const intact: VerifyReport = {
  ...{ status: 'intact', valid: true, files: ['a.jsonl'], records: 39, verified: 39, problems: [] },
  ...{ anchored: 39, anchoredAt: '2026-03-04T09:20:00.000Z' },
};

async function summaryOf(name: string, entries: readonly TimedEntry[]): Promise<RecordSummary> {
  const path = join(root, name);
  writeFileSync(path, sealedLines(entries));
  return summarise('0123456789ab', [{ path, name, bytes: statSync(path).size }]);
}

const summary = await summaryOf('busy.jsonl', busySession);
const controls = controlsOf({ summary, verification: intact });
const one = (framework: Control['framework'], reference: string, among = controls): Control => {
  const found = among.find((control) => control.framework === framework && control.reference === reference);
  assert.ok(found, reference);
  return found;
};

describe('the mapping of controls', () => {
  test('names every control once, says what it asks and what the record does not show', () => {
    const names = controls.map(({ framework, reference }) => `${framework} ${reference}`);
    assert.equal(new Set(names).size, names.length);
    assert.ok(controls.length >= 25);
    for (const { asks, notShown, title } of controls) assert.ok(asks !== '' && notShown !== '' && title !== '');
  });

  test('tells what supports a control, with counts and numbers of records', () => {
    const { status, evidence } = one('AI Act', 'Article 14');
    assert.equal(status, 'evidence');
    assert.deepEqual(evidence, [
      '2 acts waited for a person’s answer (records #24, #26).',
      '2 answers of people are on record (records #25, #27).',
      '1 act was stopped by a person’s no (record #27).',
      '1 sandbox was stopped by a person (record #36).',
    ]);
  });

  const statuses: readonly (readonly [Control['framework'], string, Control['status']])[] = [
    ['DORA', 'Article 10', 'evidence'],
    ['DORA', 'Article 19', 'not shown'],
    ['AI Act', 'Article 12(1)', 'evidence'],
    ['AI Act', 'Article 26(6)', 'evidence'],
    ['ISO 27001', 'A.8.15', 'evidence'],
    ['ISO 27001', 'A.8.2', 'not shown'],
  ];
  for (const [framework, reference, status] of statuses)
    test(`${framework} ${reference}: ${status}`, () => assert.equal(one(framework, reference).status, status));

  test('says partial where only some of it is on record', async () => {
    const quiet = controlsOf({ summary: await summaryOf('quiet.jsonl', busySession.slice(0, 6)), verification: intact });
    assert.equal(one('ISO 27001', 'A.5.15', quiet).status, 'partial');
    assert.equal(one('AI Act', 'Article 14', quiet).status, 'not shown');
  });

  test('lets a record that does not stand speak for nothing', () => {
    for (const status of ['tampered', 'truncated', 'no-key'] as const)
      for (const control of controlsOf({ summary, verification: { ...intact, status, valid: false } }))
        assert.equal(control.status, 'not shown');
  });

  test('says without a checkpoint that none covers the record', () => {
    const unanchored = controlsOf({ summary, verification: { ...intact, status: 'unanchored', anchored: 0 } });
    assert.equal(one('ISO 27001', 'A.5.28', unanchored).status, 'partial');
  });

  test('claims in neither form that anybody complies', () => {
    const markdown = controlsMarkdown({ summary, verification: intact });
    assert.match(markdown, /it does not say that anybody complies with anything/);
    assert.doesNotMatch(markdown, /\bcompliant\b|\bconforms\b|\bcertified\b/i);
    assert.match(markdown, /\| AI Act \| Article 14 \| Human oversight \| evidence \|/);
    const json: unknown = JSON.parse(controlsJson({ summary, verification: intact }));
    assert.ok(typeof json === 'object' && json !== null && 'controls' in json && Array.isArray(json.controls));
    assert.equal(json.controls.length, controls.length);
  });
});
