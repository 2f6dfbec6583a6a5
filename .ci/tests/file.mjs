/**
 * Runs one test file in a process of its own and gives what it reported. A file that crashes, hangs, or reports no test
 * has failed, whatever its exit status.
 */
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';

/** how long output is waited for after the end */
const graceMs = 2000;
const keptBytes = 16_384;

/** @typedef {import('../../test/kit/reporter.mjs').Outcome} Outcome */
/** @typedef {{ file: string, outcomes: readonly Outcome[], output: string, durationMs: number }} FileReport */

/**
 * @param {object} run
 * @param {string} run.root repository
 * @param {string} run.file test file, absolute
 * @param {string} run.events file for the reporter to write
 * @param {NodeJS.ProcessEnv} run.env
 * @param {number} run.limitMinutes it is killed when it takes longer
 * @param {AbortSignal} run.signal ends it early
 * @returns {Promise<FileReport>}
 */
export async function runFile({ root, file, events, env, limitMinutes, signal }) {
  const startedMs = performance.now();
  const reporter = join(root, 'test', 'kit', 'reporter.mjs');
  const argv = [`--test-reporter=${reporter}`, `--test-reporter-destination=${events}`, file];
  // A group of its own, so that whatever it started can be ended with it.
  const child = spawn(process.execPath, argv, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (output = (output + text).slice(-keptBytes)));

  let hung = false;
  const stop = () => {
    hung = true;
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
  };
  const timer = setTimeout(stop, limitMinutes * 60_000);
  signal.addEventListener('abort', stop, { once: true });
  const ending = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, killedBy) => {
      const how = killedBy === null ? `exit status ${code}` : `signal ${killedBy}`;
      child.once('close', () => resolve(how));
      // A grandchild may hold our pipes open for ever.
      setTimeout(() => resolve(how), graceMs).unref();
    });
  });
  clearTimeout(timer);
  signal.removeEventListener('abort', stop);
  child.stdout.destroy();
  child.stderr.destroy();

  const outcomes = readOutcomes(events);
  const failed = outcomes.some((outcome) => outcome.status === 'failed');
  const broken = hung
    ? signal.aborted
      ? 'it was interrupted'
      : `it did not end within ${limitMinutes} minutes and was killed`
    : ending !== 'exit status 0' && !failed
      ? `it ended with ${ending} without saying which test failed`
      : outcomes.length === 0
        ? 'it reported no tests'
        : undefined;
  const durationMs = performance.now() - startedMs;
  if (broken !== undefined) outcomes.push({ status: 'failed', name: 'the file as a whole', durationMs, why: broken });
  return { file: relative(root, file), outcomes, output, durationMs };
}

/**
 * @param {string} events
 * @returns {Outcome[]}
 */
function readOutcomes(events) {
  try {
    const lines = readFileSync(events, 'utf8').split('\n');
    rmSync(events);
    return lines.filter((line) => line.endsWith('}')).map((line) => JSON.parse(line));
  } catch {
    return [];
  }
}
