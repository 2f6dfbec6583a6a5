/** A file, line by line, in constant memory whatever it holds: a line past the limit is reported as such and skipped. */
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { lineLimitBytes } from './chain.ts';

export interface Line {
  /** without its newline; only valid until the next line is asked for; undefined when it was longer than the limit */
  readonly bytes: Buffer | undefined;
  /** false for what follows the last newline */
  readonly ended: boolean;
}

const blockBytes = 1_048_576;

/** Opens for reading without ever waiting for somebody at the other end. Rejects with the system's error. */
export function openForReading(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDONLY | (process.platform === 'win32' ? 0 : constants.O_NONBLOCK));
}

/** Calls `each` for every line up to `size` bytes, in order; what a writer adds meanwhile is left for the next time. */
export async function eachLine(handle: FileHandle, size: number, each: (line: Line) => void): Promise<void> {
  const block = Buffer.allocUnsafe(blockBytes);
  let kept = Buffer.alloc(0);
  let skipping = false;
  for (let position = 0; position < size;) {
    const { bytesRead } = await handle.read(block, 0, Math.min(blockBytes, size - position), position);
    if (bytesRead === 0) break;
    position += bytesRead;
    let start = 0;
    for (let end = block.indexOf(10); end !== -1 && end < bytesRead; end = block.indexOf(10, start)) {
      const part = block.subarray(start, end);
      if (skipping) each({ bytes: undefined, ended: true });
      else each({ bytes: kept.length === 0 ? part : Buffer.concat([kept, part]), ended: true });
      kept = Buffer.alloc(0);
      skipping = false;
      start = end + 1;
    }
    if (skipping) continue;
    kept = Buffer.concat([kept, block.subarray(start, bytesRead)]);
    if (kept.length <= lineLimitBytes) continue;
    kept = Buffer.alloc(0);
    skipping = true;
  }
  if (skipping) each({ bytes: undefined, ended: false });
  else if (kept.length > 0) each({ bytes: kept, ended: false });
}
