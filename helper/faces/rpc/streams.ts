/**
 * Where byte streams meet the requests they belong to: either may come first. What nobody claims in time is closed, and only
 * so many may wait; a token serves once.
 */
import type { Duplex } from 'node:stream';
import { LassoError } from '../../protocol/errors.ts';

export interface StreamOptions {
  /** longest wait of either side for the other, in milliseconds */
  readonly waitMs?: number;
  /** connections that may wait for a request */
  readonly limit?: number;
}

interface Arrived {
  readonly stream: Duplex;
  readonly forget: () => void;
}

interface Taker {
  readonly give: (stream: Duplex) => void;
  readonly fail: (error: LassoError) => void;
}

export class StreamExchange {
  readonly #waitMs: number;
  readonly #limit: number;
  readonly #arrived = new Map<string, Arrived>();
  readonly #takers = new Map<string, Taker>();

  constructor(options: StreamOptions = {}) {
    this.#waitMs = options.waitMs ?? 10_000;
    this.#limit = options.limit ?? 256;
  }

  get waiting(): number {
    return this.#arrived.size;
  }

  /** A connection presented `token`. One too many, or a second with the same token, is closed. */
  offer(token: string, stream: Duplex): void {
    const taker = this.#takers.get(token);
    if (taker) {
      taker.give(stream);
      return;
    }
    if (this.#arrived.has(token) || this.#arrived.size >= this.#limit) {
      stream.destroy();
      return;
    }
    const forget = (): void => {
      clearTimeout(timer);
      stream.off('close', forget);
      this.#arrived.delete(token);
    };
    const timer = setTimeout(() => {
      forget();
      stream.destroy();
    }, this.#waitMs);
    stream.on('close', forget);
    this.#arrived.set(token, { stream, forget });
  }

  /** @throws LassoError TIMED_OUT, BAD_REQUEST, or the signal's reason */
  take(token: string, signal: AbortSignal): Promise<Duplex> {
    const arrived = this.#arrived.get(token);
    if (arrived) {
      arrived.forget();
      return Promise.resolve(arrived.stream);
    }
    if (this.#takers.has(token))
      return Promise.reject(new LassoError('BAD_REQUEST', 'Two requests name the same stream.', 'Use a fresh token.'));
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', cancelled);
        this.#takers.delete(token);
      };
      const fail = (error: LassoError): void => {
        settle();
        reject(error);
      };
      const cancelled = (): void => fail(cancelledError());
      const timer = setTimeout(
        () => fail(new LassoError('TIMED_OUT', 'The stream of this request never came.', 'Try again.')),
        this.#waitMs,
      );
      const give = (stream: Duplex): void => {
        settle();
        resolve(stream);
      };
      this.#takers.set(token, { give, fail });
      signal.addEventListener('abort', cancelled);
      if (signal.aborted) cancelled();
    });
  }

  dispose(): void {
    for (const taker of [...this.#takers.values()]) taker.fail(cancelledError());
    for (const { stream, forget } of [...this.#arrived.values()]) {
      forget();
      stream.destroy();
    }
  }
}

/** what a request is told that ends because nobody waits for it any more */
export function cancelledError(): LassoError {
  return new LassoError('CANCELLED', 'The request was cancelled.', 'Nothing more to do.');
}
