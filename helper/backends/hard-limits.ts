/** Hard limits of this process: an engine it starts inherits them, and cannot raise them without CAP_SYS_RESOURCE. */
import { readFileSync } from 'node:fs';
import type { HardLimits } from './spec.ts';

/** Reads the kernel's own table; Podman lowers its number of processes to the greatest process id. */
export function hardLimitsOf(
  limits: string = readFileSync('/proc/self/limits', 'utf8'),
  greatestPid = Number(readFileSync('/proc/sys/kernel/pid_max', 'utf8')),
): HardLimits {
  const hard = (name: string): number | null => {
    const found = new RegExp(`^${name} +\\S+ +(\\d+|unlimited)`, 'm').exec(limits)?.[1];
    return found === undefined || found === 'unlimited' ? null : Number(found);
  };
  const processes = hard('Max processes');
  return {
    openFiles: hard('Max open files'),
    processes: processes === null ? null : Math.min(processes, greatestPid),
    fileSizeBytes: hard('Max file size'),
  };
}
