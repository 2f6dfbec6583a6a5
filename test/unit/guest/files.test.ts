import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeFileRefused, decodeFileSeen, encodeFiles } from '../../../helper/guest/files.ts';
import { FrameParser } from '../../../helper/guest/frames.ts';
import { fileAct, frameHeaderBytes, frameType } from '../../../helper/protocol/guest.ts';

const refused = (pid: number, act: number, index: number, text: string): Buffer => {
  const head = Buffer.alloc(7);
  head.writeUInt32BE(pid, 0);
  head.writeUInt8(act, 4);
  head.writeUInt16BE(index, 5);
  return Buffer.concat([head, Buffer.from(text)]);
};

describe('frames about files', () => {
  test('tell the guest which patterns are closed and which paths hidden', () => {
    const frame = encodeFiles({ workspace: '/workspace', closed: ['.git/hooks/', '*.x'], hidden: ['/workspace/.env'] });
    assert.deepEqual([frame[0], frame.readUInt32BE(1)], [frameType.FILES, 0]);
    const payload = frame.subarray(frameHeaderBytes);
    assert.deepEqual([payload.readUInt8(0), payload.readUInt16BE(1), payload.readUInt16BE(3)], [0, 2, 1]);
    assert.equal(payload.toString('utf8', 5), '/workspace\0.git/hooks/\0*.x\0/workspace/.env\0');
  });

  test('tell what was tried, by whom, on what', () => {
    for (const [name, act] of Object.entries(fileAct))
      assert.deepEqual(decodeFileRefused(0, refused(9, act, 3, '/workspace/a\0\0/usr/bin/tee\0tee\0a\0')), {
        type: 'file-refused',
        refusal: { ...{ pid: 9, act: name, index: 3, path: '/workspace/a', other: '' }, executable: '/usr/bin/tee', argv: ['tee', 'a'] },
      });
    const short = decodeFileRefused(0, refused(0, fileAct.RENAME, 0, 'a\0b\0'));
    assert.deepEqual(short?.type === 'file-refused' && [short.refusal.other, short.refusal.executable, short.refusal.argv], ['b', '', []]);
    assert.deepEqual(decodeFileSeen(0, Buffer.of(1, 2)), { type: 'file-seen', index: 258 });
  });

  for (const [what, decoded] of [
    ['a refusal with an id', decodeFileRefused(1, refused(1, 1, 0, 'a\0\0'))],
    ['a refusal of an unknown act', decodeFileRefused(0, refused(1, 0, 0, 'a\0\0'))],
    ['a refusal of an act beyond the last', decodeFileRefused(0, refused(1, 11, 0, 'a\0\0'))],
    ['a refusal without a path', decodeFileRefused(0, refused(1, 1, 0, ''))],
    ['a refusal without another path', decodeFileRefused(0, refused(1, 1, 0, 'a\0'))],
    ['a refusal whose last string has no end', decodeFileRefused(0, refused(1, 1, 0, 'a\0b'))],
    ['a refusal that is too short', decodeFileRefused(0, Buffer.alloc(6))],
    ['a refusal that is too long', decodeFileRefused(0, refused(1, 1, 0, `${'a'.repeat(70_000)}\0\0`))],
    ['a sight with an id', decodeFileSeen(1, Buffer.of(0, 0))],
    ['a sight that is too short', decodeFileSeen(0, Buffer.of(0))],
    ['a sight that is too long', decodeFileSeen(0, Buffer.of(0, 0, 0))],
  ] as const)
    test(`${what} is none`, () => assert.equal(decoded, null));

  test('malformed ones end the link', () => {
    for (const type of [frameType.FILE_REFUSED, frameType.FILE_SEEN])
      assert.throws(() => new FrameParser(() => undefined).push(Buffer.from([type, 0, 0, 0, 0, 0, 0, 0, 1, 0])), /malformed/);
  });

  test('bytes that are no UTF-8 stay visible', () => {
    const frame = decodeFileRefused(0, Buffer.concat([refused(1, 1, 0, '/workspace/'), Buffer.of(0xff, 0, 0)]));
    assert.equal(frame?.type === 'file-refused' && frame.refusal.path, '/workspace/\uFFFD');
  });
});
