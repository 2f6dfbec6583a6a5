/** Waits for a record to grow, for those who follow it. Nothing that was written between two waits is slept through. */
import type { RecordStore } from '../../audit/writing/store.ts';
import type { Clock } from '../../base/clock.ts';
import type { Disposable } from '../../base/lifetime.ts';

export interface RecordWatch extends Disposable {
  /** Settles at once when the record grew since the last call, else when it grows, or after `ms`. Rejects with the signal's reason. */
  grown(ms: number, signal: AbortSignal): Promise<void>;
}

export function watchRecord(
  world: { readonly records: Pick<RecordStore, 'onGrown'>; readonly clock: Pick<Clock, 'sleep'> },
  sandbox: string,
): RecordWatch {
  let grew = false;
  let wake: (() => void) | undefined;
  const listening = world.records.onGrown((id) => {
    if (id !== sandbox) return;
    grew = true;
    wake?.();
  });
  return {
    grown: async (ms, signal) => {
      const over = new AbortController();
      if (!grew)
        await Promise.race([
          new Promise<void>((resolve) => (wake = resolve)),
          world.clock.sleep(ms, AbortSignal.any([signal, over.signal])),
        ]).finally(() => over.abort());
      grew = false;
    },
    dispose: () => listening.dispose(),
  };
}
