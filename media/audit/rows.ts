/** Rows that came, by number: the nearest few thousand to where the list is. Knows which of those in sight are missing. Pure. */
import type { PageRow } from '../../helper/protocol/record-page.ts';

export interface Stretch {
  readonly from: number;
  readonly limit: number;
}

/** rows kept; more would never be looked at again */
const keptLimit = 4000;
/** rows asked for at once at most */
const askLimit = 300;
/** rows asked for on both sides of those missing, so that a slow scroll never waits */
const around = 30;

export class Rows {
  readonly #rows = new Map<number, PageRow>();

  get(row: number): PageRow | undefined {
    return this.#rows.get(row);
  }

  /** @param centre a row in sight: what is far from it goes first when there are too many */
  put(rows: readonly PageRow[], centre: number): void {
    for (const row of rows) this.#rows.set(row.row, row);
    if (this.#rows.size <= keptLimit) return;
    for (const row of this.#rows.keys()) if (Math.abs(row - centre) > keptLimit / 4) this.#rows.delete(row);
  }

  clear(): void {
    this.#rows.clear();
  }

  /** What to ask for so that these rows can be drawn; undefined where all are there. */
  missing({ from, limit }: Stretch, total: number): Stretch | undefined {
    const end = Math.min(from + limit, total);
    let first = Math.max(0, from);
    while (first < end && this.#rows.has(first)) first += 1;
    if (first >= end) return undefined;
    let last = end - 1;
    while (this.#rows.has(last)) last -= 1;
    const begin = Math.max(0, first - around);
    return { from: begin, limit: Math.min(askLimit, last + around + 1 - begin, total - begin) };
  }
}
