/**
 * A file's lines in blocks of whole lines, for searching them as one text. Hostile input: memory stays bounded whatever the file
 * holds, and a line that is longer than any record may be is passed over.
 */
import type { FileHandle } from 'node:fs/promises';
import { lineLimitBytes } from '../form/chain.ts';

export interface Block {
  /** offset of its first byte in the file */
  readonly at: number;
  /** bytes of the file it stands for */
  readonly bytes: number;
  /** whole lines as Latin-1, each with its newline; undefined for one line that is too long */
  readonly text: string | undefined;
}

/** small enough that searching one holds up the event loop for about a millisecond */
const usualBytes = 262_144;
const largestBytes = lineLimitBytes + 1;

/**
 * Blocks of about `blockBytes` from `from`, where a line must begin, up to the last newline before `to`. Rejects with the
 * system's error.
 */
export async function* wholeLines(handle: FileHandle, from: number, to: number, blockBytes = usualBytes): AsyncGenerator<Block> {
  let buffer = Buffer.allocUnsafe(Math.min(blockBytes, Math.max(to - from, 1)));
  for (let at = from; at < to;) {
    const read = await readInto(handle, buffer, at, to);
    const end = buffer.subarray(0, read).lastIndexOf(10) + 1;
    if (end > 0) {
      yield { at, bytes: end, text: buffer.toString('latin1', 0, end) };
      at += end;
    } else if (read < buffer.length) return;
    else if (buffer.length < largestBytes) buffer = Buffer.allocUnsafe(largestBytes);
    else {
      const next = await afterNewline(handle, buffer, at + read, to);
      if (next === undefined) return;
      yield { at, bytes: next - at, text: undefined };
      at = next;
    }
  }
}

/** Reads until the buffer is full, `to` is reached or the file ends. Returns the bytes read. */
export async function readInto(handle: FileHandle, buffer: Buffer, at: number, to: number): Promise<number> {
  const wanted = Math.min(buffer.length, to - at);
  let read = 0;
  while (read < wanted) {
    const { bytesRead } = await handle.read(buffer, read, wanted - read, at + read);
    if (bytesRead === 0) break;
    read += bytesRead;
  }
  return read;
}

async function afterNewline(handle: FileHandle, buffer: Buffer, from: number, to: number): Promise<number | undefined> {
  for (let at = from; at < to;) {
    const read = await readInto(handle, buffer, at, to);
    const newline = buffer.subarray(0, read).indexOf(10);
    if (newline >= 0) return at + newline + 1;
    if (read === 0) return undefined;
    at += read;
  }
  return undefined;
}
