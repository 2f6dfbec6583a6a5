/** Watches a sandbox that runs for what it does not ask for, and writes it down. It stops nothing and decides nothing. */
import { watchLimits } from './limit-watch.ts';
import type { Live, Witness } from './live.ts';
import type { Sandbox } from './sandbox.ts';

export function witnessOf(sandbox: Sandbox, live: Live): Witness {
  const limits = watchLimits({ running: live.running, note: (entry) => sandbox.note(entry) });
  void live.link.ended.then(() => limits.dispose());
  return {
    ending: () => limits.look(),
    removed: () => Promise.resolve(),
  };
}
