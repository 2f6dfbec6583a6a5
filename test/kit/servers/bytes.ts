/** Many bytes that are the same each time and never all in memory. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';

const piece = Buffer.from(Uint32Array.from({ length: 16_384 }, (_, index) => Math.imul(index + 1, 2_654_435_761)).buffer);

export function manyBytes(count: number): Readable {
  return Readable.from(pieces(count), { objectMode: false });
}

/** SHA-256 of so many of them, in hexadecimal digits. */
export function sumOfBytes(count: number): string {
  const hash = createHash('sha256');
  for (const part of pieces(count)) hash.update(part);
  return hash.digest('hex');
}

function* pieces(count: number): Generator<Buffer> {
  for (let left = count; left > 0; left -= piece.length) yield piece.subarray(0, Math.min(left, piece.length));
}
