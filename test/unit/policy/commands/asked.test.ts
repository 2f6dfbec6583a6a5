/** `ask_args`: what a person is asked about, by meaning, and what wins over it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judgeCommand } from '../../../../helper/policy/commands/judge.ts';
import { judgeStart } from '../../../../helper/policy/commands/started.ts';
import { rulesOfText } from '../../../kit/command-rules.ts';

const rulesWith = (more: string): ReturnType<typeof rulesOfText> =>
  rulesOfText(
    `mode = "autonomous"\n[commands]\nmode = "blacklist"\nblacklist = ["docker"]\nworkspace_only = ["rm"]\nallow_shell_operators = true\n` +
      `blocked_args = { git = ["push --force"] }\nask_args = { git = ["push", "tag -d"], npm = ["publish"], gh = ["*"], kill = ["*"] }\n${more}`,
  );
const rules = rulesWith('');
const place = { workspace: '/workspace', cwd: '/workspace', home: '/home/agent' };

describe('a line is asked about by what it means', () => {
  const cases: readonly (readonly [line: string, decision: string, rule?: string])[] = [
    ['git push', 'ask', 'commands.ask_args.git[0]'],
    ['git push origin main', 'ask', 'commands.ask_args.git[0]'],
    ['git -C sub push -u origin x', 'ask', 'commands.ask_args.git[0]'],
    ['/usr/bin/git push', 'ask', 'commands.ask_args.git[0]'],
    ['git send-pack x', 'ask', 'commands.ask_args.git[0]'],
    ['git tag --delete v1', 'ask', 'commands.ask_args.git[1]'],
    ['npm publish --access public', 'ask', 'commands.ask_args.npm[0]'],
    ['gh', 'ask', 'commands.ask_args.gh[0]'],
    ['gh pr create', 'ask', 'commands.ask_args.gh[0]'],
    ['npm ci && git add -A && git commit -m x && git push', 'ask', 'commands.ask_args.git[0]'],
    ['bash -c "git push"', 'ask', 'commands.ask_args.git[0]'],
    ['env A=1 timeout 5 git push', 'ask', 'commands.ask_args.git[0]'],
    ['echo $(git push)', 'ask', 'commands.ask_args.git[0]'],
    ["git -c alias.p='push' p", 'ask', 'commands.ask_args.git[0]'],
    ['git pull', 'allow'],
    ['git tag v1', 'allow'],
    ['npm run publish-docs', 'allow'],
    ['echo git push', 'allow'],
  ];
  for (const [line, decision, rule] of cases)
    test(line, () => {
      const { verdict } = judgeCommand(line, rules);
      assert.deepEqual([verdict.decision, verdict.rule], [decision, rule], verdict.reason);
      if (decision === 'ask') assert.equal(verdict.stage, 'asked-arguments');
    });
});

describe('an exception is about the very words', () => {
  const some = rulesWith('ask_except = { git = ["push origin main", "push --force"], npm = ["publish"], docker = ["ps"] }');
  const cases: readonly (readonly [line: string, decision: string])[] = [
    ['git push origin main', 'allow'],
    ['/usr/bin/git push  origin "main"', 'allow'],
    ['cd sub && git push origin main', 'allow'],
    ['npm publish', 'allow'],
    ['git push origin', 'ask'],
    ['git push origin main --tags', 'ask'],
    ['git push "origin main"', 'ask'],
    ['git push origin $X', 'ask'],
    ['git -C sub push origin main', 'ask'],
    ['./git push origin main', 'ask'],
    ['git push origin main; npm publish --tag x', 'ask'],
    ['git push --force', 'deny'],
    ['docker ps', 'deny'],
  ];
  for (const [line, decision] of cases)
    test(line, () => {
      const { verdict } = judgeCommand(line, some);
      assert.equal(verdict.decision, decision, verdict.reason);
    });
});

describe('a refusal wins over a question, and a question over what the text does not tell', () => {
  const cases: readonly (readonly [line: string, decision: string, more?: string])[] = [
    ['git push --force', 'deny'],
    ['git push && docker ps', 'deny'],
    ['git push; rm -rf /', 'deny'],
    ['git push; $X', 'ask'],
    ['$X; git push', 'ask'],
    ['$X; git push', 'deny', 'undecided = "deny"'],
    ['git $X', 'exec'],
    ['git $X', 'deny', 'undecided = "deny"'],
  ];
  for (const [line, decision, more = ''] of cases)
    test(`${line} ${more}`, () => assert.equal(judgeCommand(line, rulesWith(more)).verdict.decision, decision));
});

test('the verdict names the part of the line, and the stages tell of it', () => {
  const line = 'npm ci && git push';
  const { verdict, stages } = judgeCommand(line, rules);
  assert.equal(line.slice(verdict.range?.start, verdict.range?.end), 'git push');
  assert.equal(stages.find(({ stage }) => stage === 'asked-arguments')?.text, verdict.reason);
});

describe('a start is asked about once: where the program itself starts', () => {
  const cases: readonly (readonly [file: string, argv: readonly string[], decision: string])[] = [
    ['/usr/bin/git', ['git', 'push'], 'ask'],
    ['/usr/bin/git', ['harmless', 'push'], 'ask'],
    ['/usr/bin/bash', ['bash', '-c', 'git push'], 'allow'],
    ['/usr/bin/env', ['env', 'git', 'push'], 'allow'],
    ['/usr/bin/timeout', ['timeout', '5', 'git', 'push'], 'allow'],
    // These do in their own process what they were told, and nothing starts.
    ['/usr/bin/bash', ['bash', '-c', 'kill -9 5'], 'ask'],
    ['/usr/bin/busybox', ['busybox', 'kill', '5'], 'ask'],
    ['/usr/bin/git', ['git', '-c', 'alias.p=push', 'p'], 'ask'],
    ['/usr/lib/git-core/git-push', ['git-push'], 'ask'],
    ['/usr/bin/git', ['git', 'push', '-f'], 'deny'],
    ['/usr/lib64/ld-linux-x86-64.so.2', ['ld.so', '/usr/bin/git', 'push'], 'ask'],
  ];
  for (const [file, argv, decision] of cases)
    test(argv.join(' '), () => {
      const start = { asked: file, file, shebang: '', interpreter: '', cwd: '/workspace', argv, deleted: false, truncated: false };
      const verdict = judgeStart(start, rules, place);
      assert.equal(verdict.decision, decision, verdict.reason);
    });
});
