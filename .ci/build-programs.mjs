/**
 * Builds LASSO's small programs for the host, images/NAME/NAME.c, into dist/NAME/NAME-linux-{x64,arm64}: static, by zig, on any
 * host. With --here only those for this machine. Does nothing where a program is newer than its source.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const programs = ['idmap', 'ports'];
const targets = { x64: 'x86_64-linux-musl', arm64: 'aarch64-linux-musl' };
const flags = ['-std=c11', '-O2', '-s', '-static', '-Wall', '-Wextra', '-Werror', '-fstack-protector-strong'];

const changedMs = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

const hereOnly = process.argv.includes('--here');
for (const name of programs) {
  const source = join(root, 'images', name, `${name}.c`);
  mkdirSync(join(root, 'dist', name), { recursive: true });
  for (const [cpu, target] of Object.entries(targets)) {
    if (hereOnly && cpu !== process.arch) continue;
    const output = join(root, 'dist', name, `${name}-linux-${cpu}`);
    if (changedMs(output) > Math.max(changedMs(source), changedMs(fileURLToPath(import.meta.url)))) continue;
    execFileSync(join(root, 'node_modules/.bin/zig'), ['cc', '-target', target, ...flags, '-o', output, source], { stdio: 'inherit' });
  }
}
