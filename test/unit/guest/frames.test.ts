/** Hostile bytes from a guest: whatever they are, the link ends cleanly or the frames are exactly those that were sent. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Duplex, PassThrough } from 'node:stream';
import { suite, test } from 'node:test';
import { silentLog } from '../../../helper/base/log.ts';
import { encodeFrame } from '../../../helper/guest/encode.ts';
import { FrameParser, ProtocolError, type GuestFrame } from '../../../helper/guest/frames.ts';
import { openStdioLink } from '../../../helper/guest/open.ts';
import { frameLimitBytes, frameType, guestProtocolVersion, initialWindowBytes, type FrameType } from '../../../helper/protocol/guest.ts';
import { request } from '../../kit/guest.ts';

const u32 = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => bytes.writeUInt32BE(value, 4 * index));
  return bytes;
};
const hello = encodeFrame(frameType.HELLO, 0, Buffer.of(0, guestProtocolVersion, 0));
const id = fc.integer({ min: 1, max: 0x7fffffff });

/** a well-formed frame of the guest */
const frame = fc.oneof(
  fc.tuple(id, id).map(([of, pid]) => encodeFrame(frameType.STARTED, of, u32(pid))),
  fc.tuple(id, fc.integer({ min: 0, max: 255 })).map(([of, code]) => encodeFrame(frameType.EXITED, of, Buffer.of(0, code, 0))),
  fc.tuple(id, fc.uint8Array({ minLength: 1, maxLength: 4000 })).map(([of, bytes]) => encodeFrame(frameType.DATA, of, bytes)),
  id.map((of) => encodeFrame(frameType.END, of)),
  id.map((of) => encodeFrame(frameType.WINDOW, of, u32(of))),
);

function parse(chunks: readonly Buffer[]): readonly GuestFrame[] {
  const frames: GuestFrame[] = [];
  const parser = new FrameParser((each) => frames.push(each));
  for (const chunk of chunks) parser.push(Buffer.from(chunk));
  return frames;
}

/** Cuts bytes at arbitrary places. */
function chunksOf(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, index) => bytes.subarray(from, at[index] ?? bytes.length));
}

suite('frames', () => {
  test('frames are the same however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 20 }), fc.array(fc.nat(100_000), { maxLength: 40 }), (frames, cuts) => {
        const bytes = Buffer.concat(frames);
        assert.deepEqual(parse(chunksOf(bytes, cuts)), parse([bytes]));
        assert.equal(parse([bytes]).length, frames.length);
      }),
    );
  });

  test('any other bytes are refused or wait for more, and nothing else happens', () => {
    const hostile = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.tuple(frame, fc.nat(), fc.nat(255)).map(corrupted));
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 10 }), (chunks) => {
        try {
          parse(chunks.map((chunk) => Buffer.from(chunk)));
        } catch (error) {
          assert.ok(error instanceof ProtocolError);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('a frame is refused by its header, before its payload is waited for', () => {
    const header = (type: number, length: number): Buffer => Buffer.concat([Buffer.of(type), u32(1, length)]);
    for (const bytes of [
      header(0, 0),
      header(255, 1),
      header(frameType.SPAWN, 1),
      header(frameType.DATA, 65_537),
      header(frameType.HELLO, frameLimitBytes + 1),
    ])
      assert.throws(() => parse([bytes]), ProtocolError);
  });
});

function corrupted([bytes, at, value]: readonly [Buffer, number, number]): Buffer {
  const copy = Buffer.from(bytes);
  copy[at % copy.length] = value;
  return copy;
}

