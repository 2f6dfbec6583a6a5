/**
 * A private VS Code server on a free loopback port, for one test: everything it writes lies below one short folder, and
 * stopping it leaves no process behind. It never talks to a VS Code that the test itself may run in.
 */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

export const repository = path.resolve(import.meta.dirname, '..', '..');
const entry = path.join(repository, '.cache', 'vscode-server', 'node_modules', 'code-server', 'out', 'node', 'entry.js');

export interface ServerOptions {
  /** packed extensions to install first */
  readonly vsix?: readonly string[];
  readonly settings?: Readonly<Record<string, unknown>>;
  /** added to the environment of the server, and so of extensions and terminals */
  readonly environment?: Readonly<Record<string, string>>;
  /** lets a window load an extension and a suite by its address; hides notifications, so not for tests of what a user sees */
  readonly development?: boolean;
  /** asks people whether they trust a folder, as a desktop does */
  readonly asksForTrust?: boolean;
}

export interface VsCodeServer {
  /** `127.0.0.1:port` */
  readonly authority: string;
  readonly root: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly logFile: string;
  /** Ends all of it; `last` runs when nothing of it runs any more and its folder is still there. */
  stop(last?: () => Promise<void>): Promise<void>;
}

const quietSettings = {
  'terminal.integrated.gpuAcceleration': 'off',
  'terminal.integrated.confirmOnExit': 'never',
  'terminal.integrated.fontFamily': 'DejaVu Sans Mono, monospace',
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.enableExperiments': false,
  'workbench.tips.enabled': false,
  'window.confirmBeforeClose': 'never',
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'update.mode': 'none',
  'git.enabled': false,
  'npm.fetchOnlinePackageInfo': false,
  'chat.disableAIFeatures': true,
};

export async function startVsCodeServer(options: ServerOptions = {}): Promise<VsCodeServer> {
  const root = mkdtempSync(path.join(tmpdir(), 'vs-'));
  for (const folder of ['home', 'data/User', 'extensions']) mkdirSync(path.join(root, folder), { recursive: true });
  mkdirSync(path.join(root, 'run'), { mode: 0o700 });
  const settings = { ...quietSettings, ...options.settings };
  writeFileSync(path.join(root, 'data/User/settings.json'), JSON.stringify(settings));
  writeFileSync(path.join(root, 'config.yaml'), 'auth: none\n');
  const environment = environmentFor(root, options.environment);
  const common = [entry, '--config', `${root}/config.yaml`, '--user-data-dir', `${root}/data`, '--extensions-dir', `${root}/extensions`];
  for (const vsix of options.vsix ?? []) await install([...common, '--install-extension', vsix], environment);

  const port = await freePort();
  const argv = [
    ...common,
    ...['--auth', 'none', '--bind-addr', `127.0.0.1:${port}`, '--disable-telemetry', '--disable-update-check', '--ignore-last-opened'],
    ...['--disable-getting-started-override', '--reconnection-grace-time', '5'],
    ...(options.asksForTrust === true ? [] : ['--disable-workspace-trust']),
    ...(options.development === true ? ['--vscode-option', 'enable-smoke-test-driver'] : []),
  ];
  const logFile = path.join(root, 'server.log');
  const log = openSync(logFile, 'w');
  const child = spawn(process.execPath, argv, { cwd: root, env: environment, stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (last?: () => Promise<void>): Promise<void> => {
    child.kill('SIGTERM');
    await Promise.race([ended, delay(8000)]);
    await endGroup(child.pid);
    await ended;
    await last?.();
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await ready(port, () => child.exitCode ?? child.signalCode);
  } catch (error) {
    const said = readFileSync(logFile, 'utf8');
    await stop();
    throw new Error(`the VS Code server did not start:\n${said}`, { cause: error });
  }
  return { authority: `127.0.0.1:${port}`, root, environment, logFile, stop };
}

function environmentFor(root: string, added: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(VSCODE_|ELECTRON_|XDG_|PORT$|PASSWORD$|NODE_TEST)/.test(name));
  const home = path.join(root, 'home');
  // TypeScript's server leaves a folder in the temporary one.
  const temporary = path.join(root, 'run');
  const own = { HOME: home, XDG_RUNTIME_DIR: temporary, TMPDIR: temporary, SHELL: '/bin/bash', LANG: 'C.UTF-8' };
  return { ...Object.fromEntries(kept), ...own, ...added };
}

async function install(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const { stdout } = await promisify(execFile)(process.execPath, argv, { env, timeout: 120_000 });
  // Its exit status is 0 for some failures too.
  assert.match(stdout, /successfully installed/);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}

async function ready(port: number, ended: () => number | string | null): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if (ended() !== null) throw new Error(`it ended with ${ended()}`);
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.ok === true) return;
    await delay(100);
  }
  throw new Error('it did not answer in a minute');
}

/** The extension host and the terminal host outlive the server by some seconds. */
async function endGroup(pid: number | undefined): Promise<void> {
  if (pid === undefined) return;
  const send = (signal: NodeJS.Signals | 0): boolean => {
    try {
      return process.kill(-pid, signal);
    } catch {
      return false;
    }
  };
  for (let tries = 0; tries < 20 && send(0); tries += 1) await delay(100);
  send('SIGKILL');
  for (let tries = 0; tries < 20 && send(0); tries += 1) await delay(50);
}
