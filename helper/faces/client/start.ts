/**
 * Starting a helper when there is none. The `starting-<generation>` marker only keeps a crowd of clients from starting a
 * crowd of helpers; it expires, and nothing goes wrong without it.
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errnoOf } from '../../base/atomic-file.ts';

/** the program that becomes the helper, started detached with its output in the helper's log */
export interface StartOptions {
  readonly file: string;
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** age at which a marker no longer holds anybody back, in milliseconds */
export const markerExpiryMs = 5000;

/** True for the one client that may start a helper to follow `generation` now. */
export async function mayStart(folder: string, generation: number): Promise<boolean> {
  const marker = join(folder, `starting-${generation}`);
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      await writeFile(marker, '', { flag: 'wx', mode: 0o600 });
      return true;
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
    }
    const age = Date.now() - ((await stat(marker).catch(() => undefined))?.mtimeMs ?? 0);
    if (age >= 0 && age < markerExpiryMs) return false;
    await rm(marker, { force: true });
  }
  return false;
}

/** Removes markers of generations up to `generation`, which is there now. */
export async function clearMarkers(folder: string, generation: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const digits = /^starting-([0-9]{1,12})$/.exec(name)?.[1];
    if (digits !== undefined && Number(digits) < generation) await rm(join(folder, name), { force: true });
  }
}

/** a helper this process has started, or tried to */
export interface Started {
  /** settles when it has ended: with why that is a failure, or null when it left in order */
  readonly ended: Promise<string | null>;
}

/** Starts the helper so that it outlives this process and its terminal. */
export async function startDetached(options: StartOptions, logFile: string): Promise<Started> {
  await mkdir(dirname(logFile), { recursive: true, mode: 0o700 });
  const log = openSync(logFile, 'a', 0o600);
  try {
    const child = spawn(options.file, options.argv, {
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...options.environment },
      cwd: dirname(logFile),
      windowsHide: true,
    });
    child.unref();
    const ended = new Promise<string | null>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => {
        if (code === 0) resolve(null);
        else resolve(code === null ? `it was killed by ${String(signal)}` : `it ended with status ${code}`);
      });
    });
    return { ended };
  } finally {
    closeSync(log);
  }
}
