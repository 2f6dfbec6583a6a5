/** The first and the last of many, in bounded memory: what began something and how it stands now are told, the middle is counted. */
import type { Ends } from './summary-shape.ts';

export class FirstAndLast<T> {
  readonly #most: number;
  readonly #first: T[] = [];
  readonly #last: T[] = [];
  #left = 0;

  /** @param most kept of each end */
  constructor(most = 60) {
    this.#most = most;
  }

  push(item: T): void {
    if (this.#first.length < this.#most) return void this.#first.push(item);
    this.#last.push(item);
    if (this.#last.length <= this.#most) return;
    this.#last.shift();
    this.#left += 1;
  }

  get all(): Ends<T> {
    return { items: [...this.#first, ...this.#last], left: this.#left };
  }
}
