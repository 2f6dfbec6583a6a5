/** From policy's word to the guest's answer: recorded first, asked where policy says so, and a no whenever something fails. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RecordEntry } from '../../../../helper/protocol/record.ts';
import type { Decision, Verdict } from '../../../../helper/protocol/verdict.ts';
import type { ExecGate, ExecQuestion } from '../../../../helper/guest/exec.ts';
import type { CommandRules } from '../../../../helper/policy/commands/rules.ts';
import type { Settled } from '../../../../helper/core/gating/approvals.ts';
import { deferred } from '../../../../helper/guest/deferred.ts';
import { execGate } from '../../../../helper/core/gating/gate.ts';
import { placeOf } from '../../../../helper/core/rules-now.ts';
import { rulesOfText } from '../../../kit/command-rules.ts';

const rules = rulesOfText(
  'mode = "autonomous"\n[commands]\nmode = "blacklist"\nblacklist = ["docker"]\nobserve_whitelist = ["cat"]\nallow_shell_operators = true\n',
);
const started: ExecQuestion = {
  ...{
    question: 7,
    pid: 40,
    parent: 30,
    process: 2,
    entry: false,
    ownShell: false,
    script: false,
    deleted: false,
    truncated: false,
    traced: false,
    loaded: false,
  },
  ...{ asked: '/usr/bin/make', file: '/usr/bin/make', shebang: '', interpreter: '', cwd: '/workspace/sub' },
  argv: ['make', '-j2', 'all'],
};
const docker = { ...started, asked: '/usr/bin/docker', file: '/usr/bin/docker', argv: ['docker', 'ps'] };
const word = (decision: Decision): Verdict => ({ decision, stage: 'asked', reason: 'Pushes are asked about.', rule: 'commands.ask[0]' });

interface Desk {
  readonly gate: ExecGate;
  readonly records: RecordEntry[];
  readonly asked: string[];
  readonly log: string[];
  /** rules from now on */
  readonly use: (next: CommandRules) => void;
  /** the record takes nothing more */
  readonly fill: () => void;
}

/** A gate over a record in memory; `answers` are a person's, one after the other. */
function desk({ answers = [], judge }: { answers?: readonly Settled[]; judge?: () => Verdict } = {}): Desk {
  const [records, asked, log]: [RecordEntry[], string[], string[]] = [[], [], []];
  const waiting = [...answers];
  let now = rules;
  let full = false;
  const gate = execGate(
    {
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
      place: placeOf({ mounts: [] }),
      originOf: (rule) => (rule.startsWith('commands.') ? '/home/me/standard.toml:14' : undefined),
      ask: ({ what, where }) => {
        asked.push(`${where}: ${what}`);
        return Promise.resolve(waiting.shift() ?? { answer: 'timeout' });
      },
      forget: () => log.push('forget'),
      logError: (message) => log.push(message),
    },
    judge,
  );
  return { gate, records, asked, log, use: (next) => (now = next), fill: () => (full = true) };
}

test('what is allowed is on record with all that is known of it, and may be said yes to again', async () => {
  const { gate, records } = desk();
  assert.deepEqual(await gate.judge(started), { allow: true, keep: true });
  const [{ type, action, outcome, target, detail } = assert.fail()] = records;
  assert.deepEqual([type, action, outcome, target], ['command', 'start', 'success', 'make -j2 all']);
  const { question, pid, parent, process, file, cwd, argv, verdict } = detail ?? {};
  assert.deepEqual([question, pid, parent, process], [7, 40, 30, 2]);
  assert.deepEqual([file, cwd, argv, verdict], ['/usr/bin/make', '/workspace/sub', ['make', '-j2', 'all'], 'allow']);
});

test('what the helper itself starts is judged and recorded each time, since its arguments are unseen inside', async () => {
  assert.deepEqual(await desk().gate.judge({ ...started, entry: true }), { allow: true, keep: false });
});

