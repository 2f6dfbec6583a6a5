/**
 * The private place of one run of tests: a short folder for temporary files, a home, a runtime folder, and an environment
 * that points there. What is still there afterwards is a leak, and every leak is a failure that names it.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { entriesOf, mountsUnder, processesOfRun, runVariable, socketsUnder } from '../../test/kit/process-tree.mjs';

/** @typedef {{ run: string, folder: string, temporary: string, results: string, events: string, env: NodeJS.ProcessEnv }} Place */

/** what would make a test depend on who runs it, and where */
const unwanted = /^(LASSO_(?!TEST_)|DOCKER_|CONTAINER_|XDG_(CONFIG|DATA|CACHE|STATE)|NODE_TEST|VSCODE_|npm_(?!config_))/;

/**
 * @param {string} root repository, whose own programs come first on PATH
 * @returns {Place}
 */
export function makePlace(root) {
  const run = randomBytes(6).toString('hex');
  // Short and always under /tmp: a Unix socket's path ends at 107 bytes.
  const folder = mkdtempSync('/tmp/lt-');
  const [temporary, results, events, home, runtime] = ['t', 'results', 'events', 'home', 'run'].map((name) => {
    mkdirSync(join(folder, name), { mode: 0o700 });
    return join(folder, name);
  });
  // Tests that become another user must be able to pass through, though not to look.
  for (const way of [folder, String(temporary)]) chmodSync(way, 0o711);
  const path = [join(root, 'node_modules', '.bin'), process.env['PATH'] ?? ''].join(delimiter);
  const own = { PATH: path, [runVariable]: run, LASSO_TEST_RESULTS: results, TMPDIR: temporary, HOME: home, XDG_RUNTIME_DIR: runtime };
  const inherited = Object.entries(process.env).filter(([name]) => !unwanted.test(name));
  const env = { ...Object.fromEntries(inherited), ...own };
  return { run, folder, temporary: String(temporary), results: String(results), events: String(events), env };
}

/**
 * Leaks of the run, a sentence each. What is found is also ended and removed, so that it troubles nobody later.
 * @param {Place} place
 */
export async function sweep(place) {
  if (process.platform !== 'linux') return [];
  // A process told to end a moment ago may still be at it.
  for (let tries = 0; tries < 20 && processesOfRun(place.run, place.folder).length > 0; tries += 1) await delay(250);
  const processes = processesOfRun(place.run, place.folder);
  const leaks = [
    ...processes.map(({ pid, command }) => `process ${pid} is still running: ${command.slice(0, 300)}`),
    ...mountsUnder(place.folder).map((point) => `still mounted: ${point}`),
    ...socketsUnder(place.folder).map((path) => `socket still open: ${path}`),
    ...entriesOf(place.temporary).map((path) => `left in the temporary folder: ${path}`),
  ];
  for (const { pid } of processes) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself in the meantime.
    }
  }
  return leaks;
}

/** @param {Place} place */
export function removePlace(place) {
  // Through a mount that is still there a removal would reach what is mounted.
  if (mountsUnder(place.folder).length > 0) return;
  rmSync(place.folder, { recursive: true, force: true, maxRetries: 3 });
}
