import { readdirSync } from 'node:fs';
import { keepPromises } from './parity.ts';

/** control groups of sandboxes; bubblewrap has nothing else that could stay when its process is gone */
async function leftovers(id: string): Promise<readonly string[]> {
  return ['/sys/fs/cgroup', '/sys/fs/cgroup/memory', '/sys/fs/cgroup/pids'].flatMap((folder) => {
    try {
      return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => id !== '' && name.includes(id));
    } catch {
      return [];
    }
  });
}

for (const link of ['socket', 'stdio'] as const) {
  keepPromises({
    title: 'bubblewrap',
    backend: 'bubblewrap',
    isolation: 'container',
    link,
    exceptions: {},
    everyday: false,
    mounts: [],
    environment: () => ({}),
    leftovers,
  });
}
