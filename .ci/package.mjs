/**
 * Packs the extension: one VSIX for each platform, because the terminal library has a native part. A package holds what
 * runs and nothing else; what goes in is listed here, what stays out in .vscodeignore. Needs a build in dist/ and downloads nothing.
 *
 *     npm run package [-- --target linux-arm64] [--all] [--out FILE]
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const targets = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'win32-x64'];

/** files and folders a package is made of; .vscodeignore says what of them is left out */
const shipped = ['dist', 'profiles', 'images', 'media', 'helper/audit/FORMAT.md', 'README.md', 'CHANGELOG.md', 'LICENSE', '.vscodeignore'];

/** keys of package.json that VS Code does not read */
const left = ['scripts', 'dependencies', 'devDependencies', 'optionalDependencies', 'overrides', 'bin', 'private'];

/**
 * Packs for one platform.
 * @param {string} target `linux-x64`
 * @param {string} out file to write
 */
function packFor(target, out) {
  if (!targets.includes(target)) throw new Error(`There is no package for ${target}. Platforms: ${targets.join(', ')}`);
  for (const program of ['extension.cjs', 'lasso.js'])
    if (!existsSync(join(root, 'dist', program))) throw new Error(`dist/${program} is missing. Run: npm run build`);
  mkdirSync(join(root, '.cache'), { recursive: true });
  const stage = mkdtempSync(join(root, '.cache', 'stage-'));
  try {
    for (const path of shipped) cpSync(join(root, path), join(stage, path), { recursive: true });
    rmSync(join(stage, 'dist', 'node_modules', 'node-pty', 'prebuilds'), { recursive: true, force: true });
    const native = join('node-pty', 'prebuilds', target);
    cpSync(join(root, 'node_modules', native), join(stage, 'dist', 'node_modules', native), { recursive: true });
    const whole = Object.entries(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
    const manifest = Object.fromEntries(whole.filter(([key]) => !left.includes(key)));
    writeFileSync(join(stage, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    pack(stage, target, resolve(root, out));
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/**
 * @param {string} stage
 * @param {string} target
 * @param {string} out
 */
function pack(stage, target, out) {
  const vsce = join(root, 'node_modules', '@vscode', 'vsce', 'vsce');
  const options = ['--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links'];
  const argv = [vsce, 'package', ...options, '--target', target, '--out', out];
  const run = spawnSync(process.execPath, argv, { cwd: stage, encoding: 'utf8', env: { ...process.env, VSCE_STORE: 'file' } });
  if (run.status !== 0) throw new Error(`vsce failed:\n${run.stdout}${run.stderr}`);
}

const { values } = parseArgs({ options: { target: { type: 'string' }, all: { type: 'boolean' }, out: { type: 'string' } } });
const wanted = values.all === true ? targets : [values.target ?? `${process.platform}-${process.arch}`];
for (const target of wanted) {
  const out = (wanted.length === 1 ? values.out : undefined) ?? `lasso-${target}.vsix`;
  packFor(target, out);
  process.stdout.write(`${resolve(root, out)}\n`);
}
