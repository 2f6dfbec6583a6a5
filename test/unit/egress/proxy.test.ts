import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { Socket } from 'node:net';
import { suite, test } from 'node:test';
import { clientHello } from '../../kit/client-hello.ts';
import { openOutside, type Outside, type OutsideOptions } from '../../kit/egress.ts';
import { type Ending, heard, listening, openServer } from '../../kit/sockets.ts';

const list = 'mode = "restricted"\nallowed_domains = ["a.example"]\nallowed_ports = [443, 80]';

/** a.example on 203.0.113.1; on 443 its server says back what it hears, on 80 it speaks HTTP. */
async function openWorld(t: Ending, options: Partial<OutsideOptions> = {}): Promise<Outside & { readonly requests: string[] }> {
  const requests: string[] = [];
  const echo = await openServer(t, (socket) => void socket.pipe(socket));
  const server = createHttpServer((request, response) => {
    requests.push(`${request.method} ${request.url} ${request.headers.host}`);
    response.end('hello');
  });
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const servers = { '203.0.113.1:443': echo, '203.0.113.1:80': await listening(server) };
  return { ...(await openOutside(t, { rules: list, names: { 'a.example': ['203.0.113.1'] }, servers, ...options })), requests };
}

/** The first answer to what is said, up to its empty line. */
async function answerTo(proxy: Socket, text: string): Promise<string> {
  proxy.write(text, 'latin1');
  let answer = '';
  while (!answer.includes('\r\n\r\n')) {
    const said: readonly unknown[] = await once(proxy, 'data');
    answer += String(said[0]);
  }
  return answer;
}

const connect = (target: string): string => `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`;

