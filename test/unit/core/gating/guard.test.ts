/** Hooks of agents: judged by the rules in force, on record before the answer, and a no for whatever fails. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { duplexPair } from 'node:stream';
import { text } from 'node:stream/consumers';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'smol-toml';
import type { Settled } from '../../../../helper/core/gating/approvals.ts';
import { guardGate, type GuardFacts } from '../../../../helper/core/gating/guard.ts';
import { placeOf } from '../../../../helper/core/rules-now.ts';
import { judgeCommand } from '../../../../helper/policy/commands/judge.ts';
import { policyOf } from '../../../../helper/policy/policy.ts';
import type { ToolRules } from '../../../../helper/policy/tools.ts';
import { profileSchema } from '../../../../helper/protocol/profile/profile.ts';
import type { RecordEntry } from '../../../../helper/protocol/record.ts';
import { builtInProfiles } from '../../../kit/profile-sources.ts';
import { root } from '../../../kit/sources.ts';

const rulesOf = (profile: string): ToolRules => policyOf(profileSchema.parse({ name: 'test', ...parse(profile) }), {});
const rules = rulesOf(`mode = "autonomous"
[commands]
mode = "blacklist"
blacklist = ["docker"]
ask_args = { make = ["install"] }
allow_shell_operators = true
[workspace]
hidden = [".env"]
guarded = [".git/hooks"]
[network]
mode = "restricted"
allowed_domains = ["a.example"]
unlisted = "ask"
`);
const observing: ToolRules = { ...rules, commands: { ...rules.commands, mode: 'observe', observeWhitelist: ['ls'] } };
const place = placeOf({ mounts: [] });
const asker = { pid: 7, executable: '/.lasso/guest', argv: [] };

interface Desk {
  readonly ask: (said: string | Buffer) => Promise<string>;
  readonly records: RecordEntry[];
  readonly asked: string[];
  readonly log: string[];
  readonly use: (next: ToolRules) => void;
}

/** Sleeps for ever, unless it is not to; whoever is cut short is told. */
const sleeping = (atOnce: boolean): GuardFacts['clock'] => ({
  sleep: (_ms, signal) =>
    new Promise((resolve, reject) => {
      if (atOnce) setTimeout(resolve, 20);
      signal?.addEventListener('abort', () => reject(new Error('cut short')), { once: true });
    }),
});

function desk({
  atStart = true,
  answer,
  full = false,
  hurried = false,
}: { atStart?: boolean; answer?: () => Settled; full?: boolean; hurried?: boolean } = {}): Desk {
  const [records, asked, log]: [RecordEntry[], string[], string[]] = [[], [], []];
  let now = rules;
  const gate = guardGate({
    record: {
      file: '',
      head: { seq: -1, digest: '' },
      append: (entry) => {
        if (full) return Promise.reject(new Error('no space'));
        return Promise.resolve(records.push(entry) - 1);
      },
      checkpoint: () => Promise.resolve(''),
      close: () => Promise.resolve(),
    },
    rules: () => now,
    place,
    originOf: (rule) => (rule.startsWith('commands.blacklist') ? '/home/me/own.toml:4' : undefined),
    asksAtStart: () => atStart,
    ask: ({ what }) => {
      asked.push(what);
      return Promise.resolve(answer?.() ?? { answer: 'unattended' });
    },
    clock: sleeping(hurried),
    logError: (message) => void log.push(message),
  });
  return {
    ask: async (said) => {
      const [inside, outside] = duplexPair();
      gate({ kind: 'guard', asker }, outside);
      inside.on('error', () => undefined).end(said);
      return await text(inside);
    },
    ...{ records, asked, log },
    use: (next) => {
      now = next;
    },
  };
}

const bash = (command: string): string => `claude\n${JSON.stringify({ tool_name: 'Bash', tool_input: { command } })}`;
const tool = (name: string, input: unknown): string => `claude\n${JSON.stringify({ tool_name: name, tool_input: input })}`;

