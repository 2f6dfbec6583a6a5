/** The documents the extension writes: what others said stays text in them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
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
