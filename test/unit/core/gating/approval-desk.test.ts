/** Questions and answers are on record, in that order, and a no is not asked for twice in a row. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApprovalDesk } from '../../../../helper/core/gating/approval-desk.ts';
import { Approvals, type ApprovalQuestion, type Settled } from '../../../../helper/core/gating/approvals.ts';
import type { RecordEntry } from '../../../../helper/protocol/record.ts';

const person = { kind: 'user', face: 'cli', user: 'ada' } as const;
const question: ApprovalQuestion = {
  ...{ sandbox: '0123456789ab', name: 'box', kind: 'command', what: 'git push', where: '/workspace', why: 'A push is asked about.' },
  ...{ rule: 'commands.ask_args.git[0]', origin: 'team.toml:3' },
  answers: ['once', 'session'],
  timeoutMs: 5000,
};

interface Kept {
  readonly desk: ApprovalDesk;
  readonly approvals: Approvals;
  readonly records: (readonly [entry: RecordEntry, finishes: number | undefined])[];
  readonly pass: (ms: number) => void;
  readonly fill: () => void;
}

function open(): Kept {
  const records: (readonly [RecordEntry, number | undefined])[] = [];
  let nowMs = 0;
  let full = false;
  const clock = { now: () => new Date(0), monotonicMs: () => nowMs, sleep: () => new Promise<void>(() => undefined) };
  const approvals = new Approvals(clock, { hex: () => 'abcdef01' });
  const desk = new ApprovalDesk(
    approvals,
    {
      file: '',
      head: { seq: -1, digest: '' },
      append: (entry, finishes) => (full ? Promise.reject(new Error('no space')) : Promise.resolve(records.push([entry, finishes]) - 1)),
      checkpoint: () => Promise.resolve(''),
      close: () => Promise.resolve(),
    },
    clock,
  );
  return { desk, approvals, records, pass: (ms) => (nowMs += ms), fill: () => (full = true) };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Asks, and answers once the question is open. */
async function asked({ desk, approvals }: Kept, answer: 'once' | 'session' | 'deny', key = 'k'): Promise<Settled> {
  const settled = desk.ask(key, question);
  await turn();
  if (approvals.open.length > 0) approvals.answer('abcdef01', answer, person);
  return await settled;
}

test('who was asked what, and who answered how, is on record', async () => {
  const own = open();
  void own.approvals.attend();
  assert.equal((await asked(own, 'session')).answer, 'session');
  assert.deepEqual(
    own.records.map(([{ type, action, outcome, actor, target, detail }, finishes]) => [
      ...[type, action, outcome, actor.kind, actor.user, target, detail?.['rule'], detail?.['origin'], detail?.['answer'], finishes],
    ]),
    [
      ['approval', 'ask', 'intent', 'agent', undefined, 'git push', 'commands.ask_args.git[0]', 'team.toml:3', undefined, undefined],
      ['approval', 'answer', 'success', 'user', 'ada', 'git push', undefined, undefined, 'session', 0],
    ],
  );
});

test('a no is on record with who said it', async () => {
  const own = open();
  void own.approvals.attend();
  assert.equal((await asked(own, 'deny')).answer, 'deny');
  const [, answered] = own.records;
  assert.deepEqual([answered?.[0].outcome, answered?.[0].actor, answered?.[0].detail?.['answer']], ['blocked', person, 'deny']);
});

test('where nobody is there to ask, one record says what would have been asked and that nobody was', async () => {
  const own = open();
  assert.equal((await asked(own, 'once')).answer, 'unattended');
  assert.deepEqual(
    own.records.map(([{ type, action, outcome, target, detail }, finishes]) => [
      ...[type, action, outcome, target, detail?.['rule'], detail?.['answer'], finishes],
    ]),
    [['approval', 'ask', 'blocked', 'git push', 'commands.ask_args.git[0]', 'unattended', undefined]],
  );
});

test('a refused question is refused without asking for a minute, and asked again after it', async () => {
  const own = open();
  void own.approvals.attend();
  await asked(own, 'deny');
  own.pass(59_999);
  assert.deepEqual(await asked(own, 'once'), { answer: 'deny', actor: person, repeated: true });
  assert.equal((await asked(own, 'once', 'another')).answer, 'once', 'another question is asked');
  own.pass(1);
  assert.equal((await asked(own, 'once')).answer, 'once');
});

test('only a person’s no is remembered', async () => {
  const own = open();
  assert.equal((await asked(own, 'once')).answer, 'unattended');
  void own.approvals.attend();
  assert.equal((await asked(own, 'once')).answer, 'once');
});

test('what cannot be recorded is not asked', async () => {
  const own = open();
  void own.approvals.attend();
  own.fill();
  await assert.rejects(own.desk.ask('k', question), /no space/);
  assert.equal(own.approvals.open.length, 0);
});
