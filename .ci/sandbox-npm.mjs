/**
 * Puts npm, from the npm registry, into .cache/sandbox-npm: tests mount it into sandboxes whose image has none. Running it again
 * changes nothing. What comes is exactly the version below, or it is refused.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const version = '11.21.2';
const integrity = 'sha512-7HPApk+AflMUavSseL1Pm6CnYqMIHk53x+KmuhqmTDqPkjPMgxIpTPcTqsE91EKNw4gFBJV9fnXiSdGm1DXq9A==';

const root = resolve(import.meta.dirname, '..');
const home = join(root, '.cache', 'sandbox-npm');
const ready = join(home, version);

if (!existsSync(ready)) install();

function install() {
  const beside = join(home, `fetching-${process.pid}`);
  rmSync(home, { recursive: true, force: true });
  mkdirSync(beside, { recursive: true });
  const windows = process.platform === 'win32';
  run(windows ? 'npm.cmd' : 'npm', ['pack', `npm@${version}`, '--pack-destination', beside, '--silent', '--ignore-scripts'], windows);
  const archive = join(beside, `npm-${version}.tgz`);
  const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  if (found !== integrity) throw new Error(`npm ${version} is not what it was: ${found}`);
  run('tar', ['-xzf', archive, '-C', beside], false);
  renameSync(join(beside, 'package'), ready);
  rmSync(beside, { recursive: true });
}

/** @type {(program: string, argv: readonly string[], shell: boolean) => void} */
function run(program, argv, shell) {
  const { status, error, stderr } = spawnSync(program, argv, { cwd: root, shell, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${argv.join(' ')} failed:\n${error?.message ?? ''}${stderr ?? ''}`);
}
