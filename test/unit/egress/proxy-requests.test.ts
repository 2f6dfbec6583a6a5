import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { parseAuthority } from '../../../helper/egress/authority.ts';
import { lookAtHead } from '../../../helper/egress/head.ts';
import { lookAtWanted, readConnect } from '../../../helper/egress/proxy.ts';
import { refusalBytes } from '../../../helper/egress/refusal.ts';

/** Where a request to the proxy leads, or why it leads nowhere. */
function aimOf(text: string): string {
  const looked = lookAtWanted(Buffer.from(text, 'latin1'));
  if (!('found' in looked)) return 'more';
  const { found } = looked;
  if (found.kind !== 'connect') return found.kind;
  const asked = found.reading.ok ? readConnect(found.reading.head) : found.reading;
  return asked.ok && 'host' in asked ? `${asked.host} ${asked.port}` : 'refused';
}

const long = 'x'.repeat(17_000);

suite('what is asked of the proxy', () => {
  const asked: readonly (readonly [text: string, aim: string])[] = [
    ['CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n', 'a.example 443'],
    ['CONNECT a.example:443 HTTP/1.0\r\n\r\n', 'a.example 443'],
    ['CONNECT a.example:443 HTTP/1.1\r\nhost: a.example\r\nProxy-Connection: keep-alive\r\nUser-Agent: x/1\r\n\r\n', 'a.example 443'],
    ['CONNECT a.example:443 HTTP/1.1\r\nHost: A.EXAMPLE.:443\r\n\r\n', 'a.example 443'],
    ['CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: [2001:db8::1]:443\r\n\r\n', '2001:db8::1 443'],
    ['CONNECT a.example:443 HTTP/1.1\r\nContent-Length: 0\r\n\r\n', 'a.example 443'],
    ['CONNECT a.example:443 HTTP/1.1\r\n\r\n\x16\x03', 'a.example 443'],
    ['CON', 'more'],
    ['CONNECT a.example:443 HTTP/1.1\r\nHost: a', 'more'],
    ['GET http://a.example/ HTTP/1.1\r\n', 'request'],
    ['connect a.example:443 HTTP/1.1\r\n\r\n', 'request'],
    ['CONNECT\ta.example:443 HTTP/1.1\r\n\r\n', 'request'],
    ['CONNECT a.example HTTP/1.1\r\n\r\n', 'refused'],
    ['CONNECT a.example:0443 HTTP/1.1\r\n\r\n', 'refused'],
    ['CONNECT a.example:65536 HTTP/1.1\r\n\r\n', 'refused'],
    ['CONNECT a.example:443:80 HTTP/1.1\r\n\r\n', 'refused'],
    ['CONNECT a.example:-1 HTTP/1.1\r\n\r\n', 'refused'],
    ['CONNECT http://a.example:443/ HTTP/1.1\r\n\r\n', 'refused'],
    ['CONNECT me@a.example:443 HTTP/1.1\r\n\r\n', 'refused'],
    ['CONNECT b.example:443@a.example:443 HTTP/1.1\r\n\r\n', 'refused'],
    ['CONNECT b.example\0.a.example:443 HTTP/1.1\r\n\r\n', 'refused'],
    ['CONNECT b.example%00.a.example:443 HTTP/1.1\r\n\r\n', 'refused'],
    ['CONNECT a.example:443\x0b HTTP/1.1\r\n\r\n', 'refused'],
    ['CONNECT a.example:443 HTTP/1.1\nHost: a.example:443\n\n', 'refused'],
    ['CONNECT a.example:443 HTTP/1.1\r\nX: y\nHost: b.example:443\r\n\r\n', 'refused'],
    ['CONNECT a.example:443 HTTP/1.1\r\nX: y\rHost: b.example:443\r\n\r\n', 'refused'],
    ['CONNECT a.example:443 HTTP/1.1\r\nX: y\r\n z\r\n\r\n', 'refused'],
    ['CONNECT a.example:443 HTTP/1.1\r\nHost : a.example:443\r\n\r\n', 'refused'],
    ['CONNECT a.example:443 HTTP/1.1\r\n: y\r\n\r\n', 'refused'],
    ['CONNECT a.example:443 HTTP/1.1\r\nHost: b.example:443\r\n\r\n', 'refused'],
    ['CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:80\r\n\r\n', 'refused'],
    ['CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\nHost: a.example\r\n\r\n', 'refused'],
    ['CONNECT a.example:443 HTTP/1.1\r\nHost:\r\n\r\n', 'refused'],
    ['CONNECT a.example:443 HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello', 'refused'],
    ['CONNECT a.example:443 HTTP/1.1\r\nContent-Length: 0\r\nContent-Length: 9\r\n\r\n', 'refused'],
    ['CONNECT a.example:443 HTTP/1.1\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n', 'refused'],
    ['CONNECT a.example:443 HTTP/1.1\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n', 'refused'],
    ['CONNECT a.example:443\r\n\r\n', 'refused'],
    ['CONNECT  a.example:443 HTTP/1.1\r\n\r\n', 'refused'],
    ['CONNECT a.example:443 HTTP/1.1 \r\n\r\n', 'refused'],
    ['CONNECT a.example:443 HTTP/2.0\r\n\r\n', 'refused'],
    [`CONNECT a.example:443 HTTP/1.1\r\nX: ${long}`, 'refused'],
    [`CONNECT ${long}:443 HTTP/1.1\r\n\r\n`, 'refused'],
    [`CONNECT a.example:443 HTTP/1.1\r\n${'x: y\r\n'.repeat(101)}\r\n`, 'refused'],
    ['\r\nCONNECT a.example:443 HTTP/1.1\r\n\r\n', 'other'],
    ['\x05\x01\x00', 'other'],
    ['\x04\x01\x01\xbb', 'other'],
    ['\x16\x03\x01', 'other'],
    ['\0', 'other'],
  ];
  for (const [text, aim] of asked) test(`${JSON.stringify(text.slice(0, 90))}: ${aim}`, () => assert.equal(aimOf(text), aim));

  test('nothing behind the head of a CONNECT is used up', () => {
    const looked = lookAtWanted(Buffer.from('CONNECT a.example:443 HTTP/1.1\r\n\r\nrest'));
    assert.ok('found' in looked);
    assert.equal(looked.keepBytes, 34);
  });

  test('SOCKS is refused in its own words', () => {
    for (const [version, answer] of [
      [5, '05ff'],
      [4, '005b000000000000'],
    ] as const) {
      const looked = lookAtWanted(Buffer.of(version, 1, 0));
      assert.ok('found' in looked && looked.found.kind === 'other');
      assert.equal(Buffer.from(looked.found.answer).toString('hex'), answer);
    }
  });

  test('any text at all has one of these answers, and no host has two readings', () => {
    const part = fc.constantFrom(
      'CONNECT',
      ' ',
      'a.example',
      ':',
      '443',
      'HTTP/1.1',
      '\r\n',
      '\n',
      '\r',
      'Host',
      '\0',
      '\t',
      '@',
      '[',
      ']',
      'x',
    );
    const text = fc.oneof(
      fc.array(part, { maxLength: 30 }).map((parts) => `CONNECT ${parts.join('')}\r\n\r\n`),
      fc.string({ maxLength: 60 }),
    );
    fc.assert(
      fc.property(text, (each) => {
        const aim = aimOf(each);
        if (!['more', 'request', 'other', 'refused'].includes(aim)) assert.match(aim, /^[^\0-\x20:@]+ [1-9]\d{0,4}$/);
      }),
      { numRuns: 3000 },
    );
  });

  test('any bytes are a head, none, or too few', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const looked = lookAtHead(Buffer.from(bytes));
        if ('found' in looked) assert.ok(looked.keepBytes <= bytes.length);
        else assert.ok(looked.atLeastBytes > bytes.length);
      }),
      { numRuns: 2000 },
    );
  });

  test('any text is an authority or none', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        const authority = parseAuthority(text);
        if (authority) assert.ok(authority.host !== '' && (authority.port === undefined || authority.port < 65_536));
      }),
    );
  });
});

suite('a refusal', () => {
  test('its words stand beside the status and in the body, and break neither', () => {
    const text = refusalBytes({ status: 403, lines: ['LASSO: “a”\r\nSet-Cookie: x=y\0', 'Rule: z'] }).toString();
    const [head = '', body = ''] = text.split('\r\n\r\n');
    assert.match(head, /^HTTP\/1\.1 403 LASSO: \?a\?\?\?Set-Cookie: x=y\?\r\n/);
    assert.ok(!/^Set-Cookie/m.test(head));
    assert.equal(body, 'LASSO: “a”  Set-Cookie: x=y \nRule: z\n');
    assert.match(head, new RegExp(`Content-Length: ${Buffer.byteLength(body)}`));
  });
});
