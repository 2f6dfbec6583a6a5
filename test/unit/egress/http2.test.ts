import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientHttp2Session, connect as connectHttp2, type ServerHttp2Stream } from 'node:http2';
import { test, type TestContext } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { headersOf, until, worldFor } from '../../kit/passage.ts';

const limits = { timeout: 8_000 };

function sessionOver(context: TestContext, client: TLSSocket): ClientHttp2Session {
  const session = connectHttp2('https://api.example', { createConnection: () => client });
  session.on('error', () => undefined);
  context.after(() => session.destroy());
  return session;
}

/** Streams a server of HTTP/2 is asked, one after the other. */
const nextStream = async (server: {
  once(event: 'stream', taken: (stream: ServerHttp2Stream) => void): unknown;
}): Promise<ServerHttp2Stream> => new Promise((resolve) => void server.once('stream', resolve));

test('streams of HTTP/2 go both ways at once, and trailers come last', limits, async (context) => {
  const outside = await worldFor(context);
  const server = await outside.http2('api.example');
  const { client } = await outside.secured({ alpn: ['h2', 'http/1.1'] });
  const session = sessionOver(context, client);
  const arriving = nextStream(server);
  const stream = session.request({ ':method': 'POST', ':path': '/pkg.Service/Talk', 'content-type': 'application/grpc', te: 'trailers' });
  stream.write('one');
  const far = await arriving;
  assert.equal(await until(far, 'one'), 'one');
  far.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  far.on('wantTrailers', () => far.sendTrailers({ 'grpc-status': '0', 'grpc-message': 'fine' }));
  far.write('uno');
  assert.equal(await until(stream, 'uno'), 'uno');
  stream.write('two');
  assert.equal(await until(far, 'two'), 'two');
  far.write('due');
  assert.equal(await until(stream, 'due'), 'due');
  stream.end();
  const trailers = headersOf(stream, 'trailers');
  far.resume().on('end', () => far.end());
  stream.resume();
  const { headers: last } = await trailers;
  assert.equal(last['grpc-status'], '0');
  assert.equal(last['grpc-message'], 'fine');
});

test('an answer of HTTP/2 that is only its head stays one', limits, async (context) => {
  const outside = await worldFor(context);
  const server = await outside.http2('api.example');
  server.on('stream', (far) => far.respond({ ':status': 200, 'grpc-status': '5' }, { endStream: true }));
  const { client } = await outside.secured({ alpn: ['h2'] });
  const stream = sessionOver(context, client).request({ ':path': '/' }).resume();
  const { headers, flags } = await headersOf(stream, 'response');
  assert.equal(headers['grpc-status'], '5');
  assert.equal(flags & 1, 1);
});

test('trailers of a request of HTTP/2 go on', limits, async (context) => {
  const outside = await worldFor(context);
  const server = await outside.http2('api.example');
  const { client } = await outside.secured({ alpn: ['h2'] });
  const arriving = nextStream(server);
  const stream = sessionOver(context, client).request({ ':method': 'POST', ':path': '/' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': 'abc' }));
  stream.end('body');
  const far = await arriving;
  const [trailers] = await Promise.all([headersOf(far, 'trailers'), until(far, 'body').then(() => far.resume())]);
  assert.equal(trailers.headers['x-sum'], 'abc');
});

test('HTTP/2 inside becomes HTTP/1.1 where the host speaks nothing else', limits, async (context) => {
  const outside = await worldFor(context);
  await outside.https('api.example', (asked, answer) => {
    asked
      .resume()
      .on('end', () =>
        answer.writeHead(200, { 'Set-Cookie': ['a=1', 'b=2'], Connection: 'X-Hop', 'X-Hop': '1' }).end(JSON.stringify(asked.rawHeaders)),
      );
  });
  const { client } = await outside.secured({ alpn: ['h2'] });
  const session = sessionOver(context, client);
  for (const method of ['GET', 'POST']) {
    const stream = session.request({ ':method': method, ':path': '/x', cookie: ['a=1', 'b=2'], 'x-a': 'b' });
    stream.end(method === 'POST' ? 'body' : undefined);
    const { headers } = await headersOf(stream, 'response');
    assert.deepEqual(headers['set-cookie'], ['a=1', 'b=2']);
    assert.equal(headers['x-hop'], undefined);
    assert.match(await until(stream, ']'), /"Host","api\.example",[^]*"cookie","a=1; b=2"/);
  }
  assert.equal(outside.dialled.length, 1);
});

test('fifty streams at once share one connection outside', limits, async (context) => {
  const outside = await worldFor(context);
  const server = await outside.http2('api.example');
  server.on('stream', (far, headers) => {
    far.respond({ ':status': 200 });
    far.end(`${headers[':path'] ?? ''}!`);
  });
  const { client } = await outside.secured({ alpn: ['h2'] });
  const session = sessionOver(context, client);
  const answers = await Promise.all(Array.from({ length: 50 }, (_, at) => until(session.request({ ':path': `/${at}` }), '!')));
  assert.deepEqual(
    answers,
    Array.from({ length: 50 }, (_, at) => `/${at}!`),
  );
  assert.equal(outside.dialled.length, 1);
});

test('a stream that is reset inside is reset outside', limits, async (context) => {
  const outside = await worldFor(context);
  const server = await outside.http2('api.example');
  const { client } = await outside.secured({ alpn: ['h2'] });
  const arriving = nextStream(server);
  const stream = sessionOver(context, client).request({ ':method': 'POST', ':path': '/' });
  stream.on('error', () => undefined).write('x');
  const far = await arriving;
  far.on('error', () => undefined);
  const closed = once(far, 'close');
  stream.close(8);
  await closed;
});

test('an upload over HTTP/2 passes through a stream of any make', { timeout: 30_000 }, async (context) => {
  const outside = await worldFor(context);
  const server = await outside.http2('api.example');
  let bytes = 0;
  server.on('stream', (far) => {
    far
      .on('data', (piece: Buffer) => (bytes += piece.length))
      .on('end', () => {
        far.respond({ ':status': 200 });
        far.end('taken');
      });
  });
  const { client } = await outside.secured({ alpn: ['h2'] });
  const stream = sessionOver(context, client).request({ ':method': 'PUT', ':path': '/' });
  const piece = Buffer.alloc(16_384);
  for (let at = 0; at < 1200; at++) if (!stream.write(piece)) await once(stream, 'drain');
  stream.end();
  assert.equal(await until(stream, 'taken'), 'taken');
  assert.equal(bytes, 1200 * piece.length);
});