test('what is refused is on record with rule and origin, and the agent gets one line that names them', async () => {
  const { gate, records } = desk();
  const answer = await gate.judge(docker);
  assert.equal(answer.allow, false);
  assert.match(answer.message ?? '', /^LASSO: `docker` is blocked by standard\.toml:14\. \S[^\n]*\.$/);
  const [{ outcome, detail } = assert.fail()] = records;
  const { verdict, stage, rule, origin } = detail ?? {};
  assert.deepEqual(
    [outcome, verdict, stage, rule, origin],
    ['blocked', 'deny', 'list', 'commands.blacklist[0]', '/home/me/standard.toml:14'],
  );
});

test('the line to the agent names what was asked for, also where a link led elsewhere', async () => {
  const { message } = await desk().gate.judge({ ...docker, asked: './harmless' });
  assert.match(message ?? '', /^LASSO: `harmless` is blocked/);
});

test('the record is written before the answer is given', async () => {
  const written = deferred<number>();
  const facts = {
    rules: () => rules,
    place: placeOf({ mounts: [] }),
    originOf: () => undefined,
    forget: () => undefined,
    logError: () => undefined,
  };
  const gate = execGate({
    ...facts,
    record: {
      file: '',
      head: { seq: -1, digest: '' },
      append: () => written.promise,
      checkpoint: () => Promise.resolve(''),
      close: () => Promise.resolve(),
    },
    ask: () => Promise.resolve({ answer: 'timeout' }),
  });
  let answered = false;
  const answer = gate.judge(started).then(() => (answered = true));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(answered, false);
  written.resolve(0);
  assert.equal(await answer, true);
});

test('what cannot be recorded does not start', async () => {
  const own = desk();
  own.fill();
  await assert.rejects(own.gate.judge(started), /no space/);
});

test('a lasting yes that cannot be recorded is the last one', async () => {
  const { gate, log, fill } = desk();
  await gate.judge(started);
  fill();
  gate.again(7, { pid: 41, parent: 30, process: 2 });
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(log, ['forget', 'a program start is not on record']);
});

test('a yes used again is on record by itself, and says which question it goes back to', async () => {
  const { gate, records } = desk();
  await gate.judge(started);
  gate.again(7, { pid: 41, parent: 30, process: 2 });
  const { target, outcome, detail } = records[1] ?? assert.fail();
  const { as, pid, file, argv, verdict } = detail ?? {};
  assert.deepEqual([target, outcome, as, pid], ['make -j2 all', 'success', 7, 41]);
  assert.deepEqual([file, argv, verdict], ['/usr/bin/make', ['make', '-j2', 'all'], 'allow']);
});

test('a person’s own shell starts, whatever the lists say, and what it starts does not for that', async () => {
  const { gate, records } = desk();
  assert.equal((await gate.judge({ ...docker, ownShell: true })).allow, true);
  assert.equal(records[0]?.detail?.['stage'], 'own-shell');
  assert.equal((await gate.judge(docker)).allow, false);
});

test('LASSO’s own reading or writing of a file starts, whatever the lists say, and is written down as that', async () => {
  const { gate, records } = desk();
  assert.deepEqual(await gate.judge({ ...docker, entry: true, ownAct: true }), { allow: true, keep: false });
  assert.equal(records[0]?.detail?.['stage'], 'own-act');
});

test('a changed mode counts for the next start', async () => {
  const { gate, use } = desk();
  assert.equal((await gate.judge(started)).allow, true);
  use({ ...rules, mode: 'observe' });
  assert.match((await gate.judge(started)).message ?? '', /does not run in observe mode/);
  use(rules);
  assert.equal((await gate.judge(started)).allow, true);
});

