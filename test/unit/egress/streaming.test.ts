import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import type { Duplex, Readable, Writable } from 'node:stream';
import { describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { createContext, runInContext } from 'node:vm';
import { headersOf, secretCalled, until, worldFor } from '../../kit/passage.ts';

const limits = { timeout: 60_000 };
const bulkBytes = 100_000_000;
const piece = Buffer.alloc(65_536, 'streaming ');
/** how much more memory than before may be in use while 100 MB pass, in bytes */
const memoryLimit = 20_000_000;
setFlagsFromString('--expose-gc');
const collector = createContext();
const secret = secretCalled('token', 'sk-plain-value-1234');

/** Writes so many bytes as fast as they are taken. */
async function pour(sink: Writable, bytes: number): Promise<void> {
  for (let left = bytes; left > 0; left -= piece.length) if (!sink.write(piece.subarray(0, left))) await once(sink, 'drain');
}

/** Reads so many bytes; the most memory that was really needed meanwhile, beyond what was before. */
async function drink(source: Readable, bytes: number): Promise<number> {
  const inUse = (): number => {
    // The first finds the garbage, the second waits until it is gone.
    runInContext('gc(); gc()', collector);
    const { arrayBuffers, heapUsed } = process.memoryUsage();
    return arrayBuffers + heapUsed;
  };
  const before = inUse();
  let [left, looked, most] = [bytes, bytes, 0];
  const done = Promise.withResolvers<undefined>();
  source.on('data', (taken: Buffer) => {
    left -= taken.length;
    if (looked - left > bytes / 4) {
      looked = left;
      most = Math.max(most, inUse() - before);
    }
    if (left <= 0) done.resolve(undefined);
  });
  source.resume();
  await done.promise;
  return most;
}

describe('a download is passed on as it comes, whatever its size', () => {
  for (const secrets of [[], [secret]])
    test(`over HTTP/1.1, ${secrets.length} secrets`, limits, async (context) => {
      const outside = await worldFor(context);
      await outside.https('api.example', (_asked, answer) => void pour(answer, bulkBytes).then(() => answer.end()));
      const { client } = await outside.secured({ secrets });
      const credentials = secrets.length === 0 ? '' : `Authorization: Bearer ${secret.placeholder}\r\n`;
      client.write(`GET / HTTP/1.1\r\nHost: api.example\r\n${credentials}\r\n`);
      assert.ok((await drink(client, bulkBytes)) < memoryLimit);
    });
  test('over HTTP/2', limits, async (context) => {
    const outside = await worldFor(context);
    const server = await outside.http2('api.example');
    server.on('stream', (stream) => {
      stream.respond({ ':status': 200 });
      void pour(stream, bulkBytes).then(() => stream.end());
    });
    const { client } = await outside.secured({ alpn: ['h2'] });
    const session = connectHttp2('https://api.example', { createConnection: () => client });
    context.after(() => session.destroy());
    assert.ok((await drink(session.request({ ':path': '/' }), bulkBytes)) < memoryLimit);
  });
});

describe('an upload is passed on as it comes, whatever its size', () => {
  for (const secrets of [[], [secret]])
    test(`over HTTP/1.1, ${secrets.length} secrets`, limits, async (context) => {
      const outside = await worldFor(context);
      let most = Number.POSITIVE_INFINITY;
      await outside.http('api.example', (asked, answer) => {
        void drink(asked, bulkBytes).then((memory) => {
          most = memory;
          answer.end('taken');
        });
      });
      const { client } = outside.plain({ secrets });
      client.write(`PUT / HTTP/1.1\r\nHost: api.example\r\nContent-Length: ${bulkBytes}\r\n\r\n`);
      await pour(client, bulkBytes);
      await until(client, 'taken');
      assert.ok(most < memoryLimit);
    });
});

test('a reader that stops stops the sender', limits, async (context) => {
  const outside = await worldFor(context);
  let sent = 0;
  const stalled = Promise.withResolvers<undefined>();
  await outside.https('api.example', (_asked, answer) => {
    while (answer.write(piece)) sent += piece.length;
    const more = (): void => {
      while (sent < bulkBytes && answer.write(piece)) sent += piece.length;
    };
    answer.on('drain', more);
    setTimeout(() => stalled.resolve(undefined), 300);
  });
  const { client } = await outside.secured();
  client.write('GET / HTTP/1.1\r\nHost: api.example\r\n\r\n');
  client.pause();
  await stalled.promise;
  assert.ok(sent < bulkBytes / 2, `${sent} bytes were taken from a reader that reads nothing`);
});

describe('each event is passed on before the next is sent', () => {
  const events = ['data: one\n\n', 'data: sk-plain\n\n', 'data: s', 'k-pl', 'ain-value-1234\n\n', 'data: three\n\n'];
  /** Says each event only when the one before has arrived inside. */
  async function inTurn(far: Writable, client: Duplex): Promise<string> {
    let said = '';
    client.on('data', (bytes: Buffer) => (said += bytes.toString()));
    client.resume();
    for (const event of events) {
      const ends = event.endsWith('\n\n');
      const before = said.split('\n\n').length;
      far.write(event);
      while (ends && said.split('\n\n').length === before) await once(client, 'data');
    }
    return said;
  }
  test('over HTTP/1.1', limits, async (context) => {
    const outside = await worldFor(context);
    const asked = Promise.withResolvers<Writable>();
    await outside.https('api.example', (_asked, answer) => {
      answer.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
      asked.resolve(answer);
    });
    const { client } = await outside.secured({ secrets: [secret] });
    client.write(`GET / HTTP/1.1\r\nHost: api.example\r\nAuthorization: Bearer ${secret.placeholder}\r\n\r\n`);
    await until(client, '\r\n\r\n');
    const said = await inTurn(await asked.promise, client);
    assert.ok(said.includes(secret.placeholder) && !said.includes('value-1234'));
  });
  test('over HTTP/2', limits, async (context) => {
    const outside = await worldFor(context);
    const server = await outside.http2('api.example');
    const asked = Promise.withResolvers<Writable>();
    server.on('stream', (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'text/event-stream' });
      asked.resolve(stream);
    });
    const { client } = await outside.secured({ secrets: [secret], alpn: ['h2'] });
    const session = connectHttp2('https://api.example', { createConnection: () => client });
    context.after(() => session.destroy());
    const stream = session.request({ ':path': '/', authorization: `Bearer ${secret.placeholder}` });
    await headersOf(stream, 'response');
    const said = await inTurn(await asked.promise, stream);
    assert.ok(said.includes(secret.placeholder) && !said.includes('value-1234'));
  });
  test('what may be the beginning of a value does not keep both sides waiting', limits, async (context) => {
    const outside = await worldFor(context);
    const asked = Promise.withResolvers<Writable>();
    await outside.https('api.example', (_asked, answer) => {
      answer.flushHeaders();
      asked.resolve(answer);
    });
    const { client } = await outside.secured({ secrets: [secret] });
    client.write(`GET / HTTP/1.1\r\nHost: api.example\r\nAuthorization: Bearer ${secret.placeholder}\r\n\r\n`);
    await until(client, '\r\n\r\n');
    (await asked.promise).write('ends with s');
    await until(client, 'ends with ');
    assert.ok((await until(client, 's')).includes('s'));
  });
});
