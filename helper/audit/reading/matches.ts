/** Which lines of a chain a filter wants, found as far as was looked: their places, eight bytes each. */
import type { Block } from './blocks.ts';
import type { Pass } from './chain-span.ts';
import type { CompiledFilter } from './filter.ts';
import { Offsets } from './offsets.ts';

export class Matches implements Pass {
  at = 0;
  readonly places = new Offsets();
  readonly #filter: CompiledFilter;

  constructor(filter: CompiledFilter) {
    this.#filter = filter;
  }

  take({ text }: Block, place: number): void {
    if (text !== undefined) for (const start of wantedIn(text, this.#filter)) this.places.push(place + start);
  }
}

/** Where in `text`, which is whole lines, the wanted ones begin. */
export function* wantedIn(text: string, { wants, find }: CompiledFilter): Generator<number> {
  for (let start = 0; start < text.length;) {
    if (find !== undefined) {
      const found = find(text, start);
      if (found < 0) return;
      start = text.lastIndexOf('\n', found) + 1;
    }
    const end = text.indexOf('\n', start);
    if (end < 0) return;
    if (wants(text.slice(start, end))) yield start;
    start = end + 1;
  }
}
