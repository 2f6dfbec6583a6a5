import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { echoing, textOf, until, worldFor } from '../../kit/passage.ts';

const limits = { timeout: 4_000 };
const plainGet = 'GET / HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\n\r\n';

describe('a request that has more than one reading goes nowhere', () => {
  const post = 'POST / HTTP/1.1\r\nHost: api.example\r\n';
  const corpus: readonly (readonly [name: string, status: number, bytes: string])[] = [
    ['length and chunks', 400, `${post}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['chunks and length', 400, `${post}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n`],
    ['two lengths', 400, `${post}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc`],
    ['the same length twice', 400, `${post}Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc`],
    ['a list of lengths', 400, `${post}Content-Length: 3, 3\r\n\r\nabc`],
    ['a signed length', 400, `${post}Content-Length: +3\r\n\r\nabc`],
    ['a length in hexadecimal', 400, `${post}Content-Length: 0x3\r\n\r\nabc`],
    ['an empty length', 400, `${post}Content-Length:\r\n\r\nabc`],
    ['a bare line feed after the first line', 400, 'GET / HTTP/1.1\nHost: api.example\n\n'],
    ['a bare line feed after a field', 400, 'GET / HTTP/1.1\r\nHost: api.example\nX: b\r\n\r\n'],
    ['a bare line feed as the empty line', 400, 'GET / HTTP/1.1\r\nHost: api.example\r\n\n'],
    ['a bare carriage return', 400, 'GET / HTTP/1.1\r\nHost: api.example\r\nX: b\rc\r\n\r\n'],
    ['a folded field', 400, 'GET / HTTP/1.1\r\nHost: api.example\r\nX: b\r\n c\r\n\r\n'],
    ['a folded field with a tab', 400, 'GET / HTTP/1.1\r\nHost: api.example\r\nX: b\r\n\tc\r\n\r\n'],
    ['a folded host', 400, 'GET / HTTP/1.1\r\nHost:\r\n api.example\r\n\r\n'],
    ['NUL in a field', 400, 'GET / HTTP/1.1\r\nHost: api.example\r\nX: b\0c\r\n\r\n'],
    ['NUL in a target', 400, 'GET /\0 HTTP/1.1\r\nHost: api.example\r\n\r\n'],
    ['NUL in a host', 400, 'GET / HTTP/1.1\r\nHost: api.example\0.evil.test\r\n\r\n'],
    ['a space before the colon', 400, `${post}Content-Length : 3\r\n\r\nabc`],
    ['a line without a colon', 400, 'GET / HTTP/1.1\r\nHost: api.example\r\nfoo\r\n\r\n'],
    ['a field without a name', 400, 'GET / HTTP/1.1\r\nHost: api.example\r\n: b\r\n\r\n'],
    ['two hosts', 400, 'GET / HTTP/1.1\r\nHost: api.example\r\nHost: evil.test\r\n\r\n'],
    ['the same host twice', 400, 'GET / HTTP/1.1\r\nHost: api.example\r\nHost: api.example\r\n\r\n'],
    ['no host', 400, 'GET / HTTP/1.1\r\n\r\n'],
    ['an empty host', 400, 'GET / HTTP/1.1\r\nHost:\r\n\r\n'],
    ['a user in the host', 400, 'GET / HTTP/1.1\r\nHost: api.example@evil.test\r\n\r\n'],
    ['a list of hosts', 400, 'GET / HTTP/1.1\r\nHost: api.example, evil.test\r\n\r\n'],
    ['another host', 421, 'GET / HTTP/1.1\r\nHost: evil.test\r\n\r\n'],
    ['a name below', 421, 'GET / HTTP/1.1\r\nHost: a.api.example\r\n\r\n'],
    ['another port', 421, 'GET / HTTP/1.1\r\nHost: api.example:8080\r\n\r\n'],
    ['an address for the host', 421, 'GET / HTTP/1.1\r\nHost: 127.1\r\n\r\n'],
    ['HTTP/0.9', 400, 'GET / HTTP/0.9\r\nHost: api.example\r\n\r\n'],
    ['HTTP/2.0 in words', 400, 'GET / HTTP/2.0\r\nHost: api.example\r\n\r\n'],
    ['HTTP/1.2', 400, 'GET / HTTP/1.2\r\nHost: api.example\r\n\r\n'],
    ['the preface of HTTP/2', 400, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a target with scheme and host', 400, 'GET http://api.example/ HTTP/1.1\r\nHost: api.example\r\n\r\n'],
    ['a target with another host', 400, 'GET http://evil.test/ HTTP/1.1\r\nHost: api.example\r\n\r\n'],
    ['a star for another method', 400, 'GET * HTTP/1.1\r\nHost: api.example\r\n\r\n'],
    ['a fragment', 400, 'GET /a#b HTTP/1.1\r\nHost: api.example\r\n\r\n'],
    ['gzip as transfer coding', 501, `${post}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
    ['an unknown transfer coding', 400, `${post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
    ['chunks twice', 400, `${post}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['a quoted transfer coding', 400, `${post}Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n`],
    ['chunks in HTTP/1.0', 501, 'POST / HTTP/1.0\r\nHost: api.example\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['identity as transfer coding', 400, `${post}Transfer-Encoding: identity\r\n\r\n`],
    [
      'HTTP/2 by upgrade',
      501,
      'GET / HTTP/1.1\r\nHost: api.example\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n',
    ],
    ['an upgrade that Connection does not name', 501, 'GET / HTTP/1.1\r\nHost: api.example\r\nUpgrade: h2c\r\n\r\n'],
    ['a WebSocket with a body', 400, `${post}Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 3\r\n\r\nabc`],
    ['two upgrades', 501, 'GET / HTTP/1.1\r\nHost: api.example\r\nConnection: Upgrade\r\nUpgrade: websocket, h2c\r\n\r\n'],
    ['a tunnel', 400, 'CONNECT evil.test:443 HTTP/1.1\r\nHost: evil.test:443\r\n\r\n'],
    ['a length that Connection takes away', 400, `${post}Connection: content-length\r\nContent-Length: 3\r\n\r\nabc`],
    ['a head of 20 kB', 400, `GET / HTTP/1.1\r\nHost: api.example\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`],
    ['three hundred fields', 431, `GET / HTTP/1.1\r\nHost: api.example\r\n${'a: b\r\n'.repeat(300)}\r\n`],
    ['an unknown expectation', 417, `${post}Expect: magic\r\nContent-Length: 3\r\n\r\nabc`],
    ['an unknown method', 400, 'FOO / HTTP/1.1\r\nHost: api.example\r\n\r\n'],
    ['TLS', 400, '\x16\x03\x01\x00\x05hello\r\n\r\n'],
  ];
  for (const [name, status, bytes] of corpus)
    test(name, limits, async (context) => {
      const outside = await echoing(context);
      const { client, over } = outside.plain();
      client.write(Buffer.from(bytes, 'latin1'));
      const said = await until(client, '\r\n\r\n');
      assert.match(said, new RegExp(`^HTTP/1\\.1 ${status} `));
      client.end(plainGet);
      await textOf(client);
      await over;
      assert.equal(outside.decided.length <= 1, true);
      assert.ok(outside.reported.some(({ action, outcome }) => /malformed-request|name-mismatch/.test(action) && outcome === 'blocked'));
      // What follows on the connection may be read as a request of its own, but never the refused one.
      assert.deepEqual(
        outside.decided.filter(({ method }) => method !== 'GET'),
        [],
      );
    });
});

describe('a body that is framed wrongly is never taken for whole', () => {
  const post = 'POST / HTTP/1.1\r\nHost: api.example\r\nTransfer-Encoding: chunked\r\n\r\n';
  for (const chunks of [
    '3\nabc\r\n0\r\n\r\n',
    '3\r\nabc\n0\r\n\r\n',
    '3;a\nb\r\nabc\r\n0\r\n\r\n',
    '3 \r\nabc\r\n0\r\n\r\n',
    '-3\r\nabc',
    '0x3\r\nabc',
    'fffffffffffffffff\r\nabc',
    '0\r\nContent-Length: 3\r\n\r\n',
  ])
    test(JSON.stringify(chunks), limits, async (context) => {
      const outside = await worldFor(context);
      let whole = false;
      await outside.http('api.example', (asked, answer) => {
        asked
          .on('error', () => undefined)
          .on('end', () => {
            whole = true;
            answer.end('taken');
          });
        asked.resume();
      });
      const { client, over } = outside.plain();
      client.write(post + chunks);
      assert.doesNotMatch(await textOf(client), /200 OK/);
      await over;
      assert.equal(whole, false);
    });
});
