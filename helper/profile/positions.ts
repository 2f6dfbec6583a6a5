/** Offsets in a text as lines and characters, counted as editors do. */
import type { Position, Range } from '../protocol/finding.ts';

export interface Positions {
  at(offset: number): Position;
  range(start: number, end: number): Range;
  /** offset of a zero-based position */
  offset(line: number, character: number): number;
}

export function positionsOf(text: string): Positions {
  const starts = [0];
  /** where each line's own text ends */
  const ends: number[] = [];
  for (const match of text.matchAll(/\r\n|\n|\r/g)) {
    ends.push(match.index);
    starts.push(match.index + match[0].length);
  }
  ends.push(text.length);
  const at = (offset: number): Position => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    // Between the two characters of a Windows line end there is no place in an editor.
    return { line: low, character: Math.min(offset, ends[low] ?? offset) - (starts[low] ?? 0) };
  };
  return {
    at,
    range: (start, end) => ({ start: at(start), end: at(end) }),
    offset: (line, character) => Math.min(text.length, (starts[line] ?? text.length) + character),
  };
}
