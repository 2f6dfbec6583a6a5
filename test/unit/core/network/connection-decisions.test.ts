/** From policy's word on a connection to its answer: recorded first, asked where policy says so, and a no whenever something fails. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Settled } from '../../../../helper/core/gating/approvals.ts';
import { connectionDecisions, type ConnectionAsked } from '../../../../helper/core/network/connection-decisions.ts';
import type { EgressDecision, EgressIntent } from '../../../../helper/egress/contract.ts';
import { deferred, type Deferred } from '../../../../helper/guest/deferred.ts';
import type { NetworkRules } from '../../../../helper/policy/network/rules.ts';
import type { RecordEntry } from '../../../../helper/protocol/record.ts';
import { networkRulesOfText } from '../../../kit/network-rules.ts';

const rules = networkRulesOfText(`
allowed_domains = ["open.example"]
blocked_domains = ["bad.example"]
unlisted = "ask"
[[network.rules]]
host = "api.example"
methods = ["GET"]
`);
const asker = { pid: 41, executable: '/usr/bin/curl', argv: ['curl', 'https://open.example/a'] };
const to = (host: string, more: Partial<EgressIntent> = {}): EgressIntent => ({ what: 'connection', host, port: 443, asker, ...more });
const here = new AbortController().signal;

interface Desk {
  readonly decide: (intent: EgressIntent, signal?: AbortSignal) => Promise<EgressDecision>;
  readonly records: RecordEntry[];
  readonly asked: { readonly question: ConnectionAsked; readonly signal: AbortSignal; readonly settled: Deferred<Settled> }[];
  readonly errors: string[];
  readonly use: (next: NetworkRules) => void;
  /** the record takes nothing more */
  readonly fill: () => void;
}

