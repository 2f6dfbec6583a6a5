/** How often the kernel killed something in a container for memory: read from the control group of its pid 1, on this kernel only. */
import { readFileSync } from 'node:fs';
import nodePath from 'node:path';

/** Count so far, or null where it cannot be told; `read` gives a file's text or undefined. */
export function memoryKillsOf(pid: number, read: (file: string) => string | undefined = readIfAny): number | null {
  const groups = read(`/proc/${pid}/cgroup`);
  if (groups === undefined) return null;
  for (const [, controllers, path] of groups.split('\n').map((line) => /^\d+:([^:]*):(.*)$/.exec(line) ?? [])) {
    if (controllers === undefined || path === undefined) continue;
    const mounted = mountOf(controllers === '' ? '' : 'memory', read('/proc/self/mountinfo') ?? '');
    const isMemory = controllers === '' || controllers.split(',').includes('memory');
    if (mounted === undefined || !isMemory) continue;
    const count = countIn(read(nodePath.posix.join(mounted, path, controllers === '' ? 'memory.events' : 'memory.oom_control')));
    if (count !== null) return count;
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

function countIn(text: string | undefined): number | null {
  const found = /^oom_kill (\d+)$/m.exec(text ?? '');
  return found === null ? null : Number(found[1]);
}

function readIfAny(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
