/** What waits for a person's word: who is asked, how long, and that no answer is a no. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../../../../helper/base/clock.ts';
import type { LassoEvent } from '../../../../helper/protocol/events.ts';
import { Approvals, type ApprovalQuestion, type Settled } from '../../../../helper/core/gating/approvals.ts';
import { deferred } from '../../../../helper/guest/deferred.ts';

const actor = { kind: 'user', face: 'cli', user: 'tester' } as const;
const question: ApprovalQuestion = {
  ...{ sandbox: '0123456789ab', name: 'box', kind: 'command', what: 'git push', where: '/workspace', why: 'A push is asked about.' },
  answers: ['once', 'session'],
  timeoutMs: 5000,
};

interface Desk {
  readonly approvals: Approvals;
  readonly events: LassoEvent[];
  readonly timeOver: () => void;
  readonly sleeping: () => number;
}

/** A desk whose time is over when the test says so. */
function openDesk(): Desk {
  const events: LassoEvent[] = [];
  const sleeps = new Set<() => void>();
  let count = 0;
  const clock: Clock = {
    now: () => new Date(Date.UTC(2026, 0, 1)),
    monotonicMs: () => 0,
    sleep: (_ms, signal) => {
      const over = deferred<undefined>();
      const wake = (): void => over.resolve(undefined);
      sleeps.add(wake);
      signal?.addEventListener('abort', () => {
        sleeps.delete(wake);
        over.reject(new Error('no longer waited for'));
      });
      return over.promise;
    },
  };
  const approvals = new Approvals(clock, { hex: (bytes) => String((count += 1)).padStart(2 * bytes, '0') });
  approvals.onEvent = (event) => events.push(event);
  return { approvals, events, timeOver: () => sleeps.forEach((wake) => wake()), sleeping: () => sleeps.size };
}

const idOf = (approvals: Approvals): string => approvals.open[0]?.id ?? '';

test('a question is told with its number and its times, answered by a person, and told to be over', async () => {
  const { approvals, events, sleeping } = openDesk();
  void approvals.attend();
  const asked = approvals.ask(question);
  const [open] = approvals.open;
  assert.deepEqual([open?.id, open?.what, open?.askedAt], ['00000001', 'git push', '2026-01-01T00:00:00.000Z']);
  assert.equal(open?.expiresAt, '2026-01-01T00:00:05.000Z');
  assert.equal(approvals.answer('00000001', 'session', actor).what, 'git push');
  assert.deepEqual(await asked, { answer: 'session', actor });
  assert.deepEqual(
    events.map(({ type }) => type),
    ['approval', 'approval-settled'],
  );
  assert.deepEqual([approvals.open.length, sleeping()], [0, 0]);
});

const refusals: readonly (readonly [name: string, act: (desk: Desk) => void, settled: Settled['answer']])[] = [
  ['a person says no', ({ approvals }) => void approvals.answer(idOf(approvals), 'deny', actor), 'deny'],
  ['nobody answers in time', ({ timeOver }) => timeOver(), 'timeout'],
  ['the sandbox ends', ({ approvals }) => approvals.withdraw(question.sandbox), 'withdrawn'],
];
for (const [name, act, settled] of refusals)
  test(`it is a no when ${name}`, async () => {
    const own = openDesk();
    void own.approvals.attend();
    const asked = own.approvals.ask(question);
    act(own);
    assert.equal((await asked).answer, settled);
    assert.deepEqual([own.approvals.open.length, own.sleeping()], [0, 0]);
  });

test('whoever asked may take the question back, even before it is put', async () => {
  const { approvals } = openDesk();
  void approvals.attend();
  const abort = new AbortController();
  const asked = approvals.ask(question, abort.signal);
  abort.abort();
  assert.equal((await asked).answer, 'withdrawn');
  assert.equal((await approvals.ask(question, abort.signal)).answer, 'withdrawn');
});

test('another sandbox’s end leaves a question open', async () => {
  const { approvals } = openDesk();
  void approvals.attend();
  const asked = approvals.ask(question);
  approvals.withdraw('ffffffffffff');
  assert.equal(approvals.open.length, 1);
  approvals.answer(idOf(approvals), 'once', actor);
  assert.equal((await asked).answer, 'once');
});

test('where nobody is there to answer, the no comes at once and nobody is told of a question', async () => {
  const { approvals, events } = openDesk();
  assert.equal((await approvals.ask(question)).answer, 'unattended');
  const [first, second] = [approvals.attend(), approvals.attend()];
  void first.dispose();
  void first.dispose();
  const asked = approvals.ask(question);
  assert.equal(approvals.open.length, 1, 'the second is still there');
  approvals.answer(idOf(approvals), 'once', actor);
  await asked;
  void second.dispose();
  assert.equal((await approvals.ask(question)).answer, 'unattended');
  assert.equal((await approvals.ask({ ...question, timeoutMs: 0 })).answer, 'unattended');
  assert.equal(events.length, 2);
});

test('a yes may not last longer than the profile lets it', async () => {
  const { approvals } = openDesk();
  void approvals.attend();
  const asked = approvals.ask(question);
  assert.throws(() => approvals.answer(idOf(approvals), 'always', actor), { code: 'BAD_REQUEST', message: /“session” at most/ });
  assert.equal(approvals.open.length, 1, 'it is still open');
  approvals.answer(idOf(approvals), 'once', actor);
  assert.equal((await asked).answer, 'once');
});

test('a question is answered once', async () => {
  const { approvals } = openDesk();
  void approvals.attend();
  const asked = approvals.ask(question);
  const id = idOf(approvals);
  approvals.answer(id, 'deny', actor);
  await asked;
  assert.throws(() => approvals.answer(id, 'once', actor), { code: 'BAD_REQUEST', message: /No question/ });
});

test('a flood of questions ends in a no, and the first ones stay', async () => {
  const { approvals } = openDesk();
  void approvals.attend();
  const asked = Array.from({ length: 200 }, () => approvals.ask(question));
  assert.equal((await approvals.ask(question)).answer, 'unattended');
  assert.equal(approvals.open.length, 200);
  approvals.withdraw(question.sandbox);
  assert.deepEqual(new Set((await Promise.all(asked)).map(({ answer }) => answer)), new Set(['withdrawn']));
});
