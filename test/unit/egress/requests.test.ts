import assert from 'node:assert/strict';
import { getEventListeners, once } from 'node:events';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { echoing, type OutsideWorld, textOf, until, worldFor } from '../../kit/passage.ts';

const limits = { timeout: 4_000 };
const plainGet = 'GET / HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\n\r\n';

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
