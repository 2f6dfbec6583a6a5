/** Processes of this host by number and start time, so that a number used again by another program is never signalled. */
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

export interface ProcessMark {
  readonly pid: number;
  /** ticks since boot, from /proc/PID/stat */
  readonly startTime: string;
}

/** Mark of a living process; undefined when there is none, or only its remains. */
export async function markProcess(pid: number): Promise<ProcessMark | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name, in parentheses, may hold anything; what follows it does not.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  const startTime = fields[19];
  if (startTime === undefined || state === 'Z' || state === 'X') return undefined;
  return { pid, startTime };
}

/** Name of the program a process runs, cut to 15 bytes; undefined when it is gone. */
export async function programOf(mark: ProcessMark): Promise<string | undefined> {
  const name = await readFile(`/proc/${mark.pid}/comm`, 'utf8').catch(() => undefined);
  return (await isAlive(mark)) ? name?.trimEnd() : undefined;
}

export async function isAlive(mark: ProcessMark): Promise<boolean> {
  return (await markProcess(mark.pid))?.startTime === mark.startTime;
}

/** Asks it to end, then makes it; settles when it is gone. */
export async function endProcess(mark: ProcessMark, graceMs: number): Promise<void> {
  for (const [signal, waitMs] of [['SIGTERM', graceMs] as const, ['SIGKILL', 5_000] as const]) {
    if (!(await isAlive(mark))) return;
    try {
      process.kill(mark.pid, signal);
    } catch {
      return;
    }
    const until = performance.now() + waitMs;
    for (let pauseMs = 1; performance.now() < until; pauseMs = Math.min(pauseMs * 2, 20)) {
      if (!(await isAlive(mark))) return;
      await delay(pauseMs);
    }
  }
}
