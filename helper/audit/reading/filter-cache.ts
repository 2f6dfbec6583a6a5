/** What filters found in one chain, kept for the few that were asked for last; the others are let go. */
import type { RecordFilter } from '../../protocol/record-operations.ts';
import type { Pass } from './chain-span.ts';
import type { CompiledFilter } from './filter.ts';
import { Matches } from './matches.ts';

const keptFilters = 4;
/** memory of all lists together; one list is kept whatever it takes */
const keptBytes = 67_108_864;

export class FilterCache {
  readonly #kept = new Map<string, Matches>();

  get bytes(): number {
    return [...this.#kept.values()].reduce((sum, { places }) => sum + places.bytes, 0);
  }

  /** An age such as 2h counts from when the filter was first asked for. */
  get(filter: RecordFilter, compile: () => CompiledFilter): Matches {
    const { since, until, type, outcome, text } = filter;
    const key = JSON.stringify([since, until, type, outcome, text]);
    const found = this.#kept.get(key) ?? new Matches(compile());
    this.#kept.delete(key);
    this.#kept.set(key, found);
    for (const [oldest] of this.#kept) {
      if (this.#kept.size <= 1 || (this.#kept.size <= keptFilters && this.bytes <= keptBytes)) break;
      this.#kept.delete(oldest);
    }
    return found;
  }

  has(pass: Pass): boolean {
    return [...this.#kept.values()].some((matches) => matches === pass);
  }

  clear(): void {
    this.#kept.clear();
  }
}
