/** Finding and running programs for set-up: argument vectors only, never a shell. */
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Full path of a program on PATH or in the system's own folders, or undefined.
 * @param {string} name
 */
export function findProgram(name) {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * True when the program ends well within the time; its output is dropped.
 * @param {string} file
 * @param {readonly string[]} argv
 */
export function succeeds(file, argv, timeoutMs = 8000) {
  return spawnSync(file, argv, { stdio: 'ignore', timeout: timeoutMs }).status === 0;
}

/**
 * Runs a program on our own terminal and gives its exit status; a signal to us is passed on to it, and we wait for it.
 * @param {string} file
 * @param {readonly string[]} argv
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string }} options
 * @returns {Promise<number>}
 */
export function runInherited(file, argv, options = {}) {
  const child = spawn(file, argv, { stdio: 'inherit', ...options });
  /** @type {(signal: NodeJS.Signals) => void} */
  const pass = (signal) => {
    // A terminal sends Ctrl-C to the whole group by itself: the child has it already.
    if (signal !== 'SIGINT') child.kill(signal);
  };
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, pass);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.off(name, pass);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143));
    });
  });
}
