import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { endToEnd, type Field, fieldsOf, rawOf, trailing } from '../../../helper/egress/fields.ts';
import { type Expected, readHead, readStreamHead } from '../../../helper/egress/request-head.ts';

const expected: Expected = { scheme: 'https', host: 'api.example', port: 443, proxy: false };
const arrived = (fields: readonly Field[], target = '/', method = 'GET') => ({ version: '1.1', method, target, fields });

describe('the host of a request is the one of its connection, in any spelling', () => {
  for (const host of ['api.example', 'API.EXAMPLE', 'api.example.', 'api.example:443'])
    test(host, () => assert.ok(readHead(arrived([['Host', host]]), expected).ok));
  for (const host of [
    'api.example:80',
    'api.example.evil.test',
    'evil.test',
    'api.example:0443',
    'api.example:',
    'api.example:443:443',
    '[api.example]',
    'api.example/',
    'a@api.example',
    'api.example\\',
    'api%2eexample',
    ' api.example',
    '::1',
    '1.2.3.4',
  ])
    test(`not ${host}`, () => assert.equal(readHead(arrived([['Host', host]]), expected).ok, false));
});

test('an address is one host in all its spellings', () => {
  const six: Expected = { ...expected, host: '2001:db8::1' };
  assert.ok(readHead(arrived([['Host', '[2001:DB8:0::1]']]), six).ok);
  assert.equal(readHead(arrived([['Host', '[2001:db8::2]']]), six).ok, false);
});

test('whatever the head, it is read or refused, and what is read is for this host', () => {
  const name = fc.oneof(
    fc.constantFrom(
      'host',
      'Host',
      'content-length',
      'transfer-encoding',
      'connection',
      'upgrade',
      ':authority',
      ':scheme',
      ':path',
      ':method',
      'te',
    ),
    fc.string(),
  );
  const value = fc.oneof(
    fc.constantFrom('api.example', 'chunked', '3', 'close', 'websocket', 'https', '/', 'GET', 'trailers', 'host'),
    fc.string(),
  );
  const target = fc.oneof(fc.constantFrom('/', '*', '/a?b', 'http://api.example/', 'http://api.example', '//a'), fc.string());
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value), { maxLength: 8 }), target, fc.boolean(), (fields, to, proxy) => {
      const heads = [
        readHead(arrived(fields, to), { ...expected, scheme: proxy ? 'http' : 'https', proxy }),
        readStreamHead([...fields, [':path', to]], expected),
      ];
      for (const [at, read] of heads.entries()) {
        if (!read.ok) {
          assert.match(read.refused.message, /^[a-z].*[^.]$/);
          continue;
        }
        if (!proxy || at === 1) assert.deepEqual([read.head.host, read.head.port], ['api.example', 443]);
        assert.match(read.head.target, /^(?:\/[!-"$-~]*|\*)$/);
        assert.ok(!read.head.fields.some(([key]) => /^(?:host|connection|transfer-encoding|upgrade|keep-alive)$/i.test(key)));
      }
    }),
    { numRuns: 2_000 },
  );
});

test('cookies that came in pieces are one again', () => {
  const read = readStreamHead(
    [
      [':method', 'GET'],
      [':scheme', 'https'],
      [':authority', 'api.example'],
      [':path', '/'],
      ['cookie', 'a=1'],
      ['cookie', 'b=2'],
    ],
    expected,
  );
  assert.ok(read.ok);
  assert.deepEqual(read.head.fields, [['cookie', 'a=1; b=2']]);
});

test('fields between neighbours, and those that Connection names, do not go on', () => {
  const fields = fieldsOf([
    'Connection',
    'close, X-Hop',
    'X-Hop',
    '1',
    'Keep-Alive',
    '2',
    'TE',
    'gzip',
    'Te',
    'trailers',
    'Upgrade',
    'h2c',
    'X',
    '1',
    'X',
    '2',
  ]);
  assert.deepEqual(rawOf(endToEnd(fields)), ['Te', 'trailers', 'X', '1', 'X', '2']);
});

test('a trailer cannot say what only a head may', () => {
  const fields = fieldsOf(['Content-Length', '1', 'authorization', 'x', 'Set-Cookie', 'a', 'X-Sum', '1', ':status', '200']);
  assert.deepEqual(trailing(fields), [['X-Sum', '1']]);
});
