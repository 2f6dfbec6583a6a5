/**
 * All set-up, in order, from a fresh clone: npm packages, the pinned Node, Debian packages, the builds. Each step says what
 * it will do and why, costs next to nothing when there is nothing to do, and a failed one says what to do about it. It runs
 * on any Node from 18 and must import nothing that is not there before the first step.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installDebianPackages, wantedForStart, wantedForTests } from './setup/debian.mjs';
import { rerunPinned } from './setup/node.mjs';
import { installPackages } from './setup/npm.mjs';
import { findProgram, runInherited } from './setup/program.mjs';
import { say, SetupError } from './setup/talk.mjs';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** @typedef {'check' | 'terminal' | 'editor' | 'tests'} Purpose */

/**
 * What each step builds: script, what it makes, and for which purposes it is wanted.
 * @type {readonly { script: string, makes: string, purposes: readonly Purpose[] }[]}
 */
const builds = [
  { script: 'build.mjs', makes: 'the extension, the helper and the CLI', purposes: ['terminal', 'editor', 'tests'] },
  { script: 'build-guest.mjs', makes: 'the guest', purposes: ['terminal', 'editor', 'tests'] },
  {
    script: 'build-programs.mjs',
    makes: 'the programs that map owners of files and open ports of sandboxes',
    purposes: ['terminal', 'editor', 'tests'],
  },
  { script: 'sandbox-npm.mjs', makes: 'npm for sandboxes of the tests', purposes: ['tests'] },
  { script: 'agents.mjs', makes: 'coding agents for the tests', purposes: ['tests'] },
  { script: 'vscode-server.mjs', makes: 'a VS Code server', purposes: ['editor', 'tests'] },
];

/**
 * Makes everything ready for `purpose`. Resolves to an exit status when another process, under the pinned Node, has done
 * the caller's whole work; to undefined when the caller should go on.
 * @param {Purpose} purpose
 * @returns {Promise<number | undefined>}
 */
export async function setUp(purpose) {
  if (process.platform === 'win32' && purpose === 'tests') throw new SetupError('The tests run on Linux and macOS.', 'Use WSL.');
  await installPackages(root);
  const status = await rerunPinned(root);
  if (status !== undefined) return status;
  if (process.platform === 'linux' && purpose !== 'check')
    await installDebianPackages(purpose === 'tests' ? wantedForTests() : wantedForStart());
  for (const build of builds) if (build.purposes.includes(purpose) && !spared(build.script)) await runBuild(build, purpose);
  return undefined;
}

/** @param {string} script */
function spared(script) {
  return script === 'vscode-server.mjs' && desktopCode() !== undefined && process.argv[1]?.endsWith('start.mjs') === true;
}

/** desktop VS Code, when there is one and a display for it */
export function desktopCode() {
  const display = process.platform !== 'linux' || process.env['DISPLAY'] !== undefined || process.env['WAYLAND_DISPLAY'] !== undefined;
  return display ? findProgram(process.platform === 'win32' ? 'code.cmd' : 'code') : undefined;
}

/**
 * @param {{ script: string, makes: string }} build
 * @param {Purpose} purpose
 */
async function runBuild(build, purpose) {
  const startedMs = performance.now();
  // Programs for other processors are wanted by tests and packages only; one cache saves building the C library twice.
  const options = build.script !== 'build.mjs' && purpose !== 'tests' ? ['--here'] : [];
  const cache = join(root, '.cache', 'zig');
  const env = { ...process.env, ZIG_GLOBAL_CACHE_DIR: cache, ZIG_LOCAL_CACHE_DIR: cache };
  const status = await runInherited(process.execPath, [join(root, '.ci', build.script), ...options], { cwd: root, env });
  if (status !== 0) throw new SetupError(`Building ${build.makes} failed.`, `See above; to try again by itself: node .ci/${build.script}`);
  const seconds = (performance.now() - startedMs) / 1000;
  if (seconds > 2) say(`Built ${build.makes} in ${seconds.toFixed(0)} s.`);
}
