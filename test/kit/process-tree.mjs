/**
 * What a run of tests left on this machine: processes, sockets, mounts, files. It looks in /proc only, and must name
 * nothing that does not belong to the run: other programs of this machine are none of its business.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** environment variable that every process of a run carries */
export const runVariable = 'LASSO_TEST_RUN';

/** @typedef {{ pid: number, command: string }} Found */

/**
 * Living processes that carry the run's mark in their environment, or name its folder in their arguments or as their
 * working folder. The caller itself is left out.
 * @param {string} run
 * @param {string} folder
 * @returns {readonly Found[]}
 */
export function processesOfRun(run, folder) {
  const mark = `${runVariable}=${run}`;
  return pids()
    .filter((pid) => pid !== process.pid && !isZombie(pid))
    .flatMap((pid) => {
      const command = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
      const marked = read(`/proc/${pid}/environ`).split('\0').includes(mark);
      return marked || command.includes(folder) || link(`/proc/${pid}/cwd`).startsWith(folder) ? [{ pid, command }] : [];
    });
}

/**
 * Mount points under `folder`.
 * @param {string} folder
 */
export function mountsUnder(folder) {
  return read('/proc/self/mountinfo')
    .split('\n')
    .map((line) => (line.split(' ')[4] ?? '').replaceAll('\\040', ' '))
    .filter((point) => point.startsWith(`${folder}/`));
}

/**
 * Unix sockets bound to a path under `folder`.
 * @param {string} folder
 */
export function socketsUnder(folder) {
  return read('/proc/net/unix')
    .split('\n')
    .map((line) => line.trim().split(/\s+/)[7] ?? '')
    .filter((path) => path.startsWith(`${folder}/`));
}

/**
 * Paths left in `folder`, its own direct entries only.
 * @param {string} folder
 */
export function entriesOf(folder) {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return [];
  }
}

function pids() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** @param {number} pid */
function isZombie(pid) {
  return /^State:\s+Z/m.test(read(`/proc/${pid}/status`));
}

/** @param {string} file */
function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** @param {string} file */
function link(file) {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}
