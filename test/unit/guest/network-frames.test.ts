/** Frames about names and connections: what is not exactly one ends the link, and what is said inside is one plain line. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { suite, test } from 'node:test';
import { encodeFrame } from '../../../helper/guest/encode.ts';
import { FrameParser, ProtocolError, type GuestFrame } from '../../../helper/guest/frames.ts';
import {
  decodeConnectAsk,
  decodeForwarded,
  decodeNameAsk,
  decodeNetwork,
  decodeReset,
  encodeConnectRefuse,
  encodeForward,
  encodeNameAnswer,
  lineOf,
} from '../../../helper/guest/network-frames.ts';
import { askerLimitBytes, connectionIds, frameHeaderBytes, frameType, namePortLimit } from '../../../helper/protocol/guest.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((word) => !word.includes('\0') && word.isWellFormed());
const host = text.filter((word) => word !== '' && Buffer.byteLength(word) <= 253);
const number = fc.integer({ min: 1, max: 0xffff_ffff });
const port = fc.integer({ min: 1, max: 0xffff });
const ofGuest = fc.integer({ min: connectionIds.guest, max: connectionIds.helper - 1 });
/** Arguments that end in one that says something: empty ones at the end are what a program that renamed itself left. */
const argv = fc.array(text, { maxLength: 5 }).filter((words) => words.at(-1) !== '');
const asker = fc.record({ pid: number, executable: text, argv }, { noNullPrototype: true });

const head = (...parts: readonly (readonly [value: number, bytes: number])[]): Buffer => {
  const bytes = Buffer.alloc(parts.reduce((sum, [, length]) => sum + length, 0));
  let at = 0;
  for (const [value, length] of parts) at = bytes.writeUIntBE(value, at, length);
  return bytes;
};
const words = (...all: readonly string[]): Buffer => Buffer.from(all.map((word) => `${word}\0`).join(''));

