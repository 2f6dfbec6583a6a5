import assert from 'node:assert/strict';
import { getEventListeners, once } from 'node:events';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { type OutsideWorld, textOf, until, worldFor } from '../../kit/passage.ts';

const limits = { timeout: 4_000 };
const plainGet = 'GET / HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\n\r\n';

/** A host that answers with what it was asked, as it came. */
async function echoing(context: Parameters<typeof worldFor>[0]): Promise<OutsideWorld> {
  const outside = await worldFor(context);
  await outside.http('api.example', (asked, answer) => {
    const pieces: Buffer[] = [];
    asked
      .on('data', (piece: Buffer) => pieces.push(piece))
      .on('end', () => {
        const body = Buffer.concat(pieces).toString();
        answer.end(JSON.stringify({ method: asked.method, url: asked.url, raw: asked.rawHeaders, trailers: asked.rawTrailers, body }));
      });
  });
  return outside;
}

/** A host that says exactly these bytes to whoever connects and asks. */
async function saying(context: Parameters<typeof worldFor>[0], bytes: string): Promise<OutsideWorld> {
  const outside = await worldFor(context);
  const server = createTcpServer((socket: Socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(bytes, 'latin1'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close());
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  outside.servers.set('api.example:80', address.port);
  return outside;
}

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

test('what is between neighbours stays there, and everything else goes on in order', limits, async (context) => {
  const outside = await echoing(context);
  const { client } = outside.plain();
  client.write(
    'GET /a?b=c HTTP/1.1\r\nHost: API.example.:80\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nProxy-Authorization: a\r\nTE: trailers, gzip\r\nX-B: 1\r\nX-a: 2\r\nX-B: 3\r\n\r\n',
  );
  const said = await textOf(client);
  assert.match(said, /"url":"\/a\?b=c","raw":\["Host","api\.example","X-B","1","X-a","2","X-B","3","Connection","keep-alive"\]/);
});

test('a refused request is told why, and the next one on the connection is judged for itself', limits, async (context) => {
  const outside = await echoing(context);
  const rules =
    'mode = "restricted"\nallowed_ports = [80]\nrules = [{ host = "api.example", methods = ["GET"], paths = ["/open/**"], action = "allow" }]';
  const { client, over } = outside.plain({ rules });
  client.write('GET /shut HTTP/1.1\r\nHost: api.example\r\n\r\n');
  assert.match(await until(client, 'rules[0]'), /^HTTP\/1\.1 403 [^]*LASSO: /);
  client.write('POST /open/a HTTP/1.1\r\nHost: api.example\r\nContent-Length: 3\r\n\r\nabc');
  assert.match(await until(client, 'rules[0]'), /^HTTP\/1\.1 403 /);
  client.write('GET /open/../shut HTTP/1.1\r\nHost: api.example\r\n\r\n');
  assert.match(await until(client, 'rules[0]'), /^HTTP\/1\.1 403 /);
  assert.deepEqual(outside.dialled, []);
  client.write('GET /open/a HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\n\r\n');
  assert.match(await textOf(client), /^HTTP\/1\.1 200 /);
  await over;
  assert.deepEqual(outside.dialled, ['api.example:80']);
});

test('requests sent ahead are answered in order over one connection outside', limits, async (context) => {
  const outside = await echoing(context);
  const { client } = outside.plain();
  client.write([1, 2, 3].map((n) => `GET /${n} HTTP/1.1\r\nHost: api.example\r\n${n === 3 ? 'Connection: close\r\n' : ''}\r\n`).join(''));
  const said = await textOf(client);
  assert.deepEqual(
    [...said.matchAll(/"url":"\/(\d)"/g)].map((match) => match[1]),
    ['1', '2', '3'],
  );
  assert.equal(outside.dialled.length, 1);
});

test('more requests ahead than are read end the connection', limits, async (context) => {
  const outside = await echoing(context);
  const { client, over } = outside.plain({ decide: () => new Promise(() => undefined) });
  client.write('GET / HTTP/1.1\r\nHost: api.example\r\n\r\n'.repeat(500));
  await over;
  assert.ok(outside.decided.length <= 1);
});

test('trailers go both ways', limits, async (context) => {
  const outside = await worldFor(context);
  await outside.http('api.example', (asked, answer) => {
    asked.resume().on('end', () => {
      answer.write('body');
      answer.addTrailers({ 'X-Sum': JSON.stringify(asked.rawTrailers) });
      answer.end();
    });
  });
  const { client } = outside.plain();
  client.write(
    'POST / HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-End: z\r\nHost: evil.test\r\n\r\n',
  );
  assert.match(await textOf(client), /X-Sum: \["X-End","z"\]/);
});

test('“100-continue” is asked of the far side before a body is sent', limits, async (context) => {
  const outside = await worldFor(context);
  const server = await outside.http('api.example', () => undefined);
  server.on('checkContinue', (asked, answer) => {
    answer.writeContinue();
    asked.resume().on('end', () => answer.end('thanks'));
  });
  const { client } = outside.plain();
  client.write('POST / HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n');
  assert.match(await until(client, '\r\n\r\n'), /^HTTP\/1\.1 100 Continue/);
  client.write('abc');
  assert.match(await textOf(client), /^HTTP\/1\.1 200 [^]*thanks$/);
});

test('a refusal instead of “100-continue” ends the connection, as the body may not come', limits, async (context) => {
  const outside = await worldFor(context);
  const { client } = outside.plain({ rules: 'mode = "none"' });
  client.write('POST / HTTP/1.1\r\nHost: api.example\r\nExpect: 100-continue\r\nContent-Length: 300\r\n\r\n');
  assert.match(await textOf(client), /^HTTP\/1\.1 403 [^]*Connection: close/);
});

test('what is carried over a connection for long is let go request by request', limits, async (context) => {
  const outside = await echoing(context);
  const stop = new AbortController();
  const listening = (): number => getEventListeners(stop.signal, 'abort').length;
  const { client } = outside.plain({}, stop);
  for (let at = 0; at < 20; at++) {
    client.write('GET / HTTP/1.1\r\nHost: api.example\r\n\r\n');
    await until(client, '"body":""}');
  }
  assert.ok(listening() < 5, `${listening()} still listen`);
});

test('early hints come before the answer', limits, async (context) => {
  const outside = await worldFor(context);
  await outside.http('api.example', (_asked, answer) => {
    answer.writeEarlyHints({ link: '</style.css>; rel=preload' });
    answer.end('late');
  });
  const { client } = outside.plain();
  client.write(plainGet);
  assert.match(await textOf(client), /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/style\.css>[^]*HTTP\/1\.1 200/i);
});

test('an answer before the body has come is brought back, and the rest of the body is not waited for', limits, async (context) => {
  const outside = await worldFor(context);
  await outside.http('api.example', (_asked, answer) => answer.writeHead(413, { Connection: 'close' }).end('too large'));
  const { client, over } = outside.plain();
  client.write('POST / HTTP/1.1\r\nHost: api.example\r\nContent-Length: 100000000\r\n\r\nabc');
  assert.match(await until(client, 'too large'), /^HTTP\/1\.1 413 /);
  client.destroy();
  await over;
});

test('somebody who has said all and closes that half still gets the answer', limits, async (context) => {
  const outside = await echoing(context);
  const { client } = outside.plain();
  client.end('GET /half HTTP/1.1\r\nHost: api.example\r\n\r\n');
  assert.match(await textOf(client), /"url":"\/half"/);
});

test('a question is withdrawn when whoever asked goes away', limits, async (context) => {
  const outside = await worldFor(context);
  const asked = Promise.withResolvers<undefined>();
  const withdrawn = Promise.withResolvers<undefined>();
  const { client } = outside.plain({
    decide: (_intent, signal) => {
      asked.resolve(undefined);
      return new Promise(() => signal.addEventListener('abort', () => withdrawn.resolve(undefined)));
    },
  });
  client.write(plainGet);
  await asked.promise;
  client.destroy();
  await withdrawn.promise;
  assert.deepEqual(outside.dialled, []);
});

test('whoever goes away takes the request outside along', limits, async (context) => {
  const outside = await worldFor(context);
  const server = await outside.http('api.example', (_asked, answer) => void answer.write('first'));
  const { client, over } = outside.plain();
  const closed = once(server, 'connection').then(([socket]: Socket[]) => (socket === undefined ? undefined : once(socket, 'close')));
  client.write(plainGet);
  await until(client, 'first');
  client.destroy();
  await closed;
  await over;
  assert.equal((await outside.told('closed')).outcome, 'error');
});

describe('an answer that is no proper HTTP is not passed on', () => {
  for (const bytes of [
    'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc',
    'HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n',
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    'garbage\r\n\r\n',
    '',
  ])
    test(JSON.stringify(bytes), limits, async (context) => {
      const outside = await saying(context, bytes);
      const { client, over } = outside.plain();
      client.write(plainGet);
      assert.match(await textOf(client), /^HTTP\/1\.1 502 [^]*LASSO: /);
      await over;
    });
});

test('an answer that breaks off is never taken for whole', limits, async (context) => {
  const outside = await saying(context, 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n');
  const { client, over } = outside.plain();
  client.write(plainGet);
  assert.doesNotMatch(await textOf(client), /\r\n0\r\n/);
  await over;
  assert.equal((await outside.told('closed')).outcome, 'error');
});

test('a host that cannot be reached is told as such', limits, async (context) => {
  const outside = await worldFor(context);
  const { client } = outside.plain();
  client.write(plainGet);
  assert.match(await textOf(client), /^HTTP\/1\.1 502 [^]*LASSO: api\.example cannot be reached on port 80\./);
  assert.equal((await outside.told('unreachable')).of, 1);
});

describe('a proxy', () => {
  test('judges every request for the host it names', limits, async (context) => {
    const outside = await echoing(context);
    await outside.http('other.example', (_asked, answer) => answer.end('other'));
    const { client } = outside.plain({ proxy: true, rules: 'mode = "full"\nblocked_domains = ["shut.example"]' });
    client.write('GET http://api.example/a?b HTTP/1.1\r\nHost: api.example\r\nProxy-Connection: keep-alive\r\n\r\n');
    assert.match(await until(client, '"body":""}'), /"url":"\/a\?b"/);
    client.write('GET http://shut.example/ HTTP/1.1\r\nHost: shut.example\r\n\r\n');
    assert.match(await until(client, 'LASSO'), /^HTTP\/1\.1 403 /);
    client.write('GET http://other.example HTTP/1.1\r\nHost: other.example\r\nConnection: close\r\n\r\n');
    assert.match(await textOf(client), /other$/);
    assert.deepEqual(outside.dialled, ['api.example:80', 'other.example:80']);
  });
  const refused: readonly (readonly [status: number, head: string])[] = [
    [421, 'GET http://api.example/ HTTP/1.1\r\nHost: evil.test'],
    [421, 'GET http://api.example:81/ HTTP/1.1\r\nHost: api.example'],
    [400, 'GET / HTTP/1.1\r\nHost: api.example'],
    [400, 'GET https://api.example/ HTTP/1.1\r\nHost: api.example:443'],
    [400, 'GET http://a@api.example/ HTTP/1.1\r\nHost: api.example'],
    [400, 'GET http:///x HTTP/1.1\r\nHost: api.example'],
    [400, 'GET ftp://api.example/ HTTP/1.1\r\nHost: api.example'],
  ];
  for (const [status, head] of refused)
    test(`refuses ${JSON.stringify(head)}`, limits, async (context) => {
      const outside = await echoing(context);
      const { client } = outside.plain({ proxy: true });
      client.write(`${head}\r\nConnection: close\r\n\r\n`);
      assert.match(await textOf(client), new RegExp(`^HTTP/1\\.1 ${status} `));
      assert.deepEqual(outside.dialled, []);
    });
});

test('the end of a passage resets what it carries', limits, async (context) => {
  const outside = await worldFor(context);
  await outside.http('api.example', (_asked, answer) => void answer.write('first'));
  const stop = new AbortController();
  const { client, over } = outside.plain({}, stop);
  client.write(plainGet);
  await until(client, 'first');
  stop.abort();
  await over;
});
