/**
 * Counts of many kinds in bounded memory. When there are too many kinds the rarest half is let go and only its sum kept, so a flood
 * of new kinds hides neither what is frequent nor what comes late; a count is then at least what it says.
 */

export interface Counted<T> {
  readonly key: string;
  readonly count: number;
  readonly about: T;
}

export interface Top<T> {
  /** most frequent first, then the earliest */
  readonly rows: readonly Counted<T>[];
  /** kinds that are not among the rows */
  readonly more: number;
  /** sum of what was let go; 0: all counts are exact */
  readonly dropped: number;
}

/** longest key that tells kinds apart, in UTF-16 units */
const keyLimit = 1000;

export class Tally<T> {
  readonly #limit: number;
  #rows = new Map<string, { count: number; readonly about: T }>();
  #dropped = 0;
  #droppedKinds = 0;

  /** @param limit kinds kept at most */
  constructor(limit = 2000) {
    this.#limit = limit;
  }

  /** Counts one more of a kind, and gives what is known about it. @param make called for a kind that is new */
  add(kind: string, make: (kind: string) => T, by = 1): T {
    const key = kind.slice(0, keyLimit);
    const known = this.#rows.get(key);
    if (known) {
      known.count += by;
      return known.about;
    }
    const about = make(key);
    this.#rows.set(key, { count: by, about });
    if (this.#rows.size > this.#limit) this.#prune();
    return about;
  }

  top(most: number): Top<T> {
    const all = [...this.#rows].map(([key, { count, about }]) => ({ key, count, about }));
    const rows = all.sort((a, b) => b.count - a.count).slice(0, most);
    return { rows, more: all.length - rows.length + this.#droppedKinds, dropped: this.#dropped };
  }

  /** Of kinds as frequent as each other the newest stay. */
  #prune(): void {
    const sorted = [...this.#rows].reverse().sort(([, a], [, b]) => b.count - a.count);
    const kept = Math.ceil(this.#limit / 2);
    for (const [, { count }] of sorted.slice(kept)) this.#dropped += count;
    this.#droppedKinds += sorted.length - kept;
    this.#rows = new Map(sorted.slice(0, kept));
  }
}
