/** What a program's end means to a person: its own status, and what LASSO knows beyond it. */
import type { GuestExit } from '../guest/contract.ts';
import type { RunningSandbox } from '../backends/backend.ts';
import type { CommandExit } from '../protocol/events.ts';

const sigkill = 9;
const sigxfsz = 25;

interface Circumstances {
  readonly live: { readonly running: RunningSandbox };
  /** kills for memory before it started; null where it cannot be told */
  readonly killsBefore: number | null;
  readonly limitBytes: number;
}

export interface ExplainedExit {
  readonly exit: CommandExit;
  /** limit that ended it */
  readonly limit?: 'memory' | 'file-size';
}

export async function explainExit(exit: GuestExit, circumstances: Circumstances): Promise<ExplainedExit> {
  switch (exit.kind) {
    case 'lost':
      return { exit: { code: null, signal: null, reason: 'the sandbox ended' } };
    case 'exited':
      // A shell reports a killed child as 128 + signal.
      return exit.status === 128 + sigkill
        ? byMemory({ code: exit.status, signal: null }, circumstances)
        : { exit: { code: exit.status, signal: null } };
    case 'signalled': {
      const plain = { code: null, signal: exit.status };
      if (exit.status === sigkill) return byMemory(plain, circumstances);
      return exit.status === sigxfsz
        ? { exit: { ...plain, reason: 'killed by the file-size limit' }, limit: 'file-size' }
        : { exit: plain };
    }
  }
}

async function byMemory(exit: CommandExit, { live, killsBefore, limitBytes }: Circumstances): Promise<ExplainedExit> {
  const kills = await live.running.memoryKills();
  return kills !== null && killsBefore !== null && kills > killsBefore
    ? { exit: { ...exit, reason: `killed by the memory limit (${Math.round(limitBytes / 1024 / 1024)} MiB)` }, limit: 'memory' }
    : { exit };
}
