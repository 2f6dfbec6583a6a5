/**
 * Where the rows of a chain are: one offset for every 256 lines, so that any row is found by reading a little. A row is a line
 * that ended, whatever it holds. Takes no more than its few bytes a million rows need.
 */
import type { Block } from './blocks.ts';
import type { ChainSpan, Pass, Span } from './chain-span.ts';
import { Offsets } from './offsets.ts';

/** lines between two marks */
const strideRows = 256;

/** where a row is looked for: `skip` lines after `place` */
export interface RowPlace {
  readonly place: number;
  readonly skip: number;
}

export class RowIndex implements Pass {
  at = 0;
  readonly #marks = new Offsets();
  /** first row of each file, by the place of its first byte */
  readonly #firstRows = new Map<number, number>();
  readonly #span: ChainSpan;
  #rows = 0;

  constructor(span: ChainSpan) {
    this.#span = span;
  }

  get rows(): number {
    return this.#rows;
  }
  /** bytes held */
  get bytes(): number {
    return this.#marks.bytes;
  }

  take({ text }: Block, place: number): void {
    const base = this.#span.spanAt(place)?.base ?? 0;
    if (!this.#firstRows.has(base)) this.#firstRows.set(base, this.#rows);
    if (text === undefined) this.#add(place);
    else for (let start = 0, end = text.indexOf('\n'); end >= 0; start = end + 1, end = text.indexOf('\n', start)) this.#add(place + start);
  }

  #add(place: number): void {
    if (this.#rows % strideRows === 0) this.#marks.push(place);
    this.#rows += 1;
  }

  /** Where to look for a row that is known. */
  find(row: number): RowPlace {
    const mark = Math.floor(row / strideRows);
    return { place: this.#marks.at(mark) ?? 0, skip: row - mark * strideRows };
  }

  /** The mark at or before `place`, and its row. */
  before(place: number): { readonly place: number; readonly row: number } {
    const mark = Math.max(0, this.#marks.lastUpTo(place));
    return { place: this.#marks.at(mark) ?? 0, row: mark * strideRows };
  }

  /** 1-based number in its file of a row that is known. */
  lineOf(row: number, span: Span): number {
    return row - (this.#firstRows.get(span.base) ?? 0) + 1;
  }
}
