/**
 * Runs one test file in a process of its own and gives what it reported. A file that crashes, hangs, or reports no test
 * has failed, whatever its exit status.
 */
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';

const limitMs = 10 * 60_000;
/** a file whose tests are done has this long to end */
const graceMs = 30_000;
const keptBytes = 16_384;

/** @typedef {import('../../test/kit/reporter.mjs').Outcome} Outcome */
/** @typedef {{ file: string, outcomes: readonly Outcome[], output: string, durationMs: number }} FileReport */

/**
 * @param {object} run
 * @param {string} run.root repository
 * @param {string} run.file test file, absolute
 * @param {string} run.events file for the reporter to write
 * @param {NodeJS.ProcessEnv} run.env
 * @returns {Promise<FileReport>}
 */
export async function runFile({ root, file, events, env }) {
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
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  };
  const timer = setTimeout(stop, limitMs);
  const interrupt = () => stop();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const ending = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => {
      resolve(signal === null ? `exit status ${code}` : `signal ${signal}`);
      // A grandchild may hold our pipes open for ever.
      setTimeout(() => child.stdout.destroy() && child.stderr.destroy(), graceMs).unref();
    });
  });
  clearTimeout(timer);
  process.off('SIGINT', interrupt).off('SIGTERM', interrupt);

  const outcomes = readOutcomes(events);
  const failed = outcomes.some((outcome) => outcome.status === 'failed');
  const broken = hung
    ? `it did not end within ${limitMs / 60_000} minutes and was killed`
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