/** what a guest could say that is well-formed and yet nonsense */
const nonsense: Readonly<Record<string, readonly Buffer[]>> = {
  'no hello': [encodeFrame(frameType.END, 2)],
  'a second hello': [hello, hello],
  'another version': [encodeFrame(frameType.HELLO, 0, Buffer.of(9, 9, 0))],
  'processes of a new guest': [
    encodeFrame(frameType.HELLO, 0, Buffer.concat([Buffer.of(0, guestProtocolVersion, 0), u32(1, 2), Buffer.of(0)])),
  ],
  'the same process twice': [
    encodeFrame(
      frameType.HELLO,
      0,
      Buffer.concat([Buffer.of(0, guestProtocolVersion, 1), u32(1, 2), Buffer.of(0), u32(1, 2), Buffer.of(0)]),
    ),
  ],
  'a pong nobody asked for': [hello, encodeFrame(frameType.PONG, 0, Buffer.alloc(8))],
  'a process nobody asked for': [hello, encodeFrame(frameType.STARTED, 7, u32(7))],
  'the end of one nobody asked for': [hello, encodeFrame(frameType.EXITED, 7, Buffer.of(0, 0, 0))],
  'bytes of one nobody asked for': [hello, encodeFrame(frameType.DATA, 14, Buffer.of(1))],
  'a type of the helper': [hello, encodeFrame(frameType.SHUTDOWN, 0, u32(0))],
  'a kind of end that is none': [hello, encodeFrame(frameType.EXITED, 1, Buffer.of(2, 0, 0))],
};

suite('a hostile guest', () => {
  for (const [name, frames] of Object.entries(nonsense))
    test(`${name} ends the link`, async () => {
      const { helper, guest } = wire();
      const opening = openStdioLink({ stdio: helper, graceMs: 0, log: silentLog, helloTimeoutMs: 2000 });
      for (const each of frames) guest.write(each);
      const link = await opening.catch((error: unknown) => error);
      if (isLink(link)) assert.equal((await link.ended).reason, 'protocol');
      else assert.match(String(link), /no longer answers/);
    });

  test('more than was granted ends the link, and so does anything after the end of a stream', async () => {
    const started = encodeFrame(frameType.STARTED, 1, u32(5));
    const data = encodeFrame(frameType.DATA, 2, Buffer.alloc(65_536));
    const flood = Array.from({ length: initialWindowBytes / 65_536 + 1 }, () => data);
    for (const after of [flood, [encodeFrame(frameType.END, 2), data]]) {
      const { helper, guest } = wire();
      const opening = openStdioLink({ stdio: helper, graceMs: 0, log: silentLog });
      guest.write(hello);
      const link = await opening;
      const spawning = link.spawn(request(['true']));
      guest.write(started);
      const child = await spawning;
      for (const each of after) guest.write(each);
      assert.equal((await link.ended).reason, 'protocol');
      assert.deepEqual(await child.exited, { kind: 'lost', status: 0 });
    }
  });

  test('any frames at all end the link or are borne', async () => {
    const types = Object.values(frameType) as readonly FrameType[];
    const any = fc.tuple(fc.constantFrom(...types), fc.integer({ min: 0, max: 6 }), fc.uint8Array({ maxLength: 12 }));
    await fc.assert(
      fc.asyncProperty(fc.array(any, { maxLength: 12 }), async (frames) => {
        const { helper, guest } = wire();
        const opening = openStdioLink({ stdio: helper, graceMs: 0, log: silentLog });
        guest.write(hello);
        const link = await opening;
        const spawning = [link.spawn(request(['a'])), link.spawn(request(['b']))];
        for (const [type, of, payload] of frames) guest.write(encodeFrame(type, of, payload));
        guest.end();
        await link.ended;
        await Promise.allSettled(spawning);
        await link.dispose();
      }),
      { numRuns: 200 },
    );
  });
});

const isLink = (value: unknown): value is Awaited<ReturnType<typeof openStdioLink>> =>
  typeof value === 'object' && value !== null && 'ended' in value;

/** Two ends of a wire in memory. */
function wire(): { helper: Duplex; guest: PassThrough } {
  const guest = new PassThrough();
  const away = new PassThrough().resume();
  return { helper: Duplex.from({ readable: guest, writable: away }), guest };
}