test('what the profile refuses is refused by its rule and place, on record before the answer', async () => {
  const onList = '“docker” is on the profile’s blacklist; do without it, or take it off the list.';
  const { ask, records } = desk();
  assert.equal(await ask(bash('docker ps')), `2\nLASSO: \`Bash\` is blocked by own.toml:4. ${onList}`);
  assert.deepEqual(records, [
    {
      ...{ type: 'command', action: 'tool', outcome: 'blocked', actor: { kind: 'agent', face: 'guest' }, target: 'docker ps' },
      detail: {
        ...{ agent: 'claude', tool: 'Bash', asks: 'command', pid: 7 },
        ...{ verdict: 'deny', stage: 'list', reason: onList },
        ...{ rule: 'commands.blacklist[0]', origin: '/home/me/own.toml:4' },
      },
    },
  ]);
});

const answers: readonly (readonly [what: string, said: string, allow: boolean, type: string, target: string])[] = [
  ['a command', bash('ls -l'), true, 'command', 'ls -l'],
  ['a command that does not tell what it runs', bash('$(cat x)'), true, 'command', '$(cat x)'],
  ['a command a person is asked about when it starts', bash('make install'), true, 'command', 'make install'],
  ['reading', tool('Read', { file_path: '/workspace/a' }), true, 'file', '/workspace/a'],
  ['reading what is hidden', tool('Read', { file_path: '/workspace/sub/.ENV' }), false, 'file', '/workspace/sub/.ENV'],
  ['reading credentials', tool('Read', { file_path: '/home/agent/.ssh/id_rsa' }), false, 'file', '/home/agent/.ssh/id_rsa'],
  ['writing', tool('Write', { file_path: 'a' }), true, 'file', 'a'],
  [
    'writing what is closed',
    tool('Write', { file_path: '/workspace/.git/hooks/pre-commit' }),
    false,
    'file',
    '/workspace/.git/hooks/pre-commit',
  ],
  [
    'writing what is closed by a detour',
    tool('Write', { file_path: '/workspace/src/../.git/./hooks/x' }),
    false,
    'file',
    '/workspace/src/../.git/./hooks/x',
  ],
  ['writing what is hidden', tool('Edit', { file_path: '.env' }), false, 'file', '.env'],
  ['writing outside', tool('Write', { file_path: '/usr/bin/x' }), false, 'file', '/usr/bin/x'],
  ['writing to the home folder', tool('Write', { file_path: '~/.claude/plans/x.md' }), true, 'file', '~/.claude/plans/x.md'],
  ['writing to /tmp', tool('Write', { file_path: '/tmp/x' }), true, 'file', '/tmp/x'],
  ['one bad file among many', tool('read_many_files', { paths: ['a', '.env', 'b'] }), false, 'file', 'a .env b'],
  ['an address', tool('WebFetch', { url: 'https://a.example/x?secret=1' }), true, 'network', 'https://a.example/x'],
  [
    'an address a person is asked about when it is connected to',
    tool('WebFetch', { url: 'https://b.example/' }),
    true,
    'network',
    'https://b.example/',
  ],
  [
    'an address that is closed in every profile',
    tool('WebFetch', { url: 'http://169.254.169.254/x' }),
    false,
    'network',
    'http://169.254.169.254/x',
  ],
  ['another tool', tool('TodoWrite', {}), true, 'command', 'TodoWrite'],
  ['a shell without a command', tool('Bash', {}), false, 'command', 'Bash'],
  ['no JSON', 'claude\nls', false, 'command', ''],
  ['no agent', bash('ls').replace('claude', 'nobody'), false, 'command', ''],
  ['no line', 'claude', false, 'command', ''],
  ['nothing', '', false, 'command', ''],
];

