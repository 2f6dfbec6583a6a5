/**
 * One question for everybody who waits for the same answer at once. It is withdrawn when nobody waits for it any more, and
 * whoever goes away does not take the answer from the others.
 */
import type { Settled } from './approvals.ts';

interface Open {
  readonly settled: Promise<Settled>;
  readonly withdraw: AbortController;
  waiting: number;
}

export class SharedQuestions {
  readonly #open = new Map<string, Open>();

  /**
   * @param key what makes two questions the same
   * @param signal this asker goes away
   * @param put puts the question, unless it is open already; its signal withdraws it
   */
  async ask(key: string, signal: AbortSignal, put: (withdrawn: AbortSignal) => Promise<Settled>): Promise<Settled> {
    if (signal.aborted) return { answer: 'withdrawn' };
    const open = this.#open.get(key) ?? this.#put(key, put);
    open.waiting += 1;
    const left = Promise.withResolvers<Settled>();
    const leave = (): void => {
      open.waiting -= 1;
      if (open.waiting === 0) {
        this.#forget(key, open);
        open.withdraw.abort();
      }
      left.resolve({ answer: 'withdrawn' });
    };
    signal.addEventListener('abort', leave, { once: true });
    try {
      return await Promise.race([open.settled, left.promise]);
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  #put(key: string, put: (withdrawn: AbortSignal) => Promise<Settled>): Open {
    const withdraw = new AbortController();
    const settled = put(withdraw.signal);
    const open: Open = { settled, withdraw, waiting: 0 };
    this.#open.set(key, open);
    const forget = (): void => this.#forget(key, open);
    settled.then(forget, forget);
    return open;
  }

  #forget(key: string, open: Open): void {
    if (this.#open.get(key) === open) this.#open.delete(key);
  }
}