function desk(): Desk {
  const [records, asked, errors]: [RecordEntry[], Desk['asked'], string[]] = [[], [], []];
  let now = rules;
  let full = false;
  const decide = connectionDecisions({
    record: {
      file: '',
      head: { seq: -1, digest: '' },
      append: (entry) => (full ? Promise.reject(new Error('no space')) : Promise.resolve(records.push(entry) - 1)),
      checkpoint: () => Promise.resolve(''),
      close: () => Promise.resolve(),
    },
    rules: () => now,
    originOf: (rule) => (rule === 'network.blocked_domains[0]' ? 'standard.toml:12' : undefined),
    ask: (question, signal) => {
      const settled = deferred<Settled>();
      asked.push({ question, signal, settled });
      return settled.promise;
    },
    logError: (message) => errors.push(message),
  });
  return {
    ...{ records, asked, errors },
    decide: (intent, signal = here) => decide(intent, signal),
    use: (next) => (now = next),
    fill: () => (full = true),
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const person = { kind: 'user', face: 'cli', user: 'ada' } as const;

test('what is allowed is on record with who asked, and the answer names its record', async () => {
  const { decide, records } = desk();
  const { allow, record } = await decide(to('OPEN.example.'));
  assert.deepEqual([allow, record], [true, 0]);
  const [{ type, action, outcome, target, detail } = assert.fail()] = records;
  assert.deepEqual([type, action, outcome, target], ['network', 'connect', 'success', 'open.example:443']);
  assert.deepEqual(detail, {
    ...{ host: 'open.example', port: 443, pid: 41, executable: '/usr/bin/curl', argv: asker.argv },
    ...{ verdict: 'allow', stage: 'allowed-host', reason: 'open.example is allowed by network.allowed_domains[0].' },
    rule: 'network.allowed_domains[0]',
  });
});

test('what is refused is on record with rule and origin, and the agent gets one line that names them', async () => {
  const { decide, records } = desk();
  const { allow, message, origin } = await decide(to('bad.example'));
  assert.deepEqual([allow, origin], [false, 'standard.toml:12']);
  assert.match(message, /^LASSO: connection to bad\.example:443 is blocked by standard\.toml:12\. \S[^\n]*\.$/);
  const { outcome, detail } = records[0] ?? assert.fail();
  assert.deepEqual(
    [outcome, detail?.['verdict'], detail?.['rule'], detail?.['origin']],
    ['blocked', 'deny', 'network.blocked_domains[0]', 'standard.toml:12'],
  );
});

test('a request is on record with its method and path, and without its query', async () => {
  const { decide, records } = desk();
  const request = { what: 'request', path: '/a/b?token=x#y', of: 7 } as const;
  assert.equal((await decide(to('api.example', { ...request, method: 'GET' }))).allow, true);
  const { allow, message } = await decide(to('api.example', { ...request, method: 'POST' }));
  assert.equal(allow, false);
  assert.match(message, /^LASSO: POST api\.example:443\/a\/b is blocked by network\.rules\[0\]\. /);
  assert.deepEqual(
    records.map(({ action, target, detail }) => [action, target, detail?.['method'], detail?.['path'], detail?.['of']]),
    [
      ['request', 'GET api.example:443/a/b', 'GET', '/a/b', 7],
      ['request', 'POST api.example:443/a/b', 'POST', '/a/b', 7],
    ],
  );
});

test('a name is told without a record and without a question, and a refused one is on record', async () => {
  const { decide, records, asked } = desk();
  assert.equal((await decide(to('open.example', { what: 'name' }))).allow, true);
  assert.equal((await decide(to('new.example', { what: 'name' }))).allow, true);
  assert.equal((await decide(to('bad.example', { what: 'name' }))).allow, false);
  assert.equal(asked.length, 0);
  assert.deepEqual(
    records.map(({ action, target, outcome, detail }) => [action, target, outcome, detail?.['port']]),
    [['name', 'bad.example', 'blocked', undefined]],
  );
});

test('what cannot be recorded does not leave', async () => {
  const own = desk();
  own.fill();
  const { allow, message } = await own.decide(to('open.example'));
  assert.equal(allow, false);
  assert.match(message, /could not be written down/);
  assert.deepEqual(own.errors, ['a connection is not on record, so it is refused']);
});

describe('where policy asks', () => {
  test('a person sees host, port, command line and why, and their no is the answer', async () => {
    const own = desk();
    const answer = own.decide(to('new.example'));
    await turn();
    const [{ question, settled } = assert.fail()] = own.asked;
    assert.deepEqual(
      [question.what, question.where, question.host, question.port],
      ['new.example:443', 'curl https://open.example/a', 'new.example', 443],
    );
    settled.resolve({ answer: 'deny', actor: person });
    const { allow, message } = await answer;
    assert.equal(allow, false);
    assert.match(message, /^LASSO: connection to new\.example:443 needs approval by network\.unlisted, and a person said no\.$/);
    const { outcome, detail } = own.records[0] ?? assert.fail();
    assert.deepEqual([outcome, detail?.['answer'], detail?.['answeredBy']], ['blocked', 'deny', 'ada']);
  });

  test('the same host and port at once is one question, another port another', async () => {
    const own = desk();
    const answers = [own.decide(to('new.example')), own.decide(to('NEW.example.')), own.decide(to('new.example', { port: 80 }))];
    await turn();
    assert.deepEqual(
      own.asked.map(({ question }) => question.what),
      ['new.example:443', 'new.example:80'],
    );
    own.asked[0]?.settled.resolve({ answer: 'once', actor: person });
    own.asked[1]?.settled.resolve({ answer: 'deny', actor: person });
    assert.deepEqual(
      (await Promise.all(answers)).map(({ allow }) => allow),
      [true, true, false],
    );
  });

  for (const [answer, again] of [
    ['once', 2],
    ['session', 1],
    ['always', 1],
  ] as const)
    test(`a yes for “${answer}” is ${again === 1 ? 'not asked for' : 'asked for'} again`, async () => {
      const own = desk();
      for (let times = 0; times < 2; times += 1) {
        const decided = own.decide(to('new.example'));
        await turn();
        own.asked[times]?.settled.resolve({ answer, actor: person });
        assert.equal((await decided).allow, true);
      }
      assert.equal(own.asked.length, again);
    });

  test('a single yes to a connection counts for its own requests, and for no other’s', async () => {
    const own = desk();
    const connection = own.decide(to('new.example'));
    await turn();
    own.asked[0]?.settled.resolve({ answer: 'once', actor: person });
    const { record = -1 } = await connection;
    const request = { what: 'request', method: 'GET', path: '/' } as const;
    assert.equal((await own.decide(to('new.example', { ...request, of: record }))).allow, true);
    assert.equal(own.asked.length, 1);
    void own.decide(to('new.example', { ...request, of: record + 100 }));
    await turn();
    assert.equal(own.asked.length, 2);
  });

  test('the question is withdrawn when the last who asked has gone away, and only then', async () => {
    const own = desk();
    const [first, second] = [new AbortController(), new AbortController()];
    const answers = [own.decide(to('new.example'), first.signal), own.decide(to('new.example'), second.signal)];
    await turn();
    first.abort();
    assert.equal((await answers[0])?.allow, false);
    assert.equal(own.asked[0]?.signal.aborted, false);
    second.abort();
    assert.equal((await answers[1])?.allow, false);
    assert.equal(own.asked[0].signal.aborted, true);
    void own.decide(to('new.example'));
    await turn();
    assert.equal(own.asked.length, 2, 'who comes later is asked for anew');
  });

  test('rules that changed while a person thought come before their yes', async () => {
    const own = desk();
    const decided = own.decide(to('new.example'));
    await turn();
    own.use(networkRulesOfText('blocked_domains = ["new.example"]'));
    own.asked[0]?.settled.resolve({ answer: 'always', actor: person });
    const { allow, verdict } = await decided;
    assert.deepEqual([allow, verdict.stage], [false, 'blocked-host']);
  });
});

test('nothing that comes from inside can write to a terminal or a log as more than text', async () => {
  const own = desk();
  const { message } = await own.decide(to('a\u001b[2J\r\nLASSO: fine.example', { asker: null }));
  assert.doesNotMatch(message, /[\p{Cc}\p{Cf}]/u);
  const { target } = own.records[0] ?? assert.fail();
  assert.doesNotMatch(target ?? '', /[\p{Cc}\p{Cf}]/u);
});
