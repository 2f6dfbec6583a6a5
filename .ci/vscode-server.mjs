/**
 * Installs the VS Code server (code-server, from the npm registry) into .cache/vscode-server, and prints the path of its
 * entry. Running it again changes nothing. It never runs install scripts of packages beyond the two native modules that
 * have to be compiled here.
 *
 *     node .ci/vscode-server.mjs [--quiet]
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const pins = path.join(import.meta.dirname, 'vscode-server');
const home = path.join(root, '.cache', 'vscode-server');
const stamp = path.join(home, 'installed');
const server = path.join(home, 'node_modules', 'code-server');

/** path of the installed server's program; run it with Node 24 */
export const entry = path.join(server, 'out', 'node', 'entry.js');

/** compiled here because npm carries no build of them; both are wanted by the extension host's own log and watchdog */
const compiled = ['@vscode/spdlog', '@vscode/native-watchdog'];

/** Installs what is missing; returns the path of the entry. */
export function installServer(say = (line) => process.stderr.write(`${line}\n`)) {
  const wanted = digest();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && existsSync(entry)) return entry;

  say('VS Code server: installing code-server from the npm registry into .cache/vscode-server (about 620 MB, one to three minutes)');
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  for (const file of ['package.json', 'package-lock.json', '.npmrc']) cpSync(path.join(pins, file), path.join(home, file));

  npm(home, ['ci', '--ignore-scripts']);
  const workbench = path.join(server, 'lib', 'vscode');
  say('VS Code server: packages of the workbench');
  // Not `npm ci`: the list that code-server ships for its workbench misses a package.
  npm(workbench, ['install', '--omit=dev', '--ignore-scripts', '--no-save']);
  npm(path.join(workbench, 'extensions'), ['install', '--omit=dev', '--ignore-scripts', '--no-save']);
  say(`VS Code server: compiling ${compiled.join(' and ')} (needs g++, make and python3)`);
  const built = npm(workbench, ['rebuild', ...compiled], { mayFail: true });
  if (!built) say('VS Code server: compiling failed; it runs without them, with more noise in its log');

  writeFileSync(stamp, wanted);
  say('VS Code server: ready');
  return entry;
}

function digest() {
  const hash = createHash('sha256').update(process.versions.modules);
  for (const file of ['package.json', 'package-lock.json']) hash.update(readFileSync(path.join(pins, file)));
  return hash.digest('hex');
}

function npm(cwd, args, { mayFail = false } = {}) {
  const distribution = path.join(root, 'node_modules', `node-${process.platform}-${process.arch}`);
  const environment = { ...process.env, PATH: [path.dirname(process.execPath), process.env.PATH].join(path.delimiter) };
  // Headers for node-gyp, so that it does not ask for them on the network.
  if (existsSync(path.join(distribution, 'include', 'node'))) environment.npm_package_config_node_gyp_nodedir = distribution;
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
  const windows = process.platform === 'win32';
  const run = spawnSync(windows ? 'npm.cmd' : 'npm', [...args, ...quiet], {
    cwd,
    env: environment,
    shell: windows,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  });
  if (run.status === 0) return true;
  if (mayFail) return false;
  throw new Error(`npm ${args.join(' ')} failed in ${cwd}:\n${run.error?.message ?? ''}${run.stdout ?? ''}${run.stderr ?? ''}`);
}

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === import.meta.filename) {
  const quiet = process.argv.includes('--quiet');
  process.stdout.write(`${installServer(quiet ? () => undefined : undefined)}\n`);
}
