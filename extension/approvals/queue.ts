/** Shows one question after the other: the next when the one before was answered, closed, or is over. Pure but for what shows. */

export interface Turn {
  /** how many wait behind it */
  readonly more: number;
  /** fires when the question is over, answered or not */
  readonly over: AbortSignal;
}

export class Queue<T extends { readonly id: string }> {
  /** settles when the next one may be shown; never rejects */
  readonly #show: (question: T, turn: Turn) => Promise<void>;
  #waiting: readonly T[] = [];
  #current: { readonly id: string; readonly over: AbortController } | undefined;

  constructor(show: (question: T, turn: Turn) => Promise<void>) {
    this.#show = show;
  }

  add(question: T): void {
    this.#waiting = [...this.#waiting, question];
    this.#next();
  }

  drop(id: string): void {
    this.#waiting = this.#waiting.filter((question) => question.id !== id);
    if (this.#current?.id === id) this.#current.over.abort();
  }

  #next(): void {
    const [first, ...rest] = this.#waiting;
    if (this.#current || !first) return;
    this.#waiting = rest;
    const over = new AbortController();
    this.#current = { id: first.id, over };
    const ended = new Promise<void>((resolve) => over.signal.addEventListener('abort', () => resolve(), { once: true }));
    void Promise.race([this.#show(first, { more: rest.length, over: over.signal }), ended]).then(() => {
      this.#current = undefined;
      this.#next();
    });
  }
}
