import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { type Opened, readOpening } from '../../../helper/egress/opening.ts';
import { type Spoken, lookAtSpoken } from '../../../helper/egress/sniff.ts';
import { clientHello } from '../../kit/client-hello.ts';
import { openPairs } from '../../kit/sockets.ts';

const hello = clientHello({ serverNames: ['a.example'] });

function kindOf(bytes: Buffer): string {
  const look = lookAtSpoken(bytes);
  return 'found' in look ? look.found.kind : look.patienceMs === undefined ? 'more' : 'more, for a while';
}

suite('what somebody begins to speak', () => {
  const begun: readonly (readonly [bytes: Buffer | string, kind: string])[] = [
    [hello, 'tls'],
    [hello.subarray(0, 40), 'more'],
    [Buffer.of(0x16), 'more'],
    [Buffer.of(0x16, 3, 1, 0, 0), 'malformed'],
    ['GET / HTTP/1.1\r\n', 'http'],
    ['GET ', 'http'],
    ['GE', 'more'],
    ['get / http/1.1\r\n', 'http'],
    ['GET\t/ HTTP/1.1\r\n', 'http'],
    ['GET / \n', 'http'],
    ['\r\nGET / HTTP/1.1\r\n', 'http'],
    ['\n\n\nPOST / HTTP/1.1\r\n', 'http'],
    ['BREW /pot HTTP/1.1\r\n', 'http'],
    ['BREW /pot', 'more, for a while'],
    ['BREW /pot\tHTTP/1.1\n', 'http'],
    ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'http'],
    ['CONNECT a.example:443 HTTP/1.1\r\n', 'http'],
    ['SSH-2.0-OpenSSH_9.6 Debian\r\n', 'other'],
    ['NICK me\r\n', 'other'],
    ['*1\r\n$4\r\nPING\r\n', 'other'],
    ['0032git-upload-pack /a\0host=a\0', 'other'],
    ['{"a":1}\n', 'other'],
    [Buffer.of(0, 0, 0, 8, 4, 210, 22, 47), 'other'],
    ['x'.repeat(40), 'other'],
    [`BREW /${'x'.repeat(5000)}`, 'other'],
    ['\n'.repeat(65), 'other'],
  ];
  for (const [bytes, kind] of begun)
    test(`${JSON.stringify(bytes.toString('latin1').slice(0, 40))} is ${kind}`, () => assert.equal(kindOf(Buffer.from(bytes)), kind));

  test('any bytes at all are one of them, and more bytes never turn HTTP or TLS into something else', () => {
    const text = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc.string({ maxLength: 100 }).map((each) => Buffer.from(each)),
      fc.constant(hello),
    );
    fc.assert(
      fc.property(text, fc.uint8Array({ maxLength: 20 }), (bytes, more) => {
        const [before, after] = [kindOf(Buffer.from(bytes)), kindOf(Buffer.concat([bytes, more]))];
        if (before === 'http') assert.equal(after, 'http');
        if (before === 'tls') assert.ok(after === 'tls');
      }),
      { numRuns: 2000 },
    );
  });
});

suite('the first bytes of a stream', () => {
  const never = new AbortController().signal;
  const open = async (
    t: Parameters<typeof openPairs>[0],
    chunks: readonly (Buffer | string)[],
    end = false,
  ): Promise<{ readonly opened: Opened<Spoken>; readonly rest: () => Promise<string> }> => {
    const { near, far } = await (await openPairs(t))();
    const opening = readOpening(far, lookAtSpoken, never);
    for (const chunk of chunks) {
      near.write(chunk);
      await new Promise(setImmediate);
    }
    if (end) near.end();
    const opened = await opening;
    return {
      opened,
      rest: async () => {
        near.end();
        let text = '';
        for await (const chunk of far) text += String(chunk);
        return text;
      },
    };
  };

  test('HTTP is put back whole, also when its sender has ended already', async (t) => {
    const { opened, rest } = await open(t, ['GET / HTTP/1.0\r\n\r\n'], true);
    assert.equal(opened.state, 'found');
    assert.equal(await rest(), 'GET / HTTP/1.0\r\n\r\n');
  });

  test('a ClientHello that trickles in is read', async (t) => {
    const { opened } = await open(
      t,
      Array.from(hello, (byte) => Buffer.of(byte)),
    );
    assert.ok(opened.state === 'found' && opened.found.kind === 'tls');
    assert.deepEqual(Buffer.from(opened.bytes), hello);
  });

  test('words that may become a request of an unknown method are not waited for without end', async (t) => {
    const { opened } = await open(t, ['MAGIC']);
    assert.equal(opened.state, 'stopped');
    assert.equal(opened.bytes.toString(), 'MAGIC');
  });

  test('an end before enough was said is told with what was said', async (t) => {
    const { opened } = await open(t, ['MAGIC'], true);
    assert.equal(opened.state, 'ended');
    assert.equal(opened.bytes.toString(), 'MAGIC');
  });

  test('a reset is told', async (t) => {
    const { near, far } = await (await openPairs(t))();
    const opening = readOpening(far, lookAtSpoken, never);
    far.on('error', () => undefined);
    near.resetAndDestroy();
    assert.equal((await opening).state, 'gone');
  });
});
