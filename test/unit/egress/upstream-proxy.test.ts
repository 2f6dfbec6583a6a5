import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { isExcepted, upstreamProxyOf } from '../../../helper/egress/upstream-proxy.ts';
import { LassoError } from '../../../helper/protocol/errors.ts';

suite('the user’s proxy', () => {
  const named: readonly (readonly [environment: Record<string, string>, proxy: string | undefined])[] = [
    [{}, undefined],
    [{ HTTPS_PROXY: '', https_proxy: ' ' }, undefined],
    [{ HTTPS_PROXY: 'http://proxy.example:3128' }, 'proxy.example:3128'],
    [{ HTTPS_PROXY: 'http://proxy.example:3128/' }, 'proxy.example:3128'],
    [{ HTTPS_PROXY: 'http://proxy.example' }, 'proxy.example:80'],
    [{ HTTP_PROXY: 'proxy.example:8080' }, 'proxy.example:8080'],
    [{ ALL_PROXY: 'http://a.example:1', HTTP_PROXY: 'http://b.example:2' }, 'b.example:2'],
    [{ HTTPS_PROXY: 'http://a.example:1', https_proxy: 'http://b.example:2' }, 'b.example:2'],
    [{ HTTPS_PROXY: 'http://[2001:db8::1]:3128' }, '2001:db8::1:3128'],
    [{ HTTPS_PROXY: 'http://127.0.0.1:3128' }, '127.0.0.1:3128'],
  ];
  for (const [environment, wanted] of named)
    test(`${JSON.stringify(environment)} names ${wanted ?? 'none'}`, () => {
      const proxy = upstreamProxyOf(environment);
      assert.equal(proxy && `${proxy.host}:${proxy.port}`, wanted);
    });

  test('its user and password are sent as Basic, its exceptions are read', () => {
    const proxy = upstreamProxyOf({ https_proxy: 'http://me:p%40ss@proxy.example:1', NO_PROXY: 'a.example, .b.example,10.0.0.0/8' });
    assert.equal(proxy?.authorization, `Basic ${Buffer.from('me:p@ss').toString('base64')}`);
    assert.deepEqual(proxy.except, ['a.example', '.b.example', '10.0.0.0/8']);
  });

  for (const text of [
    'https://proxy.example:443',
    'socks5://proxy.example:1080',
    'http://a:b@c@d',
    'http://proxy.example:99999',
    'http://',
    'http://me:%zz@proxy.example',
    'http://a b:1',
  ])
    test(`${text} cannot be used, and that is said`, () =>
      assert.throws(
        () => upstreamProxyOf({ HTTPS_PROXY: text }),
        (error: unknown) => error instanceof LassoError && error.message.startsWith('HTTPS_PROXY') && !error.message.includes(':%'),
      ));

  const excepted: readonly (readonly [entry: string, host: string, port: number, yes: boolean])[] = [
    ['*', 'a.example', 443, true],
    ['a.example', 'a.example', 443, true],
    ['a.example', 'b.a.example', 443, true],
    ['.a.example', 'b.a.example', 443, true],
    ['*.a.example', 'b.a.example', 443, true],
    ['a.example', 'ba.example', 443, false],
    ['A.Example', 'a.example', 443, true],
    ['a.example:443', 'a.example', 443, true],
    ['a.example:443', 'a.example', 80, false],
    ['10.0.0.0/8', '10.1.2.3', 80, true],
    ['10.0.0.0/8', '11.1.2.3', 80, false],
    ['10.1.2.3', '10.1.2.3', 80, true],
    ['10.0.0.0/8', 'a.example', 80, false],
    ['a b', 'a.example', 80, false],
    ['', 'a.example', 80, false],
  ];
  for (const [entry, host, port, yes] of excepted)
    test(`NO_PROXY=${entry} ${yes ? 'excepts' : 'does not except'} ${host}:${port}`, () =>
      assert.equal(isExcepted(host, port, [entry]), yes));
});
