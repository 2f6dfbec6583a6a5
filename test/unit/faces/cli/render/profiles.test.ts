/** Profiles as a person reads them: every value with its place, long lists counted, and nothing a profile says plays tricks on a terminal. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeLines, diffText, whyStatus, whyText } from '../../../../../helper/faces/cli/render/profile-results.ts';
import { documentText, profileDetail, profileTable } from '../../../../../helper/faces/cli/render/profiles.ts';
import type { View } from '../../../../../helper/faces/cli/render/view.ts';
import type { OperationResult } from '../../../../../helper/protocol/operations.ts';

const plain: View = { paint: (_, text) => text, now: new Date('2026-01-02T03:04:05Z'), single: false, asked: {}, terminal: true };
const hostile = 'a\u001b[2J\u202eb';
const seen = 'a\\u{1b}[2J\\u{202e}b';

const shown: OperationResult<'profileShow'> = {
  name: 'team',
  description: hostile,
  source: 'user',
  file: '/home/me/team.toml',
  files: ['/home/me/team.toml', '/built-in/standard.toml', '/other/team.toml'],
  digest: 'f'.repeat(64),
  values: [
    { path: 'name', value: 'team', origin: { file: '/home/me/team.toml', line: 1 } },
    { path: 'mode', value: 'assist', origin: { file: '/built-in/standard.toml', line: 3 }, note: 'not enforced yet: b' },
    { path: 'network.allowed_domains', value: [hostile, ...Array.from({ length: 30 }, (_, n) => `host-${n}.example`)] },
    { path: 'commands.blocked_args.git', value: ['push'], origin: { file: '/home/me/team.toml', line: 9 }, note: 'not enforced yet: a' },
    { path: 'commands.blocked_args."a b"', value: [], note: 'not enforced yet: a' },
    { path: 'network.rules', value: [{ host: 'a.example', methods: ['GET'] }] },
  ],
  findings: [],
  notices: ['The folder brings one.'],
  effective: 'x = 1',
  text: `# ${hostile}\n`,
};

test('values stand under their table, with the place they were written', () => {
  assert.deepEqual(profileDetail(shown, plain).split('\n'), [
    'team  user  /home/me/team.toml',
    seen,
    'builds on  /built-in/standard.toml',
    'builds on  /other/team.toml',
    '',
    'mode             assist                                                          standard.toml:3       (1)',
    '',
    '[network]',
    `allowed_domains  ${seen}, host-0.example, host-1.example, … 28 more  default`,
    'rules            host a.example methods GET                                      default',
    '',
    '[commands.blocked_args]',
    'git              push                                                            /home/me/team.toml:9  (2)',
    '"a b"            none                                                            default               (2)',
    '',
    '(1) not enforced yet: b',
    '(2) not enforced yet: a',
    '`lasso profile show team --toml` shows lists in full.',
    'note: The folder brings one.',
    '',
  ]);
});

test('a file is shown safely on a terminal and byte for byte elsewhere', () => {
  assert.equal(profileDetail(shown, { ...plain, asked: { written: true } }), `# ${seen}\n`);
  assert.equal(profileDetail(shown, { ...plain, asked: { written: true }, terminal: false }), `# ${hostile}\n`);
  assert.equal(profileDetail(shown, { ...plain, asked: { toml: true } }), 'x = 1\n');
  assert.equal(documentText('a\tb\n', plain), 'a\tb\n');
  assert.equal(documentText('', plain), '');
});

test('a list of profiles says what is broken and what each builds on', () => {
  const one = { name: 'a', description: hostile, source: 'user' as const, file: '/a', tags: [], valid: true };
  const text = profileTable(
    {
      profiles: [
        { ...one, extends: 'standard' },
        { ...one, name: 'b', valid: false },
      ],
    },
    plain,
  );
  assert.deepEqual(text.split('\n'), [
    'NAME  SOURCE  BUILDS ON  DESCRIPTION',
    `a     user    standard   ${seen}`,
    'b     user    -          has errors; `lasso profile show b` lists them',
    '',
  ]);
});

test('changes are marked by what they do', () => {
  const changes = (['allowed', 'asked', 'denied', 'changed'] as const).map((effect) => ({ effect, text: hostile, path: 'x' }));
  assert.equal(changeLines(changes, plain), `+ now allowed: ${seen}\n? now asked: ${seen}\n− now denied: ${seen}\n~ changed: ${seen}\n`);
  const side = { name: 'a', effective: '' };
  assert.equal(diffText({ same: true, changes: [], from: side, to: side }, plain), 'a → a: no difference in what is allowed\n');
});

const why: OperationResult<'why'> = {
  profile: 'team',
  mode: 'assist',
  verdict: { decision: 'deny', reason: `No ${hostile}.`, stage: 'list', rule: 'commands.blacklist[0]' },
  origin: { file: '/home/me/team.toml', line: 4 },
  programs: ['rm', hostile],
  stages: [
    { stage: 'text', text: 'One command.' },
    { stage: 'list', text: 'It is listed.' },
  ],
  enforced: false,
  notices: [],
};

test('why is explained from the answer to the rule and the steps', () => {
  assert.deepEqual(whyText(why, plain).split('\n'), [
    `Denied. No ${seen}.`,
    '  profile  team, mode assist',
    `  starts   rm, ${seen}`,
    '  rule     commands.blacklist[0]',
    '  written  /home/me/team.toml:4',
    '',
    '   text  One command.',
    '→  list  It is listed.',
    '',
    'note: this is what the profile says; it is not held yet in running sandboxes.',
    '',
  ]);
  assert.doesNotMatch(whyText({ ...why, enforced: true }, plain), /not held/);
});

test('each answer has its exit status', () => {
  const status = (['allow', 'deny', 'ask', 'exec'] as const).map((decision) =>
    whyStatus({ ...why, verdict: { ...why.verdict, decision } }),
  );
  assert.deepEqual(status, [0, 1, 3, 3]);
});
