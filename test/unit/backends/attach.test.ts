import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { demultiplexer } from '../../../helper/backends/attach.ts';

const frame = (type: number, payload: Uint8Array): Buffer => {
  const header = Buffer.alloc(8);
  header[0] = type;
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
};

test('output and errors come apart however the engine cuts its bytes', () => {
  const frames = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.uint8Array({ maxLength: 40 })), { maxLength: 12 });
  fc.assert(
    fc.property(frames, fc.integer({ min: 1, max: 17 }), (list, step) => {
      const parts: Record<number, Buffer[]> = { 1: [], 2: [] };
      const parse = demultiplexer(
        (chunk) => Boolean(parts[1]?.push(Buffer.from(chunk))),
        (chunk) => Boolean(parts[2]?.push(Buffer.from(chunk))),
      );
      const bytes = Buffer.concat(list.map(([type, payload]) => frame(type, payload)));
      for (let at = 0; at < bytes.length; at += step) parse(bytes.subarray(at, at + step));
      for (const type of [1, 2]) {
        const expected = Buffer.concat(list.filter(([kind]) => kind === type).map(([, payload]) => payload));
        assert.deepEqual(Buffer.concat(parts[type] ?? []), expected);
      }
    }),
  );
});

test('a receiver that asks to wait is heard', () => {
  const parse = demultiplexer(
    () => false,
    () => true,
  );
  assert.equal(parse(frame(1, Buffer.from('x'))), false);
  assert.equal(parse(frame(2, Buffer.from('x'))), true);
});
