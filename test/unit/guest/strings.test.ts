/** Strings a guest sends: bytes that are not UTF-8 stay visible, and can be had back from what is told of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOf, stringsOf } from '../../../helper/guest/strings.ts';

const read = (told: string): Buffer =>
  Buffer.from(
    told.replace(/\\\\|\\x([0-9a-f]{2})/g, (_, hex: string | undefined) =>
      hex === undefined ? '\\' : String.fromCharCode(Number.parseInt(hex, 16)),
    ),
    'latin1',
  );

test('the bytes of what is not UTF-8 are told so that they can be had back, by field', () => {
  const odd = Buffer.from('a\\xff\n\xff\xfe\xe2\x80\xae"z', 'latin1');
  const payload = Buffer.concat([Buffer.from('cat\0/bin/cat\0cat\0'), odd, Buffer.from('\0plain é\0')]);
  const words = stringsOf(payload) ?? [];
  const told = bytesOf(payload, words, ['asked', 'file']);
  assert.deepEqual(Object.keys(told ?? {}), ['argv/1']);
  assert.deepEqual(read(told?.['argv/1'] ?? ''), odd);
  assert.match(told?.['argv/1'] ?? '', /^[\x0a\x20-\x7e]*$/);
});

test('nothing is told of what is UTF-8, a replacement character that was written as such included', () => {
  const payload = Buffer.from('cat\0é \uFFFD\0');
  assert.equal(bytesOf(payload, stringsOf(payload) ?? [], ['asked']), undefined);
});

test('of very many and of very long ones only some are told', () => {
  const payload = Buffer.concat(Array.from({ length: 100 }, () => Buffer.from('\xff\0', 'latin1')));
  assert.equal(Object.keys(bytesOf(payload, stringsOf(payload) ?? [], []) ?? {}).length, 16);
  const long = Buffer.from(`${'\xff'.repeat(5000)}\0`, 'latin1');
  assert.equal(bytesOf(long, stringsOf(long) ?? [], []), undefined);
});
