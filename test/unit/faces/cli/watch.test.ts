/** `lasso approvals --watch` and `lasso approve`: what a person is shown, what their keys do, and that nothing is saved unasked. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, test } from 'node:test';
import { approve } from '../../../../helper/faces/cli/accept.ts';
import type { CallOptions, Connection } from '../../../../helper/faces/cli/connection.ts';
import { watchApprovals } from '../../../../helper/faces/cli/watch.ts';
import type { Approval, ProposedChange } from '../../../../helper/protocol/approval.ts';
import { LassoError } from '../../../../helper/protocol/errors.ts';
import type { LassoEvent } from '../../../../helper/protocol/events.ts';
import { testConsole } from '../../../kit/console.ts';

const question: Approval = {
  ...{ id: '1f2e3d4c', sandbox: '0123456789ab', name: 'app', kind: 'command', what: 'git push \u001b[2J', where: '/workspace/sub' },
  ...{ why: 'The profile asks a person.', rule: 'commands.ask_args.git[0]', origin: 'team.toml:3' },
  answers: ['once', 'session', 'always'],
  ...{ askedAt: '2026-01-02T03:04:00.000Z', expiresAt: '2026-01-02T03:09:00.000Z' },
};
const second: Approval = { ...question, id: 'aaaaaaaa', what: 'npm publish', answers: ['once'] };
const change: ProposedChange = { profile: 'team', file: '/user/team.toml', before: 'a = 1\n', after: 'a = 1\nb = 2\n' };

interface Desk {
  readonly calls: (readonly [name: string, params: unknown])[];
  readonly tell: (event: LassoEvent) => void;
  readonly keys: (text: string) => Promise<void>;
  readonly out: () => string;
  readonly status: Promise<number | LassoError>;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A watch of which `open` is asked already; an answer settles its question, as the helper does. */
async function watching(
  options: {
    readonly terminal?: boolean;
    readonly json?: boolean;
    readonly open?: readonly Approval[];
    readonly change?: ProposedChange;
  } = {},
): Promise<Desk> {
  const { terminal = true, json = false, open = [question] } = options;
  const stdin = Object.assign(new PassThrough(), { isTTY: terminal });
  const console = { ...testConsole({ terminal, environment: { NO_COLOR: '1' } }), stdin };
  const calls: [string, unknown][] = [];
  const listeners = new Set<(event: LassoEvent) => void>();
  const tell = (event: LassoEvent): void => listeners.forEach((listener) => listener(event));
  const call = (name: string, params: { readonly id: string; readonly for?: 'once' }, { signal }: CallOptions = {}): Promise<unknown> => {
    calls.push([name, params]);
    if (name === 'attend')
      return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new LassoError('CANCELLED', 'over', 'x'))));
    if (name === 'approvals') return Promise.resolve({ approvals: open });
    if (name === 'profileSave') return Promise.resolve({ name: 'team', file: '/user/team.toml', version: 2, findings: [] });
    tell({ type: 'approval-settled', id: params.id, answer: params.for ?? 'deny' });
    return Promise.resolve(name === 'approve' && options.change ? { ...question, change: options.change } : question);
  };
  const connection = {
    call: call as Connection['call'],
    openStream: () => new PassThrough(),
    dispose: () => undefined,
    onEvent: (listener: (event: LassoEvent) => void) => {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
  };
  const status = watchApprovals({ connection, console }, json).catch((error: unknown) => {
    assert.ok(error instanceof LassoError);
    return error;
  });
  await turn();
  const keys = async (text: string): Promise<void> => {
    stdin.write(text);
    await turn();
    await turn();
  };
  return { calls, tell, keys, out: () => console.written().stdout, status };
}

const answersOf = ({ calls }: Desk): readonly unknown[] => calls.filter(([name]) => !['attend', 'approvals'].includes(name));

test('a question is shown with all that is needed to answer it, and hostile text stays harmless', async () => {
  const desk = await watching();
  assert.deepEqual(desk.out().split('\n').slice(1), [
    ...['', 'app wants to run  git push \\u{1b}[2J', '  in    /workspace/sub', '  why   The profile asks a person.'],
    ...['  rule  commands.ask_args.git[0], team.toml:3', '  id    1f2e3d4c', '  [y] once  [s] session  [a] always  [n] deny', ''],
  ]);
  await desk.keys('q');
  assert.equal(await desk.status, 0);
  assert.deepEqual(
    desk.calls.map(([name]) => name),
    ['attend', 'approvals'],
  );
});

