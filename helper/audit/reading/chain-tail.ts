/**
 * The last rows of a chain, read from its end before anything else of it was: rows are counted by the numbers in the lines, which
 * is right for every chain that nobody touched, and only until all of it was looked through.
 */
import { readInto } from './blocks.ts';
import type { Span } from './chain-span.ts';
import { aboutLine } from './filter.ts';
import { openForReading } from '../form/lines.ts';

export interface TailRow {
  readonly span: Span;
  /** offset in its file */
  readonly offset: number;
  /** 1-based, in its file */
  readonly line: number;
  /** Latin-1 */
  readonly text: string;
}

export interface Tail {
  /** oldest first */
  readonly rows: readonly TailRow[];
  /** rows of the whole chain */
  readonly total: number;
}

const firstReadBytes = 131_072;
const lastReadBytes = 16_777_216;
const headReadBytes = 65_536;

/**
 * The last `count` rows, as far as the last file of the chain has them; undefined where they cannot be counted from here, and
 * all of the chain must be looked through. Rejects with the system's error.
 */
export async function readTail(spans: readonly Span[], count: number): Promise<Tail | undefined> {
  const last = spans.findLast(({ bytes }) => bytes > 0);
  const [first] = spans;
  if (first === undefined || last === undefined) return { rows: [], total: 0 };
  const chainSeq = await firstSeq(first);
  const fileSeq = await firstSeq(last);
  const lines = await lastLines(last, count);
  const lastSeq = aboutLine(lines?.at(-1)?.text ?? '')?.seq;
  if (lines === undefined || lastSeq === undefined || chainSeq === undefined || fileSeq === undefined) return undefined;
  const [total, lastLine] = [lastSeq - chainSeq + 1, lastSeq - fileSeq + 1];
  if (lastLine < lines.length || total < lastLine) return undefined;
  return { rows: lines.map((line, index) => ({ ...line, span: last, line: lastLine - (lines.length - 1 - index) })), total };
}

async function firstSeq(span: Span): Promise<number | undefined> {
  const text = await readAt(span, 0, Math.min(span.bytes, headReadBytes));
  const end = text.indexOf('\n');
  return end < 0 ? undefined : aboutLine(text.slice(0, end))?.seq;
}

/** undefined: there are fewer, or they are too long. */
async function lastLines(span: Span, count: number): Promise<readonly { readonly offset: number; readonly text: string }[] | undefined> {
  for (let want = Math.min(span.bytes, firstReadBytes); ; want = Math.min(span.bytes, want * 4)) {
    const from = span.bytes - want;
    const text = await readAt(span, from, want);
    const lines: { readonly offset: number; readonly text: string }[] = [];
    let end = text.lastIndexOf('\n');
    while (end > 0 && lines.length < count) {
      const start = text.lastIndexOf('\n', end - 1) + 1;
      if (start === 0 && from > 0) break;
      lines.push({ offset: from + start, text: text.slice(start, end) });
      end = start - 1;
    }
    if (lines.length >= count) return lines.reverse();
    if (want === span.bytes || want >= lastReadBytes) return undefined;
  }
}

async function readAt(span: Span, at: number, bytes: number): Promise<string> {
  const handle = await openForReading(span.file.path);
  try {
    const buffer = Buffer.allocUnsafe(bytes);
    return buffer.toString('latin1', 0, await readInto(handle, buffer, at, span.bytes));
  } finally {
    await handle.close();
  }
}
