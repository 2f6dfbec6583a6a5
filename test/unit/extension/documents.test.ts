/** The documents the extension writes: what others said stays text in them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordText } from '../../../extension/audit/record.ts';
import { doctorMarkdown, lacksEngine } from '../../../extension/doctor/report.ts';

test('doctor’s words are never markup', () => {
  const message = '<img src=x> | **bold** [link](command:evil) `code`\n# head';
  const text = doctorMarkdown({ healthy: false, checks: [{ name: 'docker', status: 'problem', message, hint: 'a|b' }] });
  assert.equal(text.split('\n').filter((line) => line.startsWith('|')).length, 3);
  assert.doesNotMatch(text, /<img|\[link\]\(|\*\*bold\*\*/);
  assert.match(text, /→ a\\\|b/);
});

test('an engine is missing only when none that was looked for works', () => {
  const report = (...statuses: readonly ('ok' | 'absent' | 'problem' | 'warning')[]) => ({
    healthy: true,
    checks: statuses.map((status, index) => ({ name: ['docker', 'podman', 'bubblewrap'][index] ?? 'x', status, message: '' })),
  });
  assert.equal(lacksEngine(report('absent', 'problem', 'absent')), true);
  assert.equal(lacksEngine(report('absent', 'problem', 'ok')), false);
  assert.equal(lacksEngine(report()), false);
});

const id = '0123456789ab';
const line = (fields: object): string => JSON.stringify({ v: 2, seq: 0, ts: '2026-01-01T00:00:00.000Z', sandbox: id, ...fields });
const report = { valid: true, sandbox: id, files: [], records: 1, verified: 1, problems: [] };

test('a record shows what verification found before what it says', () => {
  const text = recordText(
    'app',
    { sandbox: id, records: [{ file: 'f', line: 1, text: line({ type: 'command', action: 'exec', outcome: 'success', target: 'id' }) }] },
    { valid: true, reports: [report] },
  );
  assert.match(text, /^Record of app \(0123456789ab\)\n✔ Verified: 1 of 1 records/);
  assert.match(text, / {4}1 {2}2026-01-01 00:00:00\.000 {2}command +exec +success +id$/m);
});

test('a record that does not verify says so, with each problem and its line', () => {
  const problems = [{ code: 'edited' as const, file: 'f', line: 3, message: 'line 3 was changed' }];
  const text = recordText(
    'app',
    { sandbox: id, records: [] },
    { valid: false, reports: [{ ...report, valid: false, verified: 0, problems }] },
  );
  assert.match(text, /✘ NOT VALID: 0 of 1 records verified\n {2}edited, line 3: line 3 was changed/);
});

test('what an agent wrote cannot forge a line or turn text around', () => {
  const target = 'a\n    2  forged\u202Egnp.exe\u001b[2J\u2028x';
  const hostile = [line({ type: 'command', action: 'exec', outcome: 'success', target }), 'not json\u0007', '[1,2]'];
  const records = hostile.map((text, index) => ({ file: 'f', line: index + 1, text }));
  const text = recordText('app\n✔', { sandbox: id, records }, { valid: true, reports: [report] });
  assert.doesNotMatch(text, /[\u202e\u001b\u0007\u2028]/);
  assert.equal(text.trimEnd().split('\n').length, 3 + hostile.length);
  assert.match(text, /\\u\{a\}/);
});
