/** Lines of a chain one by one, from a place on, with where they are. What they hold is hostile text. */
import { wholeLines } from './blocks.ts';
import type { ChainSpan, Span } from './chain-span.ts';
import { openForReading } from '../form/lines.ts';

export interface PlacedLine {
  readonly span: Span;
  /** of its first byte, in the chain */
  readonly place: number;
  /** its newline included */
  readonly bytes: number;
  /** Latin-1, without its newline; undefined where it is longer than any record */
  readonly text: string | undefined;
}

/** a page is rarely more */
const blockBytes = 131_072;

/** Lines from a place where one begins. Rejects with the system's error. */
export async function* linesFrom(chain: ChainSpan, from: number): AsyncGenerator<PlacedLine> {
  for (const span of [...chain.spans]) {
    if (from >= span.base + span.bytes) continue;
    const handle = await openForReading(span.file.path);
    try {
      for await (const { at, bytes, text } of wholeLines(handle, Math.max(0, from - span.base), span.bytes, blockBytes)) {
        const place = span.base + at;
        if (text === undefined) {
          yield { span, place, bytes, text };
          continue;
        }
        for (let start = 0, end = text.indexOf('\n'); end >= 0; start = end + 1, end = text.indexOf('\n', start))
          yield { span, place: place + start, bytes: end + 1 - start, text: text.slice(start, end) };
      }
    } finally {
      await handle.close();
    }
  }
}

/** A line as it is given to people and programs; bytes that are no UTF-8 become U+FFFD. */
export function lineText(latin1: string): string {
  return /[\x80-\xff]/.test(latin1) ? Buffer.from(latin1, 'latin1').toString('utf8') : latin1;
}
