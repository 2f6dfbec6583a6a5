/** The environment of a sandbox: nothing of the host’s, reserved names never taken, hostile names and values survived. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { authorityVariables, proxyVariables } from '../../../helper/protocol/profile/environment.ts';
import { requestedEnvironment, sandboxEnvironment } from '../../../helper/policy/environment.ts';

const closed = { mode: 'none' } as const;
const none = { environment: {}, network: closed };
const refused = [
  'PATH',
  'LD_PRELOAD',
  'LD_AUDIT',
  'HOME',
  'USER',
  'SHELL',
  'LANG',
  'LC_ALL',
  'TMPDIR',
  'DOCKER_HOST',
  'PYTHONPATH',
  'LASSO',
  'LASSO_SANDBOX',
  'LASSO_X',
  '',
  '1A',
  'A B',
  'A-B',
  'Ä',
  '__proto__x-',
];

test('the environment is made from nothing', () => {
  assert.deepEqual(sandboxEnvironment({ policy: none, requested: {}, id: '0123456789ab' }), {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/home/agent/.local/bin',
    HOME: '/home/agent',
    USER: 'agent',
    LOGNAME: 'agent',
    SHELL: '/bin/bash',
    LANG: 'C.UTF-8',
    TMPDIR: '/tmp',
    LASSO: '1',
    LASSO_SANDBOX: '0123456789ab',
  });
});

test('what was asked for comes before what the profile says, and what 1.x told itself is left out', () => {
  const policy = { environment: { A: 'profile', B: 'profile', LASSO_EXTRA_MOUNTS: '/:/x' }, network: closed };
  const made = sandboxEnvironment({ policy, requested: { B: 'asked', C: 'asked' }, id: 'x', agent: 'claude' });
  assert.deepEqual(
    [made['A'], made['B'], made['C'], made['LASSO_AGENT'], made['LASSO_EXTRA_MOUNTS']],
    ['profile', 'asked', 'asked', 'claude', undefined],
  );
});

test('only variables that are named leave the host', () => {
  const host = { TOKEN: 'secret', OTHER: 'x', HOME: '/home/alice' };
  assert.deepEqual(requestedEnvironment(['A=1=2', 'TOKEN', 'E='], host), { ok: true, variables: { A: '1=2', TOKEN: 'secret', E: '' } });
  for (const text of ['MISSING', 'toString', '__proto__', 'constructor']) {
    const answer = requestedEnvironment([text], host);
    assert.ok(!answer.ok && answer.reason.includes('is not set here'), text);
  }
});

test('reserved and impossible names are refused with a reason', () => {
  for (const name of refused) {
    const answer = requestedEnvironment([`${name}=x`], {});
    assert.ok(!answer.ok && answer.reason.includes(JSON.stringify(name)) && answer.hint !== '', name);
    assert.notEqual(
      sandboxEnvironment({ policy: { environment: { [name]: 'x' }, network: closed }, requested: { [name]: 'x' }, id: 'y' })[name],
      'x',
      name,
    );
  }
  assert.ok(!requestedEnvironment(['A=\0'], {}).ok);
  assert.ok(!requestedEnvironment([`A=${'x'.repeat(200_000)}`], {}).ok);
  assert.ok(
    !requestedEnvironment(
      Array.from({ length: 40 }, (_, n) => `A${n}=${'x'.repeat(40_000)}`),
      {},
    ).ok,
  );
});

test('whatever is asked, the sandbox keeps its own variables and only sound ones are added', () => {
  const name = fc.oneof(fc.constantFrom(...refused, '__proto__', 'constructor', 'OK'), fc.string({ unit: 'binary' }));
  const variables = fc.dictionary(name, fc.string({ unit: 'binary' }));
  const own = sandboxEnvironment({ policy: none, requested: {}, id: 'x' });
  fc.assert(
    fc.property(variables, variables, fc.array(fc.string({ unit: 'binary' })), (environment, requested, texts) => {
      const made = sandboxEnvironment({ policy: { environment, network: closed }, requested, id: 'x' });
      for (const [key, value] of Object.entries(own)) assert.equal(made[key], value);
      for (const [key, value] of Object.entries(made)) assert.ok(/^[A-Za-z_]\w*$/.test(key) && !value.includes('\0'));
      requestedEnvironment(texts, {});
    }),
  );
});

describe('where a network is allowed', () => {
  const made = (
    environment: Readonly<Record<string, string>>,
    requested: Readonly<Record<string, string>> = {},
    placeholders: Readonly<Record<string, string>> = {},
  ): Readonly<Record<string, string>> =>
    sandboxEnvironment({ policy: { environment, network: { mode: 'restricted' } }, requested, id: 'x', placeholders });

  test('every program finds the proxy and whom to trust, whoever says otherwise', () => {
    const elsewhere = Object.fromEntries([...proxyVariables, ...authorityVariables].map((name) => [name, 'elsewhere']));
    const own = made(elsewhere, elsewhere);
    for (const name of proxyVariables) assert.equal(own[name], 'http://127.0.0.1:3128', name);
    for (const name of authorityVariables) assert.equal(own[name], '/etc/ssl/certs/ca-certificates.crt', name);
  });

  test('hosts may be added to those that are reached without the proxy, and none is lost', () => {
    const own = made({ NO_PROXY: 'corp.example, localhost' }, { no_proxy: '.test' });
    assert.deepEqual([own['NO_PROXY'], own['no_proxy']], ['localhost,127.0.0.1,::1,corp.example', 'localhost,127.0.0.1,::1,.test']);
  });

  test('what stands for a secret comes before every other value of its variable, and never takes a reserved name', () => {
    const own = made({ TOKEN: 'profile' }, { TOKEN: 'asked' }, { TOKEN: 'placeholder', PATH: 'placeholder' });
    assert.equal(own['TOKEN'], 'placeholder');
    assert.notEqual(own['PATH'], 'placeholder');
  });
});
