/** What is said about agents' files: which change, which are left alone, and nothing that looks like something else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed, done, drifted, question, remarks } from '../../../extension/agents/words.ts';
import type { AgentPlan } from '../../../helper/protocol/agent-operations.ts';

const file = (path: string, change: AgentPlan['files'][number]['change'], reason?: string): AgentPlan['files'][number] => ({
  ...{ path, agents: ['claude'], change, before: null, after: '' },
  ...(reason === undefined ? {} : { reason }),
});
const plan: AgentPlan = {
  profile: 'strict',
  profileDigest: '0',
  agents: ['claude'],
  files: [
    file('a.json', 'create'),
    file('b.md', 'update'),
    file('same.md', 'same'),
    file('c.json', 'refused', 'it is a link'),
    file('.lasso/agents.json', 'create'),
  ],
  findings: [{ severity: 'warning', code: 'x', message: 'cannot be told\u202e', hint: 'use the sandbox' }],
  digest: '0',
};

test('the question counts what changes and names what is left alone', () => {
  assert.deepEqual(
    changed(plan).map(({ path }) => path),
    ['a.json', 'b.md'],
  );
  assert.equal(
    question(plan, ['Claude Code', 'Codex'], false),
    'Write 2 files for Claude Code and Codex, as profile “strict” says? Left alone: c.json.',
  );
  assert.equal(question({ ...plan, files: plan.files.slice(0, 1) }, [], true), 'Take what LASSO wrote out of 1 file?');
  assert.equal(done(plan, false), '2 files written. Agents are held to it in a sandbox.');
});

test('remarks hold every reason and every finding, with nothing invisible in them', () => {
  assert.match(remarks(plan), /- c\.json is left alone: it is a link\n- warning: cannot be told\\u\{202e\}\.\n {2}use the sandbox\n/);
  assert.equal(remarks({ ...plan, files: [], findings: [] }), '');
});

test('a notice is one line, and no name in it becomes a link', () => {
  const rows: readonly (readonly [files: readonly string[], edited: boolean, text: string])[] = [
    [['.claude/settings.json'], false, '.claude/settings.json no longer matches profile strict, which has changed.'],
    [['a', 'b', 'c'], true, 'a and 2 more files no longer match profile strict: somebody changed what LASSO wrote.'],
    [['[a](command:x)\n'], false, '[a] (command:x)\\u{a} no longer matches profile strict, which has changed.'],
  ];
  for (const [files, edited, text] of rows) assert.equal(drifted(files, 'strict', edited), text);
});