const person = { kind: 'user', face: 'cli', user: 'ada' } as const;
const answers: readonly (readonly [Settled, allow: boolean, again: boolean, said: RegExp])[] = [
  [{ answer: 'once', actor: person }, true, false, /^$/],
  [{ answer: 'session', actor: person }, true, true, /^$/],
  [{ answer: 'always', actor: person }, true, true, /^$/],
  [{ answer: 'deny', actor: person }, false, false, /^LASSO: `make` needs approval by standard\.toml:14, and a person said no\.$/],
  [{ answer: 'timeout' }, false, false, /nobody answered in time\.$/],
  [{ answer: 'unattended' }, false, false, /nobody is there to ask\.$/],
  [{ answer: 'withdrawn' }, false, false, /the question was withdrawn\.$/],
];
for (const [settled, allow, again, said] of answers)
  test(`asked, and answered “${settled.answer}”: ${allow ? 'it starts' : 'it does not start'}${again ? ', and again' : ''}`, async () => {
    const { gate, asked, records } = desk({ answers: [settled, { answer: 'deny' }], judge: () => word('ask') });
    const answer = await gate.judge(started);
    assert.deepEqual([answer.allow, answer.keep ?? false], [allow, false]);
    assert.match(answer.message ?? '', said);
    assert.deepEqual(asked, ['/workspace/sub: make -j2 all']);
    const { verdict, answer: told, answeredBy } = records[0]?.detail ?? {};
    assert.deepEqual([verdict, told, answeredBy], ['ask', settled.answer, settled.actor?.user ?? null]);
    assert.equal((await gate.judge(started)).allow, again);
    assert.equal(asked.length, again ? 1 : 2);
  });

test('a yes for the session is about the same file, arguments and folder only', async () => {
  const { gate, asked } = desk({ answers: [{ answer: 'session' }], judge: () => word('ask') });
  await gate.judge(started);
  for (const other of [
    { ...started, argv: ['make', 'clean'] },
    { ...started, cwd: '/workspace' },
    { ...started, file: '/tmp/make' },
  ])
    assert.equal((await gate.judge(other)).allow, false);
  assert.equal((await gate.judge({ ...started, argv: ['other name', '-j2', 'all'] })).allow, true);
  assert.equal(asked.length, 4);
});

test('a yes that comes after the mode has been changed does not undo that', async () => {
  let decision: Decision = 'ask';
  const { gate, records } = desk({
    answers: [{ answer: 'once' }],
    judge: () => {
      const said = word(decision);
      decision = 'deny';
      return said;
    },
  });
  assert.match((await gate.judge(started)).message ?? '', /is blocked/);
  assert.equal(records[0]?.outcome, 'blocked');
});

test('arguments that changed are judged again, and recorded as a violation either way', async () => {
  const { gate, records } = desk();
  const env = { ...started, asked: '/usr/bin/env', file: '/usr/bin/env', argv: ['env', 'true'] };
  await gate.judge(env);
  assert.equal(await gate.changed(7, 40, ['env', 'docker', 'ps']), false);
  assert.equal(await gate.changed(7, 40, ['env', 'false']), true);
  assert.deepEqual(
    records.slice(1).map(({ type, action, outcome, target }) => [type, action, outcome, target]),
    [
      ['violation', 'arguments-changed', 'blocked', 'env docker ps'],
      ['violation', 'arguments-changed', 'success', 'env false'],
    ],
  );
  assert.equal(records[1]?.detail?.['allowedAs'], 'env true');
});

test('a script’s changed arguments are those of its interpreter', async () => {
  const { gate } = desk();
  const script = { ...started, file: '/workspace/x', asked: './x', script: true, shebang: '/usr/bin/env', interpreter: '/usr/bin/env' };
  await gate.judge({ ...script, argv: ['./x'] });
  assert.equal(await gate.changed(7, 40, ['/usr/bin/env', './x']), true);
  assert.equal(await gate.changed(7, 40, ['/usr/bin/env', 'docker']), false);
});

test('arguments of a start that nobody knows, or that cannot be recorded, are a no', async () => {
  const own = desk();
  assert.equal(await own.gate.changed(99, 40, ['ls']), false);
  await own.gate.judge(started);
  own.fill();
  await assert.rejects(own.gate.changed(7, 40, ['make']), /no space/);
});

test('another program than was allowed is a violation on record', async () => {
  const { gate, records } = desk();
  await gate.judge(started);
  gate.other(7, 40);
  const { type, action, outcome, target } = records[1] ?? assert.fail();
  assert.deepEqual([type, action, outcome, target], ['violation', 'program-changed', 'blocked', 'make -j2 all']);
});
