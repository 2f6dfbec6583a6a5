/** A sandbox that learns: what no list has is let through, counted and on record; what is refused by name is not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionDecisions } from '../../../helper/core/network/connection-decisions.ts';
import { execGate } from '../../../helper/core/gating/gate.ts';
import { Learning } from '../../../helper/core/learning.ts';
import { placeOf } from '../../../helper/core/rules-now.ts';
import type { SandboxRecord } from '../../../helper/audit/writing/log.ts';
import type { ExecAnswer, ExecQuestion } from '../../../helper/guest/exec.ts';
import { askingUnlisted } from '../../../helper/policy/learning.ts';
import { policyOf } from '../../../helper/policy/policy.ts';
import { profileSchema } from '../../../helper/protocol/profile/profile.ts';
import type { RecordEntry } from '../../../helper/protocol/record.ts';

const { commands, network } = policyOf(
  profileSchema.parse({
    name: 'small',
    mode: 'autonomous',
    commands: {
      mode: 'whitelist',
      whitelist: ['sh', 'git', 'rm'],
      blocked_args: { git: ['--force'] },
      ask_args: { git: ['push'] },
      allow_shell_operators: true,
    },
    network: { allowed_domains: ['good.example'], blocked_domains: ['bad.example'] },
  }),
  {},
);

function recordIn(records: RecordEntry[]): SandboxRecord {
  return {
    file: '',
    head: { seq: -1, digest: '' },
    append: (entry) => Promise.resolve(records.push(entry) - 1),
    checkpoint: () => Promise.resolve(''),
    close: () => Promise.resolve(),
  };
}

const failing = (): never => assert.fail('nobody is asked, and nothing goes wrong');

/** Starts a program in a sandbox that learns. */
async function start(argv: readonly string[], learning: Learning, records: RecordEntry[] = [], rules = commands): Promise<ExecAnswer> {
  const facts = { record: recordIn(records), rules: () => rules, place: placeOf({ mounts: [] }), originOf: () => undefined };
  const gate = execGate({ ...facts, learning: () => learning, ask: failing, forget: failing, logError: failing });
  const [name = ''] = argv;
  const flags = { entry: false, ownShell: false, script: false, deleted: false, truncated: false, traced: false, loaded: false };
  const question: ExecQuestion = {
    ...{ ...flags, question: 1, pid: 40, parent: 30, process: 2, shebang: '', interpreter: '', cwd: '/workspace' },
    ...{ asked: `/usr/bin/${name}`, file: `/usr/bin/${name}`, argv },
  };
  return await gate.judge(question);
}

test('programs that no list has start, and each is learned of once', async () => {
  const learning = new Learning();
  const records: RecordEntry[] = [];
  for (const argv of [
    ['jq', '.'],
    ['jq', '-r', '.x'],
    ['git', 'push', 'origin'],
    ['sh', '-c', 'jq . && id'],
  ])
    assert.deepEqual(await start(argv, learning, records), { allow: true, keep: false }, argv.join(' '));
  assert.deepEqual(learning.lessons, [
    { kind: 'program', program: 'jq', list: 'whitelist', example: 'jq .', times: 2 },
    { kind: 'question', program: 'git', words: 'push origin', times: 1 },
  ]);
  assert.deepEqual(
    records.map(({ outcome, detail }) => [outcome, detail?.['learned']]),
    [0, 1, 2, 3].map(() => ['success', true]),
  );
});

test('what is refused by name does not start, and is not learned of', async () => {
  const learning = new Learning();
  for (const argv of [
    ['git', 'push', '--force'],
    ['rm', '-rf', '/'],
    ['sh', '-c', 'jq .; rm -rf /'],
    ['chmod', '-R', '777', '/'],
  ])
    assert.equal((await start(argv, learning)).allow, false, argv.join(' '));
  assert.deepEqual(learning.lessons, []);
});

test('hosts that nothing lists are reached and learned of; blocked and private ones are not', async () => {
  const learning = new Learning();
  const decide = connectionDecisions({
    record: recordIn([]),
    rules: () => askingUnlisted(network),
    originOf: () => undefined,
    learning: () => learning,
    ask: failing,
    logError: failing,
  });
  const asker = { pid: 9, executable: '/usr/bin/npm', argv: ['npm', 'ci'] };
  const reach = async (host: string, port: number): Promise<boolean> =>
    (await decide({ what: 'connection', host, port, asker }, new AbortController().signal)).allow;
  for (const [host, port] of [
    ['other.example', 443],
    ['other.example', 8443],
    ['good.example', 443],
  ] as const)
    assert.equal(await reach(host, port), true, `${host}:${port}`);
  for (const [host, port] of [
    ['bad.example', 443],
    ['10.1.2.3', 80],
    ['169.254.169.254', 80],
    ['localhost', 80],
    ['x.example', 5432],
  ] as const)
    assert.equal(await reach(host, port), false, `${host}:${port}`);
  assert.deepEqual(learning.lessons, [{ kind: 'host', host: 'other.example', ports: [443, 8443], programs: ['npm'], times: 2 }]);
});

test('it keeps no more than a profile could say, and lets nothing through that it does not keep', () => {
  const learning = new Learning();
  const taken = Array.from({ length: 1200 }, (_, index) => learning.connection(`h${index}.example`, 443, undefined));
  assert.equal(taken.filter(Boolean).length, 1000);
  assert.equal(learning.lessons.length, 1000);
});

test('where a mode and a list both lack a program, both are learned of', async () => {
  const learning = new Learning();
  const observing = { ...commands, mode: 'observe' as const };
  assert.equal((await start(['jq'], learning, [], observing)).allow, true);
  assert.deepEqual(
    learning.lessons.map((lesson) => (lesson.kind === 'program' ? [lesson.list, lesson.program] : [])),
    [
      ['observe_whitelist', 'jq'],
      ['whitelist', 'jq'],
    ],
  );
});
