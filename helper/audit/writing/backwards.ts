/** Lines of a chain's files from the last to the first, so that a writer that goes on looks at the end and not at everything. */
import type { FileHandle } from 'node:fs/promises';
import { lineLimitBytes } from '../form/chain.ts';

/** a whole line, where it begins in its file, and its bytes without the newline */
export interface PlacedLine {
  readonly start: number;
  readonly bytes: Buffer;
}

const blockBytes = 65_536;

/** Bytes after the last newline of the first `size` bytes. Rejects with the system's error, or when they are too many to be ours. */
export async function unfinishedBytes(handle: FileHandle, size: number): Promise<Buffer> {
  for (let want = Math.min(size, blockBytes); ; want = Math.min(size, want * 8)) {
    const bytes = await readAt(handle, size - want, want);
    const end = bytes.lastIndexOf(10);
    if (end >= 0 || want === size) return bytes.subarray(end + 1);
    // A torn batch is no longer than a batch.
    if (want > 1024 * lineLimitBytes) throw new Error('its last line has no end');
  }
}

/** Whole lines that end at `size` or before, last first. Rejects with the system's error, or at a line past the limit. */
export async function* linesBackwards(handle: FileHandle, size: number): AsyncGenerator<PlacedLine> {
  let position = size;
  // What of the line under way was read already: it lies right after `position`.
  let kept = Buffer.alloc(0);
  while (position > 0) {
    const want = Math.min(position, blockBytes);
    position -= want;
    const block = Buffer.concat([await readAt(handle, position, want), kept]);
    let end = block.length;
    for (let before = newlineBefore(block, end); before >= 0; before = newlineBefore(block, end)) {
      yield { start: position + before + 1, bytes: block.subarray(before + 1, end - 1) };
      end = before + 1;
    }
    kept = block.subarray(0, end);
    if (kept.length > 2 * lineLimitBytes) throw new Error('a line of it has no end');
  }
  if (kept.length > 0) yield { start: 0, bytes: kept.subarray(0, -1) };
}

/** Newline that ends the line before the one whose newline is at `end` - 1. */
const newlineBefore = (block: Buffer, end: number): number => (end < 2 ? -1 : block.lastIndexOf(10, end - 2));

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await handle.read(bytes, done, length - done, position + done);
    if (bytesRead === 0) throw new Error('it shrinks while being read');
    done += bytesRead;
  }
  return bytes;
}
