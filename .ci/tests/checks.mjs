/** Types, lint and format, each as one check with its output when it fails. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** @typedef {import('./file.mjs').FileReport} FileReport */

/**
 * name, package with the program, and its arguments; the compiler first, as the others read what it built
 * @type {readonly (readonly (readonly [string, string, readonly string[]])[])[]}
 */
const rounds = [
  [['types', 'typescript/bin/tsc', ['-b']]],
  [
    ['lint', 'eslint/bin/eslint.js', ['--max-warnings', '0', '--cache', '--cache-location', '.cache/eslint/', '.']],
    ['format', 'prettier/bin/prettier.cjs', ['--check', '--cache', '--cache-location', '.cache/prettier', '--log-level', 'warn', '.']],
  ],
];

/**
 * @param {string} root
 * @param {(report: FileReport) => void} tell
 */
export async function runChecks(root, tell) {
  for (const round of rounds) {
    await Promise.all(
      round.map(async ([name, program, argv]) => {
        const startedMs = performance.now();
        const { status, output } = await run(root, [join(root, 'node_modules', program), ...argv]);
        const durationMs = performance.now() - startedMs;
        tell({
          file: name,
          outcomes: [status === 0 ? { status: 'passed', name, durationMs } : { status: 'failed', name, durationMs, why: output.trim() }],
          output: '',
          durationMs,
        });
      }),
    );
  }
}

/**
 * @param {string} cwd
 * @param {readonly string[]} argv
 * @returns {Promise<{ status: number | null, output: string }>}
 */
function run(cwd, argv) {
  const child = spawn(process.execPath, argv, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, output }));
  });
}
