/** Time as an argument: wall time for people, monotonic time for waiting and for order. */
import { setTimeout as delay } from 'node:timers/promises';

export interface Clock {
  /** wall time */
  now(): Date;
  /** monotonic milliseconds; never steps */
  monotonicMs(): number;
  /** Waits; rejects with the signal's reason when it fires. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  sleep: async (ms, signal) => {
    await delay(ms, undefined, signal === undefined ? {} : { signal });
  },
};
