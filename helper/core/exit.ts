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

export async function explainExit(exit: GuestExit, circumstances: Circumstances): Promise<CommandExit> {
  switch (exit.kind) {
    case 'lost':
      return { code: null, signal: null, reason: 'the sandbox ended' };
    case 'exited':
      // A shell reports a killed child as 128 + signal.
      return exit.status === 128 + sigkill
        ? withReason({ code: exit.status, signal: null }, await memoryReason(circumstances))
        : { code: exit.status, signal: null };
    case 'signalled': {
      const plain = { code: null, signal: exit.status };
      if (exit.status === sigkill) return withReason(plain, await memoryReason(circumstances));
      return exit.status === sigxfsz ? withReason(plain, 'killed by the file-size limit') : plain;
    }
  }
}

async function memoryReason({ live, killsBefore, limitBytes }: Circumstances): Promise<string | undefined> {
  const kills = await live.running.memoryKills();
  return kills !== null && killsBefore !== null && kills > killsBefore
    ? `killed by the memory limit (${Math.round(limitBytes / 1024 / 1024)} MiB)`
    : undefined;
}

function withReason(exit: CommandExit, reason: string | undefined): CommandExit {
  return reason === undefined ? exit : { ...exit, reason };
}
