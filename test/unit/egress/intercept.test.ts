import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { duplexPair } from 'node:stream';
import { test, type TestContext } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { connect as connectTls } from 'node:tls';
import { interceptTls } from '../../../helper/egress/intercept.ts';
import { headersOf, textOf, until, worldFor } from '../../kit/passage.ts';

const limits = { timeout: 8_000 };
const get = 'GET /a HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\n\r\n';

function sessionOver(context: TestContext, client: TLSSocket): ClientHttp2Session {
  const session = connectHttp2('https://api.example', { createConnection: () => client });
  session.on('error', () => undefined);
  context.after(() => session.destroy());
  return session;
}

test('requests within TLS are judged and carried', limits, async (context) => {
  const outside = await worldFor(context);
  await outside.https('api.example', (asked, answer) => answer.end(`outside ${asked.url ?? ''}`));
  const { client, over } = await outside.secured();
  assert.equal(client.getPeerCertificate().subject.CN, 'api.example');
  client.write(get);
  assert.match(await textOf(client), /outside \/a$/);
  await over;
  assert.deepEqual(
    outside.decided.map(({ what, host, port, method, path }) => [what, host, port, method, path]),
    [['request', 'api.example', 443, 'GET', '/a']],
  );
});

test('a host that cannot prove its name is told nothing', limits, async (context) => {
  const outside = await worldFor(context);
  let asked = 0;
  await outside.https('api.example', () => asked++, 'other.example');
  const { client } = await outside.secured();
  client.write(get);
  assert.match(
    await textOf(client),
    /^HTTP\/1\.1 502 [^]*api\.example did not prove that it is api\.example: its certificate is for other names\./,
  );
  assert.equal((await outside.told('tls')).outcome, 'error');
  assert.equal(asked, 0);
});

test('a host whose authority nobody trusts is told nothing', limits, async (context) => {
  const outside = await worldFor(context);
  const stranger = await worldFor(context);
  let asked = 0;
  await stranger.https('api.example', () => asked++);
  const port = stranger.servers.get('api.example:443');
  assert.ok(port !== undefined);
  outside.servers.set('api.example:443', port);
  const { client } = await outside.secured();
  client.write(get);
  assert.match(await textOf(client), /^HTTP\/1\.1 502 [^]*LASSO: api\.example did not prove/);
  assert.equal(asked, 0);
});

test('a refused request opens no connection outside', limits, async (context) => {
  const outside = await worldFor(context);
  const { client } = await outside.secured({ rules: 'mode = "restricted"' });
  client.write(get);
  assert.match(await textOf(client), /^HTTP\/1\.1 403 /);
  assert.deepEqual(outside.dialled, []);
});

test('Host and authority must be what the connection is for', limits, async (context) => {
  const outside = await worldFor(context);
  const { client } = await outside.secured();
  client.write('GET / HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n');
  assert.match(await textOf(client), /^HTTP\/1\.1 421 /);
  const second = await outside.secured({ alpn: ['h2'] });
  const session = sessionOver(context, second.client);
  const cases: readonly (readonly [Record<string, string>, RegExp])[] = [
    [{ ':authority': 'evil.test' }, /^421$/],
    [{ ':authority': 'api.example', host: 'evil.test' }, /^421$/],
    [{ ':authority': 'api.example:8443' }, /^421$/],
    [{ ':scheme': 'http' }, /^400$/],
    [{ ':path': 'x' }, /PROTOCOL_ERROR/],
  ];
  for (const [headers, told] of cases) {
    const stream = session.request({ ':path': '/', ...headers });
    stream.on('error', () => undefined).resume();
    const refused = await headersOf(stream, 'response').then(
      ({ headers: answered }) => String(answered[':status']),
      (error: unknown) => String(error),
    );
    assert.match(refused, told);
  }
  assert.deepEqual(outside.decided, []);
  assert.equal(outside.reported.filter(({ action }) => action === 'name-mismatch').length, 4);
});