suite('frames about names and connections', () => {
  test('what a guest asks is what is heard', () => {
    fc.assert(
      fc.property(number, host, asker, (id, name, who) => {
        const payload = Buffer.concat([head([who.pid, 4]), words(name, who.executable, ...who.argv)]);
        assert.deepEqual(decodeNameAsk(id, payload), { type: 'name-ask', id, question: { name, asker: who } });
      }),
    );
    fc.assert(
      fc.property(ofGuest, host, port, asker, (id, name, at, who) => {
        const payload = Buffer.concat([head([0, 1], [at, 2], [who.pid, 4]), words(name, who.executable, ...who.argv)]);
        const question = { kind: 'name', host: name, port: at, asker: who };
        assert.deepEqual(decodeConnectAsk(id, payload), { type: 'connect-ask', id, question });
      }),
    );
    const proxy = Buffer.concat([head([1, 1], [3128, 2], [0, 4]), words('')]);
    assert.deepEqual(decodeConnectAsk(connectionIds.guest, proxy), {
      ...{ type: 'connect-ask', id: connectionIds.guest },
      question: { kind: 'proxy', host: '', port: 3128, asker: null },
    });
    const hook = Buffer.concat([head([2, 1], [0, 2], [7, 4]), words('', '/.lasso/guest', 'guest')]);
    assert.deepEqual(decodeConnectAsk(connectionIds.guest, hook), {
      ...{ type: 'connect-ask', id: connectionIds.guest },
      question: { kind: 'guard', asker: { pid: 7, executable: '/.lasso/guest', argv: ['guest'] } },
    });
  });

  const { guest, helper } = connectionIds;
  const nobody = head([0, 4]);
  const asks = (kind: number, at: number, name: string): Buffer => Buffer.concat([head([kind, 1], [at, 2], [0, 4]), words(name)]);
  const malformed: readonly (readonly [string, unknown])[] = [
    ['a name asked under no number', decodeNameAsk(0, Buffer.concat([nobody, words('a.example')]))],
    ['no name', decodeNameAsk(1, nobody)],
    ['an empty name', decodeNameAsk(1, Buffer.concat([nobody, words('')]))],
    ['a name without an end', decodeNameAsk(1, Buffer.concat([nobody, Buffer.from('a.example')]))],
    ['a name of 254 bytes', decodeNameAsk(1, Buffer.concat([nobody, words('a'.repeat(254))]))],
    ['a question that is too long', decodeNameAsk(1, Buffer.concat([nobody, words('a', 'b'.repeat(askerLimitBytes))]))],
    ['a connection of a process’s number', decodeConnectAsk(guest - 1, asks(0, 443, 'a.example'))],
    ['a connection of the helper’s number', decodeConnectAsk(helper, asks(0, 443, 'a.example'))],
    ['a connection of another kind', decodeConnectAsk(guest, asks(3, 443, 'a.example'))],
    ['a hook that leads somewhere', decodeConnectAsk(guest, asks(2, 443, ''))],
    ['a hook with a host', decodeConnectAsk(guest, asks(2, 0, 'a.example'))],
    ['a connection to no port', decodeConnectAsk(guest, asks(0, 0, 'a.example'))],
    ['a connection to nobody', decodeConnectAsk(guest, asks(0, 443, ''))],
    ['a proxy that names a host', decodeConnectAsk(guest, asks(1, 3128, 'a.example'))],
    ['a connection cut short', decodeConnectAsk(guest, head([0, 1], [443, 2]))],
    ['an answer to a number of the guest’s', decodeForwarded(guest, nobody)],
    ['an answer cut short', decodeForwarded(helper, head([0, 3]))],
    ['a reset of a process’s stream', decodeReset(2, Buffer.alloc(0))],
    ['a reset that holds something', decodeReset(guest, Buffer.of(0))],
    ['listening as what does not exist', decodeNetwork(0, Buffer.of(4))],
    ['listening under a number', decodeNetwork(1, Buffer.of(3))],
    ['listening without a word', decodeNetwork(0, Buffer.alloc(0))],
  ];
  for (const [what, decoded] of malformed) test(`${what} is no frame`, () => assert.equal(decoded, null));

  test('any bytes are a frame or the end of the link, and never anything else', () => {
    const types = [frameType.NAME_ASK, frameType.CONNECT_ASK, frameType.FORWARDED, frameType.NETWORK, frameType.RESET];
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.nat(0xffff_ffff), fc.uint8Array({ maxLength: 300 }), (type, id, payload) => {
        const heard: GuestFrame[] = [];
        try {
          new FrameParser((frame) => heard.push(frame)).push(encodeFrame(type, id, payload));
          assert.equal(heard.length, 1);
        } catch (error) {
          assert.ok(error instanceof ProtocolError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('a question that claims to be too long ends the link before a byte of it is kept', () => {
    for (const type of [frameType.NAME_ASK, frameType.CONNECT_ASK]) {
      const bytes = encodeFrame(type, connectionIds.guest);
      bytes.writeUInt32BE(askerLimitBytes + 1, 5);
      assert.throws(() => new FrameParser(() => undefined).push(bytes), ProtocolError);
    }
  });

  test('an answer holds at most as many ports as a guest takes, each once, and no line beside them', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5, max: 70_000 })), text, (ports, message) => {
        const payload = encodeNameAnswer(9, { ports, message }).subarray(frameHeaderBytes);
        const count = payload.readUInt16BE(0);
        const given = Array.from({ length: count }, (_, index) => payload.readUInt16BE(2 + 2 * index));
        assert.ok(count <= namePortLimit && new Set(given).size === count && given.every((one) => one > 0 && ports.includes(one)));
        if (count > 0) assert.equal(payload.length, 2 + 2 * count);
      }),
    );
  });

  test('a line is one line, short, and whole', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (message) => {
        const line = lineOf(message).toString();
        assert.ok(Buffer.byteLength(line) <= 1024);
        if (message === '') assert.equal(line, '');
        else assert.match(line, /^[^\0-\u001f\u007f-\u009f]*\r\n$/);
      }),
    );
    assert.equal(lineOf('é'.repeat(1000)).toString(), `${'é'.repeat(511)}\r\n`);
    assert.equal(encodeConnectRefuse(1, undefined).length, frameHeaderBytes);
  });

  test('a forward names its port and its token', () => {
    const token = Buffer.alloc(32, 7);
    assert.deepEqual(encodeForward(helper, 3000, token), encodeFrame(frameType.FORWARD, helper, Buffer.concat([head([3000, 2]), token])));
  });
});

test('empty arguments at the end are not told: a program that renamed itself left them', () => {
  const payload = Buffer.from('\0\0\0\x09registry.example\0/usr/bin/node\0npm install\0\0x\0\0\0', 'latin1');
  assert.deepEqual(decodeNameAsk(1, payload), {
    type: 'name-ask',
    id: 1,
    question: { name: 'registry.example', asker: { pid: 9, executable: '/usr/bin/node', argv: ['npm install', '', 'x'] } },
  });
});
