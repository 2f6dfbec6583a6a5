/**
 * Notices while a sandbox runs that the kernel enforced one of its limits: something was killed for memory, or was not started for
 * want of processes. It looks now and then and once more at the end; nothing is decided here.
 */
import type { RunningSandbox } from '../../backends/backend.ts';
import type { RecordEntry } from '../../protocol/record.ts';

export interface LimitFacts {
  readonly running: Pick<RunningSandbox, 'memoryKills' | 'startsRefused'>;
  readonly note: (entry: RecordEntry) => Promise<void>;
  /** pause between two looks, in milliseconds */
  readonly everyMs?: number;
}

export interface LimitWatch {
  /** Looks now, and writes down what is new. Never rejects. */
  look(): Promise<void>;
  /** Looks no more. */
  dispose(): void;
}

const usualMs = 5000;

export function watchLimits({ running, note, everyMs = usualMs }: LimitFacts): LimitWatch {
  const seen = { memory: 0, pids: 0 };
  const tell = async (limit: keyof typeof seen, count: number | null, reason: string): Promise<void> => {
    const times = (count ?? 0) - seen[limit];
    if (times <= 0) return;
    seen[limit] += times;
    await note({
      type: 'lifecycle',
      action: 'limit',
      outcome: 'error',
      actor: { kind: 'agent', face: 'guest' },
      detail: { limit, times, reason },
    });
  };
  const counted = async (): Promise<Readonly<Record<keyof typeof seen, number | null>>> => ({
    memory: await running.memoryKills().catch(() => null),
    pids: (await running.startsRefused?.().catch(() => null)) ?? null,
  });
  const look = async (): Promise<void> => {
    const { memory, pids } = await counted();
    await tell('memory', memory, 'Something in it was killed by the memory limit.');
    await tell('pids', pids, 'It reached its limit of processes, so something was not started.');
  };
  // One that was taken over from an earlier helper has a past, which is on record already.
  let turn: Promise<void> = counted().then(({ memory, pids }) => {
    Object.assign(seen, { memory: memory ?? 0, pids: pids ?? 0 });
  });
  const inTurn = (): Promise<void> => (turn = turn.then(look));
  const timer = setInterval(() => void inTurn(), everyMs).unref();
  return { look: inTurn, dispose: () => clearInterval(timer) };
}
