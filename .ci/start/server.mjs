/** A VS Code server on the loopback address with the built extension installed, until Ctrl-C. It listens nowhere else. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { say, SetupError } from '../setup/talk.mjs';

/**
 * @param {string} root
 * @param {string} workspace
 * @returns {Promise<number>}
 */
export async function runServer(root, workspace) {
  const { entry } = await import(pathToFileURL(join(root, '.ci', 'vscode-server.mjs')).href);
  const home = join(root, '.cache', 'editor');
  mkdirSync(join(home, 'data', 'User'), { recursive: true });
  writeFileSync(join(home, 'config.yaml'), 'auth: none\n');
  const settings = { 'workbench.startupEditor': 'none', 'chat.disableAIFeatures': true, 'terminal.integrated.defaultLocation': 'view' };
  writeFileSync(join(home, 'data', 'User', 'settings.json'), JSON.stringify(settings));
  const common = [
    '--config',
    join(home, 'config.yaml'),
    '--user-data-dir',
    join(home, 'data'),
    '--extensions-dir',
    join(home, 'extensions'),
  ];

  say('\nPackaging the extension for the VS Code server.');
  const packed = mkdtempSync(join(root, '.cache', 'package-'));
  try {
    const vsix = join(packed, 'lasso.vsix');
    run([join(root, '.ci', 'package.mjs'), '--out', vsix]);
    run([entry, ...common, '--install-extension', vsix, '--force']);
  } finally {
    rmSync(packed, { recursive: true, force: true });
  }

  const port = await freePort();
  const argv = [
    entry,
    ...common,
    '--auth',
    'none',
    '--bind-addr',
    `127.0.0.1:${port}`,
    '--disable-telemetry',
    '--disable-update-check',
    '--disable-workspace-trust',
    '--disable-getting-started-override',
    '--ignore-last-opened',
  ];
  // An outer VS Code's variables would make this one talk to it.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VSCODE_|ELECTRON_)/.test(name)));
  const server = spawn(process.execPath, argv, { env, stdio: ['ignore', 'ignore', 'inherit'], detached: true });
  const ended = new Promise((resolve) => server.once('exit', (code) => resolve(code ?? 0)));
  /** @type {(signal: NodeJS.Signals) => void} */
  const signalAll = (signal) => {
    try {
      if (server.pid !== undefined) process.kill(-server.pid, signal);
    } catch {
      // All of it is gone already.
    }
  };
  let asked = false;
  const stop = () => {
    asked = true;
    signalAll('SIGTERM');
    setTimeout(() => signalAll('SIGKILL'), 5000).unref();
  };
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, stop);

  await Promise.race([ready(port), ended]);
  if (server.exitCode === null && !asked)
    say(
      `\nVS Code: http://127.0.0.1:${port}/?folder=${encodeURIComponent(workspace)}\nThere: F1, “LASSO: Open Sandboxed Terminal”. Ctrl-C here ends it. Every user of this machine can open that address while it runs.`,
    );
  const code = Number(await ended);
  // Its extension and terminal hosts outlive it by some seconds when they are left alone.
  signalAll('SIGKILL');
  return asked ? 0 : code;
}

/** @param {readonly string[]} argv */
function run(argv) {
  const done = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  if (done.status !== 0)
    throw new SetupError(`The extension could not be installed:\n${done.stdout}${done.stderr}`, 'Remove .cache/editor and run this again.');
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** @param {number} port */
async function ready(port) {
  for (let tries = 0; tries < 240; tries += 1) {
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
    if (answer?.ok) return;
    await delay(250);
  }
}
