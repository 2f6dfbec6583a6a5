/** Removes a chain's oldest files when there are more than are to be kept. What is removed is on record, synced, before it is. */
import { rm } from 'node:fs/promises';
import type { RecordEntry } from '../../protocol/record.ts';
import { linesBackwards, type PlacedLine } from './backwards.ts';
import { chainFiles } from '../form/chain-files.ts';
import { digestOf } from '../form/chain.ts';
import { openForReading } from '../form/lines.ts';
import { chainEntry } from './sealing.ts';
import type { ChainPlace } from './tail.ts';

/**
 * Keeps `olderFiles` files besides the newest. `record` settles when its entry is on the disk; where it rejects, nothing more is
 * removed. Rejects with the system's error.
 */
export async function removeOldest(place: ChainPlace, olderFiles: number, record: (entry: RecordEntry) => Promise<void>): Promise<void> {
  const files = await chainFiles(place.folder, place.sandbox);
  for (const { path, name } of files.slice(0, Math.max(0, files.length - 1 - olderFiles))) {
    await record(chainEntry('removed', { file: name, ...(await contentOf(path)) }));
    await rm(path);
  }
}

async function contentOf(
  path: string,
): Promise<{ readonly bytes: number; readonly first: number; readonly last: number; readonly digest: string }> {
  const handle = await openForReading(path);
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(64), 0, 64, 0);
    const last = await lastOf(linesBackwards(handle, size));
    return { bytes: size, first: numberOf(buffer.subarray(0, bytesRead)), last: numberOf(last), digest: digestOf(last) };
  } finally {
    await handle.close();
  }
}

async function lastOf(lines: AsyncIterable<PlacedLine>): Promise<Buffer> {
  for await (const { bytes } of lines) return bytes;
  return Buffer.alloc(0);
}

/** Number of the record a line begins as; -1 where it is none. */
function numberOf(line: Buffer): number {
  return Number(/^\{"v":3,"seq":(0|[1-9]\d{0,14}),/.exec(line.toString('latin1', 0, 64))?.[1] ?? -1);
}
