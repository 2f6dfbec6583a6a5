/**
 * Puts the coding agents that tests run, from the npm registry, into .cache/agents/NAME-VERSION. Running it again changes nothing.
 * What comes is exactly the versions below, or it is refused. `node .ci/agent-clis.mjs [NAME ...]`
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** name → package, version, integrity of its archive */
const pinned = {
  claude: [
    '@anthropic-ai/claude-code-linux-x64',
    '2.1.329',
    'sha512-+n4lu1ubYAp02Y0X/MAUnxw9yY6SHHZ77F+IoW+V0wVoFuiI9opdH6gofjf14gXJCEYMTNpks7Gn1i8XZTKAWA==',
  ],
  opencode: [
    'opencode-linux-x64',
    '1.18.33',
    'sha512-q/t/3p2CTxOT9y2kvjesb/LZab2+1eqlhhWA02Be6mjTtmYtNBcBsrI5yDo4Fw7ZSPBW2oyMIGMNRqiKQjiAWw==',
  ],
  codex: [
    '@openai/codex',
    '0.169.0-linux-x64',
    'sha512-o05NyAOCDygSPRo1yinzxvkRSdmsZyBD9E7mbpmjRanSfM8lypqWtQgEo4XfNkwhuCR2aFu8mlGOsQGFXVbVww==',
  ],
  copilot: [
    '@github/copilot-linux-x64',
    '1.0.102',
    'sha512-eGHPbsP0p2QgfVZCjtbGBFZPBOJQ0DN7xIbBRAo7oG8b1zfLirQIdfI4h8Iy68Dv2cKJGJZg2/EO7W7KpIMJOw==',
  ],
  gemini: [
    '@google/gemini-cli',
    '0.61.0',
    'sha512-dbQ9A0qBtFJNi6XBkHvfZ6Azpn6PNgH/P8h2MZ67RLlX8hSAVjup39CRWqdRxZv7YXIuhrFaytr8y0jKnkoxnQ==',
  ],
};

const root = resolve(import.meta.dirname, '..');
const home = join(root, '.cache', 'agents');
const wanted = process.argv.slice(2);

for (const [name, [id, version, integrity]] of Object.entries(pinned)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const ready = join(home, `${name}-${version.replace('-linux-x64', '')}`);
  if (!existsSync(ready)) install(`${id}@${version}`, integrity, ready);
}

/** @type {(spec: string, integrity: string, ready: string) => void} */
function install(spec, integrity, ready) {
  const beside = `${ready}.fetching-${process.pid}`;
  mkdirSync(beside, { recursive: true });
  try {
    run('npm', ['pack', spec, '--pack-destination', beside, '--silent', '--ignore-scripts']);
    const archive = readdirSync(beside).find((entry) => entry.endsWith('.tgz'));
    if (archive === undefined) throw new Error(`npm gave no archive of ${spec}`);
    const found = `sha512-${createHash('sha512')
      .update(readFileSync(join(beside, archive)))
      .digest('base64')}`;
    if (found !== integrity) throw new Error(`${spec} is not what it was: ${found}`);
    run('tar', ['-xzf', join(beside, archive), '-C', beside]);
    renameSync(join(beside, 'package'), ready);
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}

/** @type {(program: string, argv: readonly string[]) => void} */
function run(program, argv) {
  const { status, error, stderr } = spawnSync(program, argv, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${argv.join(' ')} failed:\n${error?.message ?? ''}${stderr ?? ''}`);
}