test('one that is no TLS ends the connection and is on record', limits, async (context) => {
  const outside = await worldFor(context);
  const [near, far] = duplexPair();
  near.resume().on('error', () => undefined);
  const hello = Buffer.from('160301000501000001ff', 'hex');
  await interceptTls(
    far,
    { bytes: hello, serverName: 'api.example', alpn: [] },
    outside.passage({}, new AbortController().signal),
    outside.inside,
  );
  assert.equal((await outside.told('tls')).detail['side'], 'inside');
  if (!near.readableEnded) await once(near, 'end');
});

test('TLS before 1.2 is not spoken', limits, async (context) => {
  const outside = await worldFor(context);
  const [near, far] = duplexPair();
  const client = connectTls({
    socket: near,
    servername: 'api.example',
    maxVersion: 'TLSv1.1',
    minVersion: 'TLSv1',
    ciphers: 'ALL@SECLEVEL=0',
    ca: outside.inside.certificatePem,
  });
  const refused = once(client, 'error');
  const bytes = await new Promise<Buffer>((resolve) => void far.once('data', resolve));
  far.pause();
  await interceptTls(
    far,
    { bytes, serverName: 'api.example', alpn: [] },
    outside.passage({}, new AbortController().signal),
    outside.inside,
  );
  near.destroy();
  await outside.told('tls');
  client.destroy();
  await refused.catch(() => undefined);
});

test('a WebSocket is carried once both sides agree, and judged before', limits, async (context) => {
  const outside = await worldFor(context);
  const server = await outside.https('api.example', (_asked, answer) => answer.writeHead(401).end('no'));
  server.on('upgrade', (asked, socket) => {
    if (asked.url !== '/ws') return void socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno');
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\nhello');
    socket.on('data', (bytes: Buffer) => socket.write(`<${bytes.toString()}>`)).on('end', () => socket.end('bye'));
  });
  const ask = (path: string): string =>
    `GET ${path} HTTP/1.1\r\nHost: api.example\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Key: a\r\n\r\n`;
  const { client, over } = await outside.secured();
  client.write(ask('/ws'));
  assert.match(
    await until(client, 'hello'),
    /^HTTP\/1\.1 101 Switching Protocols\r\nSec-WebSocket-Accept: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello$/,
  );
  client.write('a\0b');
  assert.equal(await until(client, '>'), '<a\0b>');
  client.end();
  assert.equal(await textOf(client), 'bye');
  await over;
  const second = await outside.secured();
  second.client.write(ask('/other'));
  assert.match(await textOf(second.client), /^HTTP\/1\.1 401 [^]*no$/);
  const third = await outside.secured({ rules: 'mode = "restricted"' });
  third.client.write(ask('/ws'));
  assert.match(await textOf(third.client), /^HTTP\/1\.1 403 /);
});

test('the end of what is said is an end inside, and what breaks off is a reset', limits, async (context) => {
  const outside = await worldFor(context);
  const server = await outside.https('api.example', (asked, answer) => {
    if (asked.url === '/a') return void answer.end('x'.repeat(300_000));
    answer.write('begun');
  });
  for (const path of ['/a', '/b']) {
    const [near, far] = duplexPair();
    near.on('error', () => undefined);
    const client = connectTls({ socket: near, servername: 'api.example', ca: outside.inside.certificatePem });
    client.on('error', () => undefined);
    const bytes = await new Promise<Buffer>((resolve) => void far.once('data', resolve));
    far.pause();
    const passage = outside.passage({}, new AbortController().signal);
    const over = interceptTls(far, { bytes, serverName: 'api.example', alpn: [] }, passage, outside.inside);
    await once(client, 'secureConnect');
    client.write(`GET ${path} HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\n\r\n`);
    if (path === '/a') assert.ok((await textOf(client)).endsWith('x'.repeat(1000)));
    else {
      await until(client, 'begun');
      server.closeAllConnections();
    }
    await over;
    assert.equal(far.writableEnded, path === '/a');
    near.destroy();
  }
});