suite('the proxy inside', () => {
  test('a tunnel to an allowed host is opened, decided once, and TLS in it goes through', async (t) => {
    const world = await openWorld(t);
    const proxy = await world.proxy();
    assert.match(await answerTo(proxy, connect('A.example:443')), /^HTTP\/1\.1 200 /);
    const hello = clientHello({ serverNames: ['a.example'] });
    proxy.end(hello);
    assert.equal((await heard(proxy)).text, hello.toString('latin1'));
    assert.deepEqual(world.decided, [{ what: 'connection', host: 'a.example', port: 443, asker: null }]);
    assert.equal((await world.told('closed')).target, 'a.example:443');
  });

  test('a ClientHello that comes with the request is not lost', async (t) => {
    const world = await openWorld(t);
    const proxy = await world.proxy();
    const hello = clientHello({ serverNames: ['a.example'] });
    proxy.end(Buffer.concat([Buffer.from(connect('a.example:443')), hello]));
    assert.ok((await heard(proxy)).text.endsWith(hello.toString('latin1')));
  });

  test('TLS in a tunnel that names another host goes nowhere', async (t) => {
    const world = await openWorld(t);
    const proxy = await world.proxy();
    await answerTo(proxy, connect('a.example:443'));
    proxy.write(clientHello({ serverNames: ['b.example'] }));
    assert.equal((await heard(proxy)).text, '\x15\x03\x03\x00\x02\x02\x70');
    assert.equal((await world.told('name-mismatch')).detail['serverName'], 'b.example');
  });

  const refused: readonly (readonly [target: string, words: RegExp])[] = [
    ['b.example:443', /Nothing lists b\.example/],
    ['a.example:22', /not on port 22/],
    ['a.example:5432', /Port 5432 is blocked/],
    ['127.0.0.1:443', /this machine itself/],
    ['127.1:443', /this machine itself/],
    ['0x7f.1:443', /this machine itself/],
    ['[::ffff:127.0.0.1]:443', /this machine itself/],
    ['169.254.169.254:80', /metadata/],
    ['localhost:3128', /this machine itself/],
  ];
  for (const [target, words] of refused)
    test(`a tunnel to ${target} is answered 403 with the reason, and nothing is connected`, async (t) => {
      const world = await openWorld(t);
      const proxy = await world.proxy();
      proxy.write(connect(target));
      const { text, end } = await heard(proxy);
      assert.match(text, /^HTTP\/1\.1 403 LASSO: /);
      const [head = '', body = ''] = text.split('\r\n\r\n');
      assert.match(head, /Proxy-Agent: LASSO/);
      assert.match(body, words);
      assert.equal(end, 'end');
      assert.equal(world.decided.length, 1);
      assert.deepEqual([world.resolved, world.dialled], [[], []]);
    });

  test('the refusal says the rule and where it is written', async (t) => {
    const world = await openWorld(t, { rules: `${list}\nblocked_domains = ["b.example"]` });
    const proxy = await world.proxy();
    proxy.write(connect('b.example:443'));
    assert.match((await heard(proxy)).text, /Rule: network\.blocked_domains\[0\] in test\.toml:7\n$/);
  });

  const failing: readonly (readonly [what: string, options: Partial<OutsideOptions>, status: string, action: string])[] = [
    ['out of reach', { servers: {} }, '502', 'unreachable'],
    ['without an address', { names: {} }, '502', 'unreachable'],
    ['at a closed address', { names: { 'a.example': ['203.0.113.1', '10.0.0.1'] } }, '403', 'address-refused'],
  ];
  for (const [what, options, status, action] of failing)
    test(`a tunnel to an allowed host ${what} is answered ${status}, and told`, async (t) => {
      const world = await openWorld(t, options);
      const proxy = await world.proxy();
      proxy.write(connect('a.example:443'));
      assert.match((await heard(proxy)).text, new RegExp(`^HTTP/1\\.1 ${status} LASSO: a\\.example`));
      assert.equal((await world.told(action)).of, 1);
    });

  const malformed = [
    'CONNECT a.example HTTP/1.1\r\n\r\n',
    'CONNECT a.example:443 HTTP/1.1\nHost: a.example:443\n\n',
    '\x16\x03\x01\x00',
    '\r\n\r\n',
    '\0\0\0',
  ];
  for (const text of malformed)
    test(`${JSON.stringify(text)} is answered 400, and told`, async (t) => {
      const world = await openWorld(t);
      const proxy = await world.proxy();
      proxy.write(text, 'latin1');
      assert.match((await heard(proxy)).text, /^HTTP\/1\.1 400 LASSO: /);
      assert.equal((await world.told('malformed-request')).outcome, 'blocked');
      assert.deepEqual([world.decided, world.dialled], [[], []]);
    });

  test('SOCKS is refused so that its client notices', async (t) => {
    const world = await openWorld(t);
    const proxy = await world.proxy();
    proxy.write(Buffer.of(5, 1, 0));
    assert.equal((await heard(proxy)).text, '\x05\xff');
    assert.match(JSON.stringify((await world.told('malformed-request')).detail), /SOCKS 5/);
  });

  test('a head that never ends is cut off', async (t) => {
    const world = await openWorld(t);
    const proxy = await world.proxy();
    proxy.write(`CONNECT a.example:443 HTTP/1.1\r\nX: ${'x'.repeat(17_000)}`);
    assert.match((await heard(proxy)).text, /^HTTP\/1\.1 400 .*too long/);
  });

  test('HTTP in a tunnel, and HTTP to a name, is judged request by request', async (t) => {
    const world = await openWorld(t);
    const proxy = await world.proxy();
    await answerTo(proxy, connect('a.example:80'));
    const request = 'GET /x HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n';
    assert.match(await answerTo(proxy, request), /^HTTP\/1\.1 200 /);
    const inside = await world.inside({ host: 'a.example', port: 80 });
    assert.ok(typeof inside !== 'string');
    assert.match(await answerTo(inside, request), /^HTTP\/1\.1 200 /);
    assert.deepEqual(world.requests, ['GET /x a.example', 'GET /x a.example']);
    assert.deepEqual(
      world.decided.map(({ what, path }) => `${what} ${path ?? ''}`),
      ['connection ', 'request /x', 'connection ', 'request /x'],
    );
    assert.deepEqual(world.dialled, ['203.0.113.1:80', '203.0.113.1:80']);
  });

  test('a request to the proxy goes to the host its target names, and one to another host is refused', async (t) => {
    const world = await openWorld(t);
    const proxy = await world.proxy();
    assert.match(await answerTo(proxy, 'GET http://a.example/x HTTP/1.1\r\nHost: a.example\r\n\r\n'), /^HTTP\/1\.1 200 /);
    assert.deepEqual(world.requests, ['GET /x a.example']);
    const other = await world.proxy();
    assert.match(await answerTo(other, 'GET http://b.example/x HTTP/1.1\r\nHost: b.example\r\n\r\n'), /^HTTP\/1\.1 403 /);
    const crossed = await world.proxy();
    assert.match(await answerTo(crossed, 'GET http://a.example/x HTTP/1.1\r\nHost: b.example\r\n\r\n'), /^HTTP\/1\.1 4/);
    assert.equal(world.requests.length, 1);
  });

  const smuggled = [
    'GET /x HTTP/1.1\r\nHost: b.example\r\n\r\n',
    'GET /x HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n\r\n',
    '\r\nGET /x HTTP/1.1\r\nHost: b.example\r\n\r\n',
    'GET http://b.example/x HTTP/1.1\r\nHost: a.example\r\n\r\n',
    'GET\t/x HTTP/1.1\r\nHost: b.example\r\n\r\n',
    'get /x HTTP/1.1\r\nHost: a.example\r\n\r\n',
    'GET /x\r\n\r\n',
    'GET /x HTTP/1.1\nHost: a.example\n\n',
    'GET /x HTTP/1.1\r\nHost: a.example\r\nX: y\r\n z\r\n\r\n',
    'GET /x HTTP/1.1\r\nHost: a.example\r\nX: a\0b\r\n\r\n',
    'POST /x HTTP/1.1\r\nHost: a.example\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'GET /x HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'BREW /x HTTP/1.1\r\nHost: b.example\r\n\r\n',
    `GET /x HTTP/1.1\r\nHost: a.example\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`,
  ];
  for (const text of smuggled)
    test(`on a connection to a.example, ${JSON.stringify(text.slice(0, 110))} reaches nobody`, async (t) => {
      const world = await openWorld(t);
      const inside = await world.inside({ host: 'a.example', port: 80 });
      assert.ok(typeof inside !== 'string');
      inside.write(text, 'latin1');
      const { text: answer } = await heard(inside);
      assert.ok(answer === '' || /^HTTP\/1\.1 [45]/.test(answer), answer);
      assert.deepEqual(world.requests, []);
    });
});