suite('a hook is answered about', () => {
  for (const [what, said, allow, type, target] of answers)
    test(what, async () => {
      const { ask, records } = desk();
      const answer = await ask(said);
      if (allow) assert.equal(answer, '0\n');
      else assert.match(answer, /^2\nLASSO: [^\n]+\.$/);
      assert.deepEqual(
        records.map((entry) => [entry.type, entry.action, entry.outcome, entry.target]),
        [[type, 'tool', allow ? 'success' : 'blocked', target]],
      );
    });
});

test('the rules are those of the moment', async () => {
  const { ask, use } = desk();
  assert.equal(await ask(bash('make')), '0\n');
  use(observing);
  assert.match(await ask(bash('make')), /^2\n/);
  assert.equal(await ask(bash('ls')), '0\n');
  assert.match(await ask(tool('Write', { file_path: 'a' })), /^2\n.*observe/);
});

test('what cannot be written down is refused', async () => {
  const { ask, log } = desk({ full: true });
  assert.match(await ask(bash('ls')), /^2\nLASSO: this is refused/);
  assert.equal(log.length, 1);
});

suite('where nobody asks when a program starts', () => {
  const said: readonly (readonly [Settled['answer'], boolean])[] = [
    ['once', true],
    ['session', true],
    ['deny', false],
    ['timeout', false],
    ['unattended', false],
  ];
  for (const [answer, allow] of said)
    test(`a person is asked, and “${answer}” is ${allow ? 'a yes' : 'a no'}`, async () => {
      const { ask, asked, records } = desk({ atStart: false, answer: () => ({ answer }) });
      assert.match(await ask(bash('make install')), allow ? /^0\n$/ : /^2\nLASSO: `Bash` needs approval by /);
      assert.deepEqual(asked, ['make install']);
      assert.equal(records[0]?.detail?.['answer'], answer);
      assert.match(await ask(bash('ls')), /^0\n$/);
      await ask(bash('make install'));
      assert.equal(asked.length, answer === 'session' ? 1 : 2);
    });

  test('a mode that was changed while a person thought counts', async () => {
    const answer = (): Settled => {
      use(observing);
      return { answer: 'once' };
    };
    const { ask, use } = desk({ atStart: false, answer });
    assert.match(await ask(bash('make install')), /^2\n/);
  });
});

test('too much, and what is never said to its end, is a no', async () => {
  assert.match(await desk().ask(Buffer.alloc(9 * 1024 * 1024, 'x')), /^2\nLASSO: this is refused/);
  const { ask } = desk({ hurried: true });
  const [inside, outside] = duplexPair();
  const gate = guardGate({
    ...{ rules: () => rules, place, originOf: () => undefined, asksAtStart: () => true, clock: sleeping(true), logError: () => undefined },
    ask: () => Promise.resolve({ answer: 'unattended' }),
    record: {
      file: '',
      head: { seq: -1, digest: '' },
      append: () => Promise.resolve(0),
      checkpoint: () => Promise.resolve(''),
      close: () => Promise.resolve(),
    },
  });
  gate({ kind: 'guard', asker: null }, outside);
  inside.write('claude\n{');
  assert.match(await text(inside), /^2\nLASSO: this is refused/);
  assert.equal(await ask(bash('ls')), '0\n');
});

test('for lines of every kind a hook is told what `lasso why` says', async () => {
  const standard = builtInProfiles.find(({ name }) => name === 'standard');
  assert.ok(standard);
  const own = rulesOf(standard.text.replace(/^name = .*$/m, ''));
  const folder = join(root, 'test', 'corpus', 'commands');
  const texts = readdirSync(folder).flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n'));
  const lines = texts
    .filter((text) => text !== '' && !text.startsWith('#'))
    .map((text) => text.replace(/^\w+ (allow|deny|ask|exec) |^[^\t]*\t/, '').replaceAll('⏎', '\n'));
  const { ask, use } = desk();
  use(own);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...lines), async (line) => {
      const refused = judgeCommand(line, own.commands, place).verdict.decision === 'deny';
      assert.equal((await ask(bash(line))).startsWith('2\n'), refused, line);
    }),
    { numRuns: 300 },
  );
});
