/**
 * The npm packages of package-lock.json, exactly. Nothing is fetched when what is installed already matches, and no
 * package's install script is ever run.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, runInherited } from './program.mjs';
import { say, SetupError } from './talk.mjs';

/** @typedef {{ version?: string, integrity?: string, optional?: boolean }} Locked */

/**
 * Installs what is missing into `root`/node_modules.
 * @param {string} root
 */
export async function installPackages(root) {
  const missing = missingPackages(root);
  if (missing.length === 0) return;
  say(`npm packages: ${missing.length} to install into node_modules/ of this folder (compiler, bundler, test tools, a pinned Node).`);
  const npm = npmCommand();
  const status = await runInherited(
    npm.file,
    [...npm.argv, 'ci', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'],
    { cwd: root },
  );
  if (status !== 0)
    throw new SetupError(
      'The npm packages could not be installed.',
      'See npm’s message above; behind a proxy or mirror, set npm’s registry, proxy and cafile, then run this again.',
    );
}

/**
 * Names of locked packages that are absent or of another version. An optional one for another platform is not missed.
 * @param {string} root
 */
export function missingPackages(root) {
  const wanted = lockedPackages(join(root, 'package-lock.json'));
  const there = lockedPackages(join(root, 'node_modules', '.package-lock.json'));
  return Object.entries(wanted)
    .filter(([path, locked]) => {
      if (path === '' || fits(locked) === false) return false;
      const found = there[path];
      if (found === undefined) return locked.optional !== true;
      return found.version !== locked.version || found.integrity !== locked.integrity;
    })
    .map(([path]) => path.replace(/^.*node_modules\//, ''));
}

/**
 * @param {string} file
 * @returns {Record<string, Locked & { os?: string | string[], cpu?: string | string[] }>}
 */
function lockedPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return {};
  }
}

/** @param {{ os?: string | string[], cpu?: string | string[] }} locked */
function fits(locked) {
  /** @type {(wanted: string | string[] | undefined, here: string) => boolean} */
  const allows = (wanted, here) => wanted === undefined || [wanted].flat().includes(here);
  return allows(locked.os, process.platform) && allows(locked.cpu, process.arch);
}

/** npm as the program that started us, or the one on PATH */
function npmCommand() {
  const script = process.env['npm_execpath'];
  if (script !== undefined && /npm-cli\.c?js$/.test(script)) return { file: process.execPath, argv: [script] };
  const npm = findProgram('npm');
  if (npm === undefined) throw new SetupError('npm was not found.', 'Install npm (on Debian: apt-get install npm), then run this again.');
  return { file: npm, argv: [] };
}