describe('a key answers', () => {
  const cases: readonly (readonly [key: string, call: unknown, said: RegExp])[] = [
    ['y', ['approve', { id: '1f2e3d4c', for: 'once' }], /\n {2}allowed once\n/],
    ['Y', ['approve', { id: '1f2e3d4c', for: 'once' }], /\n {2}allowed once\n/],
    ['s', ['approve', { id: '1f2e3d4c', for: 'session' }], /as long as the sandbox runs/],
    ['a', ['approve', { id: '1f2e3d4c', for: 'always' }], /No change of a profile means exactly this/],
    ['n', ['deny', { id: '1f2e3d4c' }], /\n {2}denied\n/],
  ];
  for (const [key, call, said] of cases)
    test(key, async () => {
      const desk = await watching();
      await desk.keys(key);
      assert.deepEqual(answersOf(desk), [call]);
      assert.match(desk.out(), said);
      await desk.keys('\u0003');
      assert.equal(await desk.status, 0);
    });
  test('nothing where it means nothing, nor where no question is open', async () => {
    const desk = await watching({ open: [] });
    await desk.keys('y');
    desk.tell({ type: 'approval', approval: question });
    await desk.keys('x');
    await desk.keys('\r');
    assert.deepEqual(answersOf(desk), []);
    await desk.keys('\u0004');
  });
  test('one question at a time, also where more keys are pasted', async () => {
    const desk = await watching({ open: [question, second] });
    assert.doesNotMatch(desk.out(), /npm publish/);
    await desk.keys('yyyy');
    assert.equal(answersOf(desk).length, 1);
    assert.match(desk.out(), /npm publish[^]*\[y\] once {2}\[n\] deny\n$/);
    await desk.keys('s');
    assert.equal(answersOf(desk).length, 1, 'a yes that the profile does not take');
    assert.match(desk.out(), /“once” at most/);
    await desk.keys('q');
  });
});

test('a question that is over elsewhere makes way for the next', async () => {
  const desk = await watching({ open: [question, second] });
  desk.tell({ type: 'approval-settled', id: question.id, answer: 'timeout' });
  assert.match(desk.out(), /denied: nobody answered in time\n[^]*npm publish/);
  desk.tell({ type: 'approval-settled', id: 'ffffffff', answer: 'once' });
  await desk.keys('q');
  assert.deepEqual(answersOf(desk), []);
});

describe('what a lasting yes would change is shown, and saved', () => {
  const cases: readonly (readonly [key: string, saved: boolean])[] = [
    ['y', true],
    ['n', false],
    ['\r', false],
  ];
  for (const [key, saved] of cases)
    test(`${JSON.stringify(key)}: ${saved ? 'after a yes' : 'not without one'}`, async () => {
      const desk = await watching({ change });
      await desk.keys('a');
      assert.match(desk.out(), /team would never ask about it again \(\/user\/team\.toml\):\n {4}a = 1\n {2}\+ b = 2\n {2}Save it\?/);
      assert.equal(answersOf(desk).length, 1);
      await desk.keys(key);
      const expected = ['profileSave', { name: 'team', text: change.after, reason: 'edited' }];
      assert.deepEqual(answersOf(desk).slice(1), saved ? [expected] : []);
      await desk.keys('q');
    });
});

test('--json is one event a line, and answers nothing', async () => {
  const desk = await watching({ json: true });
  desk.tell({ type: 'approval', approval: question });
  desk.tell({ type: 'approval', approval: second });
  desk.tell({ type: 'approval-settled', id: second.id, answer: 'deny' });
  await desk.keys('y');
  const lines = desk.out().trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line) as unknown),
    [
      { type: 'approval', approval: question },
      { type: 'approval', approval: second },
      { type: 'approval-settled', id: second.id, answer: 'deny' },
    ],
  );
  assert.ok(!desk.out().includes('\u001b'));
  process.emit('SIGTERM');
  assert.equal(await desk.status, 0);
  assert.deepEqual(answersOf(desk), []);
});

test('without a terminal questions are told with the way to answer them', async () => {
  const desk = await watching({ terminal: false });
  assert.match(desk.out(), /`lasso approve ID`[^]*git push/);
  await desk.keys('y');
  assert.deepEqual(answersOf(desk), []);
  process.emit('SIGTERM');
  assert.equal(await desk.status, 0);
});

describe('lasso approve', () => {
  async function approving(typed: string, terminal: boolean): Promise<{ readonly out: string; readonly calls: readonly string[] }> {
    const stdin = Object.assign(new PassThrough(), { isTTY: terminal });
    const console = { ...testConsole({ terminal, environment: { NO_COLOR: '1' } }), stdin };
    const calls: string[] = [];
    const call = (name: string): Promise<unknown> => {
      calls.push(name);
      return Promise.resolve(name === 'approve' ? { ...question, change } : { name: 'team', file: '', version: 2, findings: [] });
    };
    const connection = { call: call as Connection['call'], openStream: () => new PassThrough(), dispose: () => undefined };
    stdin.end(typed);
    assert.equal(await approve({ connection, console }, { id: question.id, for: 'always' }), 0);
    return { out: console.written().stdout, calls };
  }
  test('offers what would make a yes last, to a person', async () => {
    const { out, calls } = await approving('y\n', true);
    assert.deepEqual(calls, ['approve', 'profileSave']);
    assert.match(out, /^approved {2}git push[^]* {2}\+ b = 2\n[^]*saved {2}team\n/);
  });
  for (const [typed, terminal] of [
    ['n\n', true],
    ['\n', true],
    ['', true],
    ['y\n', false],
  ] as const)
    test(`saves nothing ${terminal ? `after ${JSON.stringify(typed)}` : 'where nobody is there'}`, async () => {
      assert.deepEqual((await approving(typed, terminal)).calls, ['approve']);
    });
});
