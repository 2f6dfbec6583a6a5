/**
 * Private container engines for tests: a Docker daemon and a Podman store of their own, under a folder of their own, which
 * leave no process, mount, control group or file behind. They touch no engine that was there before.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import {
  mkdtempSync,
  mkdirSync,
  openSync,
  closeSync,
  readFileSync,
  readdirSync,
  rmSync,
  rmdirSync,
  writeFileSync,
  existsSync,
} from 'node:fs';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { runChild } from '../../helper/base/child.ts';
import { findProgram } from '../../helper/base/program.ts';

/** an engine started for one test file */
export interface TestEngine {
  /** path of the API socket; empty where the code under test starts the service itself */
  readonly socket: string;
  /** what the code under test gets as its environment, so that it finds this engine and no other */
  readonly environment: Readonly<Record<string, string>>;
  /** process to kill for a fault; undefined where the code under test starts the service itself */
  readonly pid: number | undefined;
  /** what the engine said */
  log(): string;
  stop(): Promise<void>;
}

/** True where private engines can be started: Linux, as root, with the programs installed. */
export function canStartEngines(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0;
}

/** Starts a Docker daemon without any network, with gVisor as a second runtime where it is installed. */
export async function startDocker(): Promise<TestEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'lasso-docker-'));
  const parent = `/${basename(folder)}`;
  const socket = join(folder, 'docker.sock');
  const log = join(folder, 'log');
  const file = openSync(log, 'w');
  const child = spawn(
    'dockerd',
    [
      ...['--iptables=false', '--ip6tables=false', '--bridge=none', '--cgroup-parent', parent, '-H', `unix://${socket}`],
      ...['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec'), '--pidfile', join(folder, 'pid')],
      ...['--config-file', writeDaemonConfig(folder)],
    ],
    { stdio: ['ignore', file, file], env: programEnvironment() },
  );
  closeSync(file);
  const stop = async (): Promise<void> => {
    await end(child);
    await sweep(folder, parent);
  };
  try {
    await answering(socket, child, log);
  } catch (error) {
    await stop();
    throw error;
  }
  const environment = { ...programEnvironment(), DOCKER_HOST: `unix://${socket}` };
  return { socket, environment, pid: child.pid, log: () => readFileSync(log, 'utf8'), stop };
}

/**
 * Makes a Podman store of its own. With `service` its API is served on a socket; otherwise the code under test finds the
 * program and starts the service itself.
 */
export async function startPodman(options: { readonly service?: boolean; readonly runtime?: string } = {}): Promise<TestEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'lasso-podman-'));
  const environment = { ...programEnvironment(), ...writePodmanConfig(folder, options.runtime) };
  const log = join(folder, 'log');
  if (options.service !== true) {
    return { socket: '', environment, pid: undefined, log: () => '', stop: () => stopPodman(folder, environment) };
  }
  const socket = join(folder, 'podman.sock');
  const file = openSync(log, 'w');
  const child = spawn('podman', ['--runtime', options.runtime ?? 'runc', 'system', 'service', '--time', '0', `unix://${socket}`], {
    stdio: ['ignore', file, file],
    cwd: folder,
    env: environment,
  });
  closeSync(file);
  const stop = async (): Promise<void> => {
    await end(child);
    await stopPodman(folder, environment);
  };
  try {
    await answering(socket, child, log);
  } catch (error) {
    await stop();
    throw error;
  }
  const reach = { ...environment, CONTAINER_HOST: `unix://${socket}` };
  return { socket, environment: reach, pid: child.pid, log: () => readFileSync(log, 'utf8'), stop };
}

/** Mount points at or below `folder`, innermost first. */
export function mountsBelow(folder: string): readonly string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .flatMap((line) => line.split(' ')[4] ?? [])
    .map((target) => target.replaceAll('\\040', ' '))
    .filter((target) => target === folder || target.startsWith(`${folder}/`))
    .reverse();
}

/** Processes whose command line names `folder`. */
export function processesNaming(folder: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => commandLine(name).includes(folder))
    .map(Number);
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function programEnvironment(): Record<string, string> {
  const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
  const home = process.env['HOME'] ?? '/root';
  return { PATH: path, HOME: home };
}

function writeDaemonConfig(folder: string): string {
  const config = join(folder, 'daemon.json');
  const runsc = findProgram('runsc', programEnvironment()['PATH']);
  const runtimeArgs = ['--network=none', '--ignore-cgroups', '--platform=ptrace'];
  const runtimes = runsc === undefined ? {} : { runtimes: { runsc: { path: runsc, runtimeArgs } } };
  writeFileSync(config, JSON.stringify({ ...runtimes, 'shutdown-timeout': 2 }));
  return config;
}

function writePodmanConfig(folder: string, runtime: string | undefined): Record<string, string> {
  const storage = join(folder, 'storage.conf');
  const containers = join(folder, 'containers.conf');
  mkdirSync(join(folder, 'tmp'));
  writeFileSync(
    storage,
    ['[storage]', 'driver = "overlay"', `graphroot = "${join(folder, 'data')}"`, `runroot = "${join(folder, 'run')}"`, ''].join('\n'),
  );
  writeFileSync(
    containers,
    [
      '[engine]',
      'cgroup_manager = "cgroupfs"',
      'events_logger = "file"',
      `tmp_dir = "${join(folder, 'tmp')}"`,
      `volume_path = "${join(folder, 'volumes')}"`,
      ...(runtime === undefined ? [] : [`runtime = "${runtime}"`]),
      '[network]',
      `network_config_dir = "${join(folder, 'networks')}"`,
      '',
    ].join('\n'),
  );
  return { CONTAINERS_STORAGE_CONF: storage, CONTAINERS_CONF: containers };
}

async function stopPodman(folder: string, environment: Readonly<Record<string, string>>): Promise<void> {
  await runChild('podman', ['--runtime', 'runc', 'rm', '--all', '--force', '--time', '0'], { timeoutMs: 30_000, environment });
  await sweep(folder, undefined);
}

async function answering(socket: string, child: ChildProcess, log: string): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    if (existsSync(socket) && (await connects(socket))) return;
    await delay(50);
  }
  throw new Error(`the engine did not start:\n${readFileSync(log, 'utf8').slice(-2000)}`);
}

function connects(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket);
    connection.once('connect', () => {
      connection.destroy();
      resolve(true);
    });
    connection.once('error', () => resolve(false));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const patience = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await gone;
  clearTimeout(patience);
}

/** Ends what an engine left: its own children, mounts, control groups, files; found by the folder's name alone. */
async function sweep(folder: string, parent: string | undefined): Promise<void> {
  for (let tries = 0; tries < 50; tries += 1) {
    const left = processesNaming(folder);
    if (left.length === 0) break;
    for (const pid of left) kill(pid);
    await delay(50);
  }
  for (const target of mountsBelow(folder)) await runChild('umount', ['--lazy', target], { timeoutMs: 5000 });
  if (parent !== undefined) for (const root of controlRoots()) removeGroups(join(root, parent));
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It went by itself.
  }
}

function controlRoots(): readonly string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => / - cgroup2? /.test(line))
    .flatMap((line) => line.split(' ')[4] ?? []);
}

function removeGroups(folder: string): void {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) if (entry.isDirectory()) removeGroups(join(folder, entry.name));
  try {
    rmdirSync(folder);
  } catch {
    // A group that is still in use shows up in the test that made it.
  }
}
