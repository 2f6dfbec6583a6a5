/** Reads lines of a record for showing. It verifies nothing and trusts nothing: what it returns is hostile text. */
import type { FileHandle } from 'node:fs/promises';
import { eachLine, openForReading } from './lines.ts';

/** one line as it stands in the file */
export interface ViewLine {
  /** 1-based */
  readonly line: number;
  readonly text: string;
}

const blockBytes = 65_536;
/** text returned at most; older lines are left out first */
const viewLimitBytes = 32 * 1024 * 1024;

/** The last `count` whole lines of `path`, oldest first. Rejects with the system's error. */
export async function readTail(path: string, count = 100_000): Promise<readonly ViewLine[]> {
  const handle = await openForReading(path);
  try {
    const status = await handle.stat();
    if (!status.isFile()) return [];
    const start = await startOfTail(handle, status.size, count);
    let line = await countLines(handle, start);
    const lines: ViewLine[] = [];
    const tail = Buffer.alloc(status.size - start);
    let read = 0;
    while (read < tail.length) {
      const { bytesRead } = await handle.read(tail, read, tail.length - read, start + read);
      if (bytesRead === 0) break;
      read += bytesRead;
    }
    for (let from = 0, end = tail.indexOf(10); end !== -1; from = end + 1, end = tail.indexOf(10, from)) {
      line += 1;
      lines.push({ line, text: tail.toString('utf8', from, end) });
    }
    return lines.slice(-count);
  } finally {
    await handle.close();
  }
}

/** Where the last `count` lines begin, found from the end. */
async function startOfTail(handle: FileHandle, size: number, count: number): Promise<number> {
  const block = Buffer.alloc(blockBytes);
  const first = Math.max(0, size - viewLimitBytes);
  let newlines = 0;
  let best = size;
  for (let end = size; end > first;) {
    const begin = Math.max(first, end - blockBytes);
    const { bytesRead } = await handle.read(block, 0, end - begin, begin);
    for (let at = block.subarray(0, bytesRead).lastIndexOf(10); at !== -1; at = at === 0 ? -1 : block.lastIndexOf(10, at - 1)) {
      best = begin + at + 1;
      newlines += 1;
      // One newline more than lines: the one that ends the line before the first.
      if (newlines > count) return best;
    }
    end = begin;
  }
  return first === 0 ? 0 : best;
}

async function countLines(handle: FileHandle, size: number): Promise<number> {
  let lines = 0;
  await eachLine(handle, size, ({ ended }) => {
    if (ended) lines += 1;
  });
  return lines;
}
