import assert from 'node:assert/strict';
import { connect as connectTls } from 'node:tls';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { beginsTls, helloLimitBytes, readClientHello } from '../../../helper/egress/client-hello.ts';
import { clientHello, counted, handshake, recordsOf } from '../../kit/client-hello.ts';
import { openServer } from '../../kit/sockets.ts';

const name = fc.domain().filter((text) => text.length < 200);

suite('the first message of TLS', () => {
  test('what OpenSSL sends is read', async (t) => {
    const arrived = Promise.withResolvers<Buffer>();
    const port = await openServer(t, (socket) => {
      socket.once('data', (chunk: Buffer) => {
        arrived.resolve(chunk);
        socket.destroy();
      });
    });
    const client = connectTls({ host: '127.0.0.1', port, servername: 'files.example', ALPNProtocols: ['h2', 'http/1.1'] });
    client.on('error', () => undefined);
    assert.deepEqual(readClientHello(await arrived.promise), {
      state: 'read',
      hello: { serverName: 'files.example', alpn: ['h2', 'http/1.1'], encrypted: false },
    });
  });

  test('it is the same over however many records', () => {
    fc.assert(
      fc.property(
        name,
        fc.array(fc.stringMatching(/^[a-z0-9/.]{1,10}$/), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 20, max: 400 }),
        (serverName, alpn, recordBytes) => {
          const whole = clientHello({ serverNames: [serverName], alpn });
          const cut = clientHello({ serverNames: [serverName], alpn, recordBytes });
          assert.deepEqual(readClientHello(cut), readClientHello(whole));
          assert.deepEqual(readClientHello(whole), { state: 'read', hello: { serverName, alpn, encrypted: false } });
        },
      ),
    );
  });

  test('every part of one asks for more, and says how much at least', () => {
    const whole = clientHello({ serverNames: ['files.example'], recordBytes: 50 });
    for (let length = 0; length < whole.length; length += 1) {
      const reading = readClientHello(whole.subarray(0, length));
      assert.ok(reading.state === 'more', `${length} bytes`);
      assert.ok(reading.atLeastBytes > length && reading.atLeastBytes <= whole.length);
    }
  });

  test('an encrypted one is noticed', () => {
    const reading = readClientHello(clientHello({ serverNames: ['a.example'], extensions: [[0xfe0d, Buffer.alloc(20)]] }));
    assert.ok(reading.state === 'read' && reading.hello.encrypted);
  });

  const message = handshake({ serverNames: ['a.example'] });
  const long = Buffer.concat([Buffer.of(1), counted(3, Buffer.alloc(helloLimitBytes + 1))]);
  const refused: readonly (readonly [what: string, bytes: Buffer])[] = [
    ['two server names', clientHello({ serverNames: ['a.example', 'b.example'] })],
    ['an empty server name', clientHello({ serverNames: [''] })],
    ['a server name with NUL', clientHello({ serverNames: ['b.example\0.a.example'] })],
    ['a server name with a space', clientHello({ serverNames: ['a.example b.example'] })],
    [
      'a server name of another type',
      clientHello({ extensions: [[0, counted(2, Buffer.concat([Buffer.of(1), counted(2, Buffer.from('a'))]))]] }),
    ],
    [
      'bytes after the list of server names',
      clientHello({
        extensions: [[0, Buffer.concat([counted(2, Buffer.concat([Buffer.of(0), counted(2, Buffer.from('a'))])), Buffer.of(0)])]],
      }),
    ],
    ['an extension twice', clientHello({ serverNames: ['a.example'], extensions: [[0, Buffer.alloc(0)]] })],
    ['an empty list of protocols', clientHello({ alpn: [] })],
    ['a protocol without a name', clientHello({ alpn: ['h2', ''] })],
    ['another message first', recordsOf(Buffer.concat([Buffer.of(2), message.subarray(1)]), 999)],
    ['another message behind it in the record', recordsOf(Buffer.concat([message, Buffer.of(0)]), 9999)],
    [
      'a record of another kind in between',
      Buffer.concat([recordsOf(message.subarray(0, 30), 30), Buffer.of(0x17, 3, 1), counted(2, message.subarray(30))]),
    ],
    ['an empty record', Buffer.concat([Buffer.of(0x16, 3, 1, 0, 0), recordsOf(message, 999)])],
    ['a record that is too long', Buffer.concat([Buffer.of(0x16, 3, 1, 0xff, 0xff), message])],
    ['a message that is too long', recordsOf(long, 16_000)],
    ['records of one byte', recordsOf(message, 1)],
    [
      'a list of ciphers with half a cipher',
      recordsOf(
        Buffer.concat([
          Buffer.of(1),
          counted(3, Buffer.concat([Buffer.of(3, 3), Buffer.alloc(32), Buffer.of(0), counted(2, Buffer.of(1, 2, 3)), Buffer.of(1, 0)])),
        ]),
        999,
      ),
    ],
  ];
  for (const [what, bytes] of refused)
    test(`${what} is refused`, () => {
      const reading = readClientHello(bytes);
      assert.ok(reading.state === 'bad', JSON.stringify(reading));
    });

  test('any bytes at all are read, refused, or wait for more within the limit', () => {
    const whole = clientHello({ serverNames: ['files.example'], alpn: ['h2'] });
    const spoilt = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }).map((changes) => {
      const bytes = Buffer.from(whole);
      for (const [at, value] of changes) bytes[at] = value;
      return bytes;
    });
    const tls = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.concat([Buffer.of(0x16, 3, 1), counted(2, Buffer.from(bytes))]));
    fc.assert(
      fc.property(fc.oneof(spoilt, tls, fc.uint8Array({ maxLength: 300 })), (bytes) => {
        const reading = readClientHello(bytes);
        assert.ok(reading.state !== 'more' || (reading.atLeastBytes > bytes.length && reading.atLeastBytes <= helloLimitBytes));
      }),
      { numRuns: 2000 },
    );
  });

  test('a handshake record is told from anything else by two bytes', () => {
    assert.equal(beginsTls(Buffer.of()), undefined);
    assert.equal(beginsTls(Buffer.of(0x16)), undefined);
    assert.equal(beginsTls(Buffer.of(0x16, 3)), true);
    assert.equal(beginsTls(Buffer.of(0x16, 4)), false);
    assert.equal(beginsTls(Buffer.from('GET')), false);
  });
});
