/**
 * Writes the newest versions of agents and their integrity, as npm tells them, into images/agents.json, for somebody to look at, try and
 * commit. Fetches no package. `node .ci/renew-agents.mjs [NAME ...]`
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const list = join(root, 'images', 'agents.json');
const names = process.argv.slice(2);

/** @typedef {{ version: string, packages: { name: string, version: string, integrity: string }[] }} Build */

/** @type {Record<string, Record<string, Build>>} */
const agents = JSON.parse(readFileSync(list, 'utf8'));
for (const [agent, builds] of Object.entries(agents)) {
  if (names.length > 0 && !names.includes(agent)) continue;
  for (const [platform, build] of Object.entries(builds)) {
    const [own, ...others] = build.packages;
    if (own === undefined) continue;
    // One package may hold a version for each platform, named after it.
    const suffix = own.version.endsWith(`-${platform}`) ? `-${platform}` : '';
    build.version = view(own.name, 'version').replace(suffix, '');
    own.version = `${build.version}${suffix}`;
    for (const each of [own, ...others]) each.integrity = view(`${each.name}@${each.version}`, 'dist.integrity');
    console.log(`${agent} ${build.version} (${platform})`);
  }
}
writeFileSync(list, `${JSON.stringify(agents, undefined, 2)}\n`);
run('npx', ['prettier', '--write', list]);

/** @param {string} name @param {string} field */
function view(name, field) {
  return run('npm', ['view', name, field, '--silent']).trim();
}

/** @type {(program: string, argv: readonly string[]) => string} */
function run(program, argv) {
  const { status, error, stdout, stderr } = spawnSync(program, argv, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${argv.join(' ')} failed:\n${error?.message ?? ''}${stderr ?? ''}`);
  return stdout;
}
