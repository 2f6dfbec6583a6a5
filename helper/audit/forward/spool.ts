/**
 * Reads a chain on from a cursor, a piece at a time, over its files. It follows what the lines say of each other: where the file is
 * not the one the cursor was made in, it looks for its place again. Hostile input: a line that is no record is passed over.
 */
import type { FileHandle } from 'node:fs/promises';
import { recordLine } from '../../protocol/record.ts';
import { digestOf, genesis, lineLimitBytes } from '../form/chain.ts';
import { chainFiles, type ChainFile } from '../form/chain-files.ts';
import { eachLine, openForReading } from '../form/lines.ts';
import type { RecordItem } from './contract.ts';
import type { Cursor } from './state.ts';

export const chainStart: Cursor = { file: 1, offset: 0, seq: -1, digest: genesis };

export interface Spooled {
  /** undefined for a line that is no record */
  readonly item: RecordItem | undefined;
  /** where the line after it begins */
  readonly after: Cursor;
}

export interface Piece {
  /** none where the end is reached */
  readonly lines: readonly Spooled[];
  /** records that were not there any more: first and last number */
  readonly lost?: { readonly first: number; readonly last: number };
}

/** The next lines after `from`, about `limitBytes` of them. Rejects with the system's error. */
export async function readOn(folder: string, sandbox: string, from: Cursor, limitBytes = 262_144): Promise<Piece> {
  // The list before the sizes: a file that another follows is never written again.
  const files = await chainFiles(folder, sandbox);
  const lines = await linesAfter(files, sandbox, from, limitBytes);
  const [first] = lines;
  if (first?.prev === undefined || first.prev === from.digest) return { lines };
  if (first.item !== undefined && first.item.seq > from.seq + 1 && !files.some(({ number }) => number === from.file))
    return { lines, lost: { first: from.seq + 1, last: first.item.seq - 1 } };
  if (from.seq < 0) return { lines };
  const again = await findAgain(files, sandbox, from);
  return again.file === from.file && again.offset === from.offset
    ? { lines }
    : { lines: await linesAfter(files, sandbox, again, limitBytes) };
}

/** Where the chain ends now. Rejects with the system's error. */
export async function chainEnd(folder: string, sandbox: string): Promise<Cursor> {
  let end = chainStart;
  const files = await chainFiles(folder, sandbox);
  const last = files.at(-1);
  if (last !== undefined) await scan(last, sandbox, (line) => void (end = line.after));
  return end;
}

interface ReadLine extends Spooled {
  readonly prev: string | undefined;
  /** first line of another process */
  readonly opens: boolean;
}

async function linesAfter(files: readonly ChainFile[], sandbox: string, from: Cursor, limitBytes: number): Promise<readonly ReadLine[]> {
  for (const file of files) {
    if (file.number < from.file) continue;
    const start = file.number === from.file ? from : { ...from, file: file.number, offset: 0 };
    const handle = await openForReading(file.path);
    try {
      const lines = await piece(handle, sandbox, start, limitBytes);
      if (lines.length > 0) return lines;
    } finally {
      await handle.close();
    }
  }
  return [];
}

async function piece(handle: FileHandle, sandbox: string, start: Cursor, limitBytes: number): Promise<readonly ReadLine[]> {
  const { size } = await handle.stat();
  if (start.offset > size) return piece(handle, sandbox, { ...start, offset: 0 }, limitBytes);
  for (let want = limitBytes; ; want *= 4) {
    const bytes = Buffer.alloc(Math.min(want, size - start.offset));
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, start.offset);
    const whole = bytes.subarray(0, bytes.lastIndexOf(10, bytesRead - 1) + 1);
    if (whole.length > 0) return split(whole, sandbox, start);
    if (bytesRead < want || bytesRead === 0) return [];
    // No line is that long: it is passed over in pieces.
    if (want > lineLimitBytes) return [lineOf(bytes.subarray(0, bytesRead), sandbox, start, bytesRead)];
  }
}

function split(bytes: Buffer, sandbox: string, start: Cursor): readonly ReadLine[] {
  const lines: ReadLine[] = [];
  let at = start;
  for (let begin = 0, end = bytes.indexOf(10); end !== -1; begin = end + 1, end = bytes.indexOf(10, begin)) {
    const line = lineOf(bytes.subarray(begin, end), sandbox, at, end + 1 - begin);
    lines.push(line);
    at = line.after;
  }
  return lines;
}

function lineOf(bytes: Buffer, sandbox: string, at: Cursor, length: number): ReadLine {
  const digest = digestOf(bytes);
  const line = bytes.toString('latin1');
  const read = /^[\x20-\x7e]+$/.test(line) ? recordLine.safeParse(parsed(line)).data : undefined;
  const after = (seq: number): Cursor => ({ file: at.file, offset: at.offset + length, seq, digest });
  if (read?.sandbox !== sandbox) return { item: undefined, after: after(at.seq), prev: undefined, opens: false };
  const { seq, type, action, outcome, target, ts, prev } = read;
  const item = {
    kind: 'record',
    sandbox,
    seq,
    digest,
    line,
    type,
    action,
    outcome,
    ts,
    ...(target === undefined ? {} : { target }),
  } as const;
  return { item, after: after(seq), prev, opens: type === 'chain' && action === 'opened' };
}

/**
 * Where to go on when what follows the cursor is not what came before it: after a power cut the last lines may be gone, and others
 * in their place. After the line it names; or else with the process that came after the cut; or else from the beginning.
 */
async function findAgain(files: readonly ChainFile[], sandbox: string, from: Cursor): Promise<Cursor> {
  let found: Cursor | undefined;
  let opening: Cursor | undefined;
  for (const file of files) {
    let before: Cursor = { ...chainStart, file: file.number };
    await scan(file, sandbox, (line) => {
      if (line.after.digest === from.digest) found = line.after;
      if (line.opens && line.after.seq <= from.seq + 1) opening = { ...before, seq: line.after.seq - 1, digest: line.prev ?? genesis };
      before = line.after;
    });
    if (found !== undefined) return found;
  }
  return opening ?? { ...chainStart, file: files[0]?.number ?? 1 };
}

async function scan(file: ChainFile, sandbox: string, each: (line: ReadLine) => void): Promise<void> {
  const handle = await openForReading(file.path);
  try {
    let at: Cursor = { ...chainStart, file: file.number };
    await eachLine(handle, (await handle.stat()).size, ({ bytes, ended }) => {
      if (bytes === undefined || !ended) return;
      const line = lineOf(bytes, sandbox, at, bytes.length + 1);
      at = line.after;
      each(line);
    });
  } finally {
    await handle.close();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
