/** A timeline in one pass and bounded memory: bars of a second, and twice as wide whenever there would be too many. */

export interface Bar {
  /** milliseconds since 1970 */
  readonly fromMs: number;
  readonly records: number;
  readonly blocked: number;
}

export class Histogram {
  readonly #most: number;
  #startMs: number | undefined;
  #widthMs = 1000;
  #bars: { records: number; blocked: number }[] = [];

  /** @param most bars kept at most; even */
  constructor(most = 96) {
    this.#most = most;
  }

  /** @param atMs before the first: counted with the first, as a clock that was set back does */
  add(atMs: number, blocked: boolean): void {
    this.#startMs ??= Math.floor(atMs / 1000) * 1000;
    const at = Math.max(0, atMs - this.#startMs);
    while (Math.floor(at / this.#widthMs) >= this.#most) this.#widen();
    const index = Math.floor(at / this.#widthMs);
    while (this.#bars.length <= index) this.#bars.push({ records: 0, blocked: 0 });
    const bar = this.#bars[index];
    if (!bar) return;
    bar.records += 1;
    if (blocked) bar.blocked += 1;
  }

  get widthMs(): number {
    return this.#widthMs;
  }

  get bars(): readonly Bar[] {
    const startMs = this.#startMs ?? 0;
    return this.#bars.map((bar, index) => ({ fromMs: startMs + index * this.#widthMs, ...bar }));
  }

  #widen(): void {
    this.#widthMs *= 2;
    const pairs = Array.from({ length: Math.ceil(this.#bars.length / 2) }, (_, index) => this.#bars.slice(2 * index, 2 * index + 2));
    this.#bars = pairs.map((pair) => ({
      records: pair.reduce((sum, { records }) => sum + records, 0),
      blocked: pair.reduce((sum, { blocked }) => sum + blocked, 0),
    }));
  }
}
