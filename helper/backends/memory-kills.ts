/** How often the kernel enforced a limit on a container: read from the control group of its pid 1, on this kernel only. */
import { readFileSync } from 'node:fs';
import nodePath from 'node:path';

type Read = (file: string) => string | undefined;

/** Kills for memory so far, or null where it cannot be told; `read` gives a file's text or undefined. */
export const memoryKillsOf = (pid: number, read: Read = readIfAny): number | null =>
  countOf({ pid, controller: 'memory', unified: 'memory.events', own: 'memory.oom_control', line: /^oom_kill (\d+)$/m }, read);

/** Starts refused for want of processes so far, or null where it cannot be told. */
export const startsRefusedIn = (pid: number, read: Read = readIfAny): number | null =>
  countOf({ pid, controller: 'pids', unified: 'pids.events', own: 'pids.events', line: /^max (\d+)$/m }, read);

interface Wanted {
  readonly pid: number;
  readonly controller: string;
  /** file of the unified tree, and of the controller's own */
  readonly unified: string;
  readonly own: string;
  readonly line: RegExp;
}

function countOf({ pid, controller, unified, own, line }: Wanted, read: Read): number | null {
  const groups = pid > 0 ? read(`/proc/${pid}/cgroup`) : undefined;
  if (groups === undefined) return null;
  for (const [, controllers, path] of groups.split('\n').map((row) => /^\d+:([^:]*):(.*)$/.exec(row) ?? [])) {
    if (controllers === undefined || path === undefined) continue;
    const mounted = mountOf(controllers === '' ? '' : controller, read('/proc/self/mountinfo') ?? '');
    const isHere = controllers === '' || controllers.split(',').includes(controller);
    if (mounted === undefined || !isHere) continue;
    const found = line.exec(read(nodePath.posix.join(mounted, path, controllers === '' ? unified : own)) ?? '')?.[1];
    if (found !== undefined) return Number(found);
  }
  return null;
}

/** Where a controller (v1) or the unified tree (v2, '') is mounted. */
function mountOf(controller: string, mounts: string): string | undefined {
  const type = controller === '' ? ' - cgroup2 ' : ' - cgroup ';
  const line = mounts
    .split('\n')
    .find((entry) => entry.includes(type) && (controller === '' || (entry.split(' ').at(-1) ?? '').split(',').includes(controller)));
  return line?.split(' ')[4];
}

function readIfAny(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
