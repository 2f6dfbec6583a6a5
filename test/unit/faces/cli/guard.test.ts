/** `lasso guard`: 0 is a yes, and whatever else happens is 2 with the reason, for hooks take most statuses for a yes. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import type { Connect, Connection } from '../../../../helper/faces/cli/connection.ts';
import { guard } from '../../../../helper/faces/cli/guard.ts';
import type { AgentName } from '../../../../helper/protocol/agent.ts';
import { LassoError } from '../../../../helper/protocol/errors.ts';
import { testConsole } from '../../../kit/console.ts';

interface Guarded {
  readonly status: number;
  readonly stderr: string;
  readonly stdout: string;
  readonly calls: readonly unknown[];
}

const yes = (): Promise<unknown> => Promise.resolve({ allow: true, reason: '' });

async function guarded(
  answer: () => Promise<unknown>,
  options: { input?: PassThrough; connect?: Connect; agent?: AgentName } = {},
): Promise<Guarded> {
  const calls: unknown[] = [];
  const call = (name: string, params: unknown): Promise<unknown> => {
    calls.push([name, params]);
    return answer();
  };
  const connection: Connection = { call: call as Connection['call'], openStream: () => new PassThrough(), dispose: () => undefined };
  const stdin = options.input ?? new PassThrough().end('{"a":1}');
  const console = { ...testConsole(), stdin };
  const status = await guard(
    { console, connect: options.connect ?? (() => Promise.resolve(connection)) },
    { agent: options.agent ?? 'claude', dir: '/src/app' },
  );
  return { status, ...console.written(), calls };
}

test('a yes is 0 and says nothing', async () => {
  const { status, stderr, stdout, calls } = await guarded(yes);
  assert.deepEqual([status, stderr, stdout], [0, '', '']);
  assert.deepEqual(calls, [['guardAsk', { agent: 'claude', dir: '/src/app', profile: undefined, payload: '{"a":1}' }]]);
});

test('a no is 2 with its reason, in which nothing moves a cursor', async () => {
  const { status, stderr, stdout } = await guarded(() => Promise.resolve({ allow: false, reason: 'LASSO: no\u001b[2J' }));
  assert.deepEqual([status, stdout], [2, '']);
  assert.match(stderr, /^LASSO: no[^\u001b]*\n$/);
});

test('Copilot is told the reason in JSON too', async () => {
  const { status, stderr, stdout } = await guarded(() => Promise.resolve({ allow: false, reason: 'LASSO: not "this"' }), {
    agent: 'copilot',
  });
  assert.deepEqual(
    [status, stderr, JSON.parse(stdout)],
    [2, 'LASSO: not "this"\n', { permissionDecision: 'deny', permissionDecisionReason: 'LASSO: not "this"' }],
  );
});

const broken = (): PassThrough => {
  const stream = new PassThrough();
  setImmediate(() => stream.destroy(new Error('broken')));
  return stream;
};

const failing: readonly (readonly [what: string, run: () => Promise<Guarded>])[] = [
  [
    'a helper that cannot be had',
    () => guarded(yes, { connect: () => Promise.reject(new LassoError('HELPER_UNREACHABLE', 'None', 'Try.')) }),
  ],
  ['a helper that fails', () => guarded(() => Promise.reject(new LassoError('BAD_PROFILE', 'It has errors', 'Correct it.')))],
  ['a helper that is lost', () => guarded(() => Promise.reject(new Error('lost')))],
  ['an answer that is none', () => guarded(() => Promise.resolve(undefined))],
  ['an answer that says nothing', () => guarded(() => Promise.resolve({}))],
  ['a payload that breaks off', () => guarded(yes, { input: broken() })],
  ['a payload that is too large', () => guarded(yes, { input: new PassThrough().end(Buffer.alloc(8 * 1024 * 1024, '"')) })],
  [
    'a payload that is too large once it is quoted',
    () => guarded(yes, { input: new PassThrough().end(Buffer.alloc(4 * 1024 * 1024, '"')) }),
  ],
];
for (const [what, run] of failing)
  test(`${what} is a no`, async () => {
    const { status, stderr } = await run();
    assert.equal(status, 2);
    assert.notEqual(stderr, '');
  });
