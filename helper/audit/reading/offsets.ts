/** A list of ascending file offsets that only grows: eight bytes each, however many. */

const firstLength = 64;

export class Offsets {
  #values = new Float64Array(firstLength);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** bytes held */
  get bytes(): number {
    return this.#values.byteLength;
  }

  push(offset: number): void {
    if (this.#length === this.#values.length) {
      const wider = new Float64Array(this.#length + Math.max(firstLength, this.#length >> 1));
      wider.set(this.#values);
      this.#values = wider;
    }
    this.#values[this.#length] = offset;
    this.#length += 1;
  }

  at(index: number): number | undefined {
    return index < this.#length ? this.#values[index] : undefined;
  }

  /** Index of the last offset that is not beyond `offset`; -1 for none. */
  lastUpTo(offset: number): number {
    let [low, high] = [0, this.#length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#values[middle] ?? Infinity) <= offset) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
