import { readdirSync, readFileSync } from 'node:fs';
import { keepPromises } from './parity.ts';

/** bubblewrap processes of this run, by the mark in their environment */
async function leftovers(): Promise<readonly string[]> {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      return /^\S*bwrap /.test(command) && command.includes(process.env['TMPDIR'] ?? '/tmp/l-') ? [command] : [];
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
    environment: () => ({}),
    leftovers,
  });
}
