/** What a sandbox that learns lets through, and what it never does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askingUnlisted, withoutLists } from '../../../helper/policy/learning.ts';
import { judgeProgram } from '../../../helper/policy/commands/judge.ts';
import { judgeConnection } from '../../../helper/policy/network/judge.ts';
import { policyOf } from '../../../helper/policy/policy.ts';
import { profileSchema } from '../../../helper/protocol/profile/profile.ts';

const { commands, network } = policyOf(
  profileSchema.parse({
    name: 'small',
    commands: { mode: 'whitelist', whitelist: ['ls', 'git', 'rm'], blocked_args: { git: ['--force'] }, ask_args: { git: ['push'] } },
    network: {
      allowed_domains: ['good.example'],
      blocked_domains: ['bad.example'],
      rules: [
        { host: 'never.example', action: 'deny' },
        { host: 'narrow.example', ports: [443], methods: ['GET'] },
      ],
    },
  }),
  {},
);

test('a program or host that nothing lists is let through while learning; what is refused by name is not', () => {
  const programs: readonly (readonly [argv: string, learnable: boolean])[] = [
    ['jq .', true],
    ['git status', true],
    ['chmod -R 777 /', false],
    ['git push --force', false],
    ['rm -rf /', false],
  ];
  for (const [argv, learnable] of programs)
    assert.equal(judgeProgram(argv.split(' '), withoutLists(commands)).decision !== 'deny', learnable, argv);
  const hosts: readonly (readonly [host: string, port: number, learnable: boolean])[] = [
    ['other.example', 443, true],
    ['good.example', 8443, true],
    ['narrow.example', 8443, false],
    ['bad.example', 443, false],
    ['never.example', 443, false],
    ['other.example', 5432, false],
    ['169.254.169.254', 80, false],
    ['localhost', 80, false],
    ['10.1.2.3', 80, false],
    ['a b', 80, false],
  ];
  for (const [host, port, learnable] of hosts)
    assert.equal(judgeConnection({ host, port }, askingUnlisted(network)).stage === 'unlisted', learnable, `${host}:${port}`);
});
