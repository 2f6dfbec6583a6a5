/** What a profile says to tools of agents: about files what it says to commands, and an answer to whatever is asked. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'smol-toml';
import { judgeCommand } from '../../../helper/policy/commands/judge.ts';
import { policyOf } from '../../../helper/policy/policy.ts';
import { judgeTool, severest, type ToolQuestion, type ToolRules } from '../../../helper/policy/tools.ts';
import { profileSchema } from '../../../helper/protocol/profile/profile.ts';
import type { Decision, Verdict } from '../../../helper/protocol/verdict.ts';

const rulesOf = (text: string): ToolRules => policyOf(profileSchema.parse({ name: 'test', mode: 'autonomous', ...parse(text) }), {});
const lists = 'hidden = [".env", "*.pem"]\nreadonly = ["vendor/"]\nguarded = [".git/hooks", "CLAUDE.md"]\n';
const rules = rulesOf(`[workspace]\n${lists}[commands]\nmode = "blacklist"\nallow_shell_operators = true\n`);
const closed = rulesOf(`[workspace]\nmode = "read-only"\n${lists}[commands]\nmode = "blacklist"\n`);
const place = { workspace: '/workspace', cwd: '/workspace', home: '/home/agent', mounts: ['/data'] };

const files: readonly (readonly [path: string, read: string | undefined, write: string | undefined])[] = [
  ['/workspace/a.txt', undefined, undefined],
  ['a.txt', undefined, undefined],
  ['./sub/../a.txt', undefined, undefined],
  ['.env', 'workspace.hidden[0]', 'workspace.hidden[0]'],
  ['/workspace/deep/down/.Env', 'workspace.hidden[0]', 'workspace.hidden[0]'],
  ['/workspace/src/../.env', 'workspace.hidden[0]', 'workspace.hidden[0]'],
  ['/data/key.pem', 'workspace.hidden[1]', 'workspace.hidden[1]'],
  ['vendor/lib.js', undefined, 'workspace.readonly[0]'],
  ['.git/hooks/pre-commit', undefined, 'workspace.guarded[0]'],
  ['claude.md', undefined, 'workspace.guarded[1]'],
  ['~/.claude/plan.md', undefined, undefined],
  ['/tmp/x', undefined, undefined],
];

suite('a file', () => {
  for (const [path, read, write] of files)
    test(`${path} is read and written as its rule says`, () => {
      for (const [kind, rule] of [['read', read] as const, ['write', write] as const]) {
        const verdict = judgeTool({ kind, paths: [path] }, rules, place);
        assert.deepEqual([verdict.decision, verdict.rule], rule === undefined ? ['allow', undefined] : ['deny', rule], kind);
      }
    });

  test('of a workspace that nobody may change is not written, and others are', () => {
    assert.equal(judgeTool({ kind: 'write', paths: ['a.txt'] }, closed, place).rule, 'workspace.mode');
    assert.equal(judgeTool({ kind: 'read', paths: ['a.txt'] }, closed, place).decision, 'allow');
    assert.equal(judgeTool({ kind: 'write', paths: ['/tmp/a.txt'] }, closed, place).decision, 'allow');
  });

  const elsewhere: readonly string[] = [
    '/etc/passwd',
    '/usr/bin/x',
    '/home/agent/.bashrc',
    '/home/agent/.ssh/config',
    '/workspace/.git/config',
    '/proc/1/environ',
  ];
  test('outside is written by no tool that a command could not write it by', () => {
    for (const path of elsewhere) {
      assert.equal(judgeTool({ kind: 'write', paths: [path] }, rules, place).decision, 'deny', path);
      assert.equal(judgeCommand(`echo x > ${path}`, rules.commands, place).verdict.decision, 'deny', path);
    }
  });

  test('with a name that is no plain text is refused', () => {
    for (const path of ['', 'a\nb', '\0', '/workspace/\u001b[2J'])
      assert.equal(judgeTool({ kind: 'read', paths: [path] }, rules, place).decision, 'deny');
  });
});

test('of several answers the one that allows least counts', () => {
  const verdict = (decision: Decision): Verdict => ({ decision, stage: decision, reason: decision });
  assert.equal(severest(['allow', 'exec', 'ask', 'deny', 'ask'].map((decision) => verdict(decision as Decision))).decision, 'deny');
  assert.equal(severest([verdict('exec'), verdict('ask')]).decision, 'ask');
  assert.equal(severest([verdict('allow'), verdict('exec')]).decision, 'exec');
  assert.equal(severest([]).decision, 'allow');
});

test('a command is judged in the folder it is for', () => {
  const removed = (cwd: string): Decision => judgeTool({ kind: 'command', text: 'echo x > CLAUDE.md', cwd }, rules, place).decision;
  assert.equal(removed('/workspace'), 'deny');
  assert.equal(removed('/tmp'), 'allow');
  assert.equal(removed('relative'), 'deny');
});

test('whatever is asked is answered', () => {
  const text = fc.string({ unit: 'binary', maxLength: 200 });
  const question: fc.Arbitrary<ToolQuestion> = fc.oneof(
    fc.record({ kind: fc.constant('command' as const), text, cwd: text }),
    fc.record({ kind: fc.constantFrom('read' as const, 'write' as const), paths: fc.array(text) }),
    fc.record({ kind: fc.constant('url' as const), url: text }),
    fc.record({ kind: fc.constant('other' as const), tool: text }),
    fc.record({ kind: fc.constant('unclear' as const), why: text }),
  );
  fc.assert(
    fc.property(question, (asked) => {
      const { decision, reason } = judgeTool(asked, rules, place);
      assert.ok(['allow', 'deny', 'ask', 'exec'].includes(decision) && reason !== '');
      if (asked.kind === 'unclear') assert.equal(decision, 'deny');
    }),
    { numRuns: 500 },
  );
});
