/**
 * Programs that come from Debian or Ubuntu: which are missing, why they are wanted, and their installation. It says what
 * it will install before it does, and must never install without leave.
 */
import { existsSync, readdirSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { findProgram, runInherited, succeeds } from './program.mjs';
import { askLeave, say, SetupError } from './talk.mjs';

/**
 * @typedef {object} Wanted
 * @property {string} name Debian package
 * @property {string} why
 * @property {() => boolean} present
 */

/** @type {(...names: string[]) => () => boolean} */
const program =
  (...names) =>
  () =>
    names.some((name) => findProgram(name) !== undefined);

/** It is in no folder of a user's PATH. */
const sshServer = () => existsSync('/usr/sbin/sshd');

/** @returns {readonly Wanted[]} */
export function wantedForStart() {
  const engineWorks =
    succeeds('docker', ['version', '--format', '{{.Server.Version}}']) || succeeds('podman', ['info', '--format', '{{.Host.Os}}']);
  return engineWorks
    ? [{ name: 'mmdebstrap', why: 'makes the base image where no image registry can be reached', present: program('mmdebstrap') }]
    : [{ name: 'bubblewrap', why: 'the sandbox used where neither Docker nor Podman works', present: program('bwrap') }];
}

/** @returns {readonly Wanted[]} */
export function wantedForTests() {
  return [
    { name: 'bubblewrap', why: 'backend under test', present: program('bwrap') },
    { name: 'docker.io', why: 'backend under test; the tests start a private daemon', present: program('dockerd') },
    { name: 'podman', why: 'backend under test; the tests start a private service', present: program('podman') },
    { name: 'runc', why: 'container runtime for Podman where crun refuses the control groups', present: program('runc') },
    { name: 'runsc', why: 'gVisor, an isolation level under test', present: program('runsc') },
    { name: 'uidmap', why: 'rootless Podman', present: program('newuidmap') },
    { name: 'mmdebstrap', why: 'base image where no image registry can be reached', present: program('mmdebstrap') },
    { name: 'openssh-server', why: 'what git speaks ssh to in the tests', present: sshServer },
    { name: 'wget', why: 'fetches from inside sandboxes in the tests', present: program('wget') },
    { name: 'python3-pip', why: 'fetches from inside sandboxes in the tests', present: () => existsSync('/usr/bin/pip3') },
    { name: 'chromium', why: 'drives VS Code in the tests', present: program('chromium', 'chromium-browser', 'google-chrome') },
    {
      name: 'fonts-dejavu-core',
      why: 'text in the screenshots',
      present: () => existsSync('/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf'),
    },
    { name: 'vim', why: 'a full-screen program for the terminal tests', present: program('vim') },
    { name: 'zsh', why: 'checks its completion script', present: program('zsh') },
    { name: 'fish', why: 'checks its completion script', present: program('fish') },
    { name: 'g++', why: 'native modules of the VS Code server', present: program('g++') },
    { name: 'make', why: 'native modules of the VS Code server', present: program('make') },
    { name: 'python3', why: 'the foreign verifier of records; native modules of the VS Code server', present: program('python3') },
  ];
}

/** @returns {readonly Wanted[]} */
export function wantedForBench() {
  const why = 'forward proxy to measure beside; “systemctl disable squid” keeps its service from starting with the machine';
  return [{ name: 'squid', why, present: program('squid') }];
}

/**
 * Installs those of `wanted` that are not present.
 * @param {readonly Wanted[]} wanted
 */
export async function installDebianPackages(wanted) {
  const missing = wanted.filter((entry) => !entry.present());
  if (missing.length === 0) return;
  if (findProgram('apt-get') === undefined)
    throw new SetupError(
      `These programs are missing: ${missing.map((entry) => `${entry.name} (${entry.why})`).join(', ')}.`,
      'Install them with this system’s package manager, then run this again.',
    );
  say('Debian packages to install with apt-get:');
  for (const entry of missing) say(`  ${entry.name.padEnd(18)} ${entry.why}`);
  const prefix = process.getuid?.() === 0 ? [] : ['sudo'];
  const names = missing.map((entry) => entry.name);
  const byHand = [...prefix, 'apt-get', 'install', '--no-install-recommends', ...names].join(' ');
  await askLeave('Install these Debian packages with apt-get?', byHand);
  if (prefix.length > 0 && findProgram('sudo') === undefined)
    throw new SetupError('Installing packages needs root, and sudo was not found.', `As root, run: ${byHand.replace('sudo ', '')}`);
  await aptGet(prefix, names, byHand);
}

/**
 * @param {readonly string[]} prefix
 * @param {readonly string[]} names
 * @param {string} byHand
 */
async function aptGet(prefix, names, byHand) {
  /** @type {(...argv: string[]) => Promise<number>} */
  const run = (...argv) => {
    // RUNLEVEL=1 keeps the packages from starting services that nobody asked for.
    const line = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1', 'apt-get', '-q', ...argv];
    return runInherited(String(line[0]), line.slice(1));
  };
  if (!knowsAll(names) && (await run('update')) !== 0) throw new SetupError('apt-get update failed.', 'See its message above.');
  const unknown = names.filter((name) => !knowsAll([name]));
  if (unknown.length > 0) say(`Not offered by this system’s archives, so what needs them is skipped: ${unknown.join(', ')}`);
  const known = names.filter((name) => !unknown.includes(name));
  if (known.length === 0) return;
  const install = ['install', '-y', '--no-install-recommends', ...known];
  if ((await run(...install)) === 0) return;
  say('Once more, with fresh package lists.');
  if ((await run('update')) !== 0 || (await run(...install)) !== 0)
    throw new SetupError('The Debian packages could not be installed.', `See apt-get’s message above, then try by hand: ${byHand}`);
}

/** @param {readonly string[]} names */
function knowsAll(names) {
  const lists = '/var/lib/apt/lists';
  if (!existsSync(lists) || !readdirSync(lists).some((file) => file.endsWith('Packages') || file.endsWith('Packages.lz4'))) return false;
  const shown = spawnSync('apt-cache', ['policy', ...names], { encoding: 'utf8' });
  const offered = shown.stdout.split('\n').filter((line) => /^ {2}Candidate: (?!\(none\))/.test(line));
  return shown.status === 0 && offered.length === names.length;
}
