/** The profiles that are shipped: they load without a complaint and mean what their names have meant since 1.x. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'smol-toml';
import { z } from 'zod';
import { loadProfile } from '../../../helper/profile/load.ts';
import { policyOf } from '../../../helper/policy/policy.ts';
import { builtInProfiles, memorySources, profilesFolder, builtInGroups } from '../../kit/profile-sources.ts';

const megabyte = 1024 * 1024;
const facts = [
  { name: 'standard', mode: 'autonomous', network: 'restricted', limits: [8192, 0.75, 300], seconds: 600, commands: 'blacklist' },
  { name: 'open', mode: 'autonomous', network: 'full', limits: [8192, 0.75, 300], seconds: 600, commands: 'blacklist' },
  { name: 'offline', mode: 'autonomous', network: 'none', limits: [8192, 0.75, 300], seconds: 600, commands: 'blacklist' },
  { name: 'strict', mode: 'observe', network: 'none', limits: [8192, 0.5, 150], seconds: 300, commands: 'whitelist' },
  { name: 'evaluation', mode: 'observe', network: 'none', limits: [2048, 0.25, 100], seconds: 60, commands: 'whitelist' },
  { name: 'minimal', mode: 'autonomous', network: 'none', limits: [1024, 0.25, 100], seconds: 120, commands: 'whitelist' },
  { name: 'development', mode: 'autonomous', network: 'restricted', limits: [16384, 0.9, 1000], seconds: 1800, commands: 'blacklist' },
];

test('the built-in profiles are the five of LASSO 1.x, and the minimal and development of 1.0', () => {
  assert.deepEqual(builtInProfiles.map(({ name }) => name).sort(), facts.map(({ name }) => name).sort());
});

for (const { name, mode, network, limits, seconds, commands } of facts) {
  test(`${name} loads without a complaint and means what its name has meant`, async () => {
    const { profile, findings, digest, source } = await loadProfile(name, memorySources({}));
    const policy = policyOf(profile, builtInGroups, digest);
    assert.deepEqual(
      findings.filter(({ severity }) => severity !== 'information'),
      [],
    );
    assert.deepEqual(
      [profile.name, source, policy.mode, profile.network.mode, profile.commands.mode],
      [name, 'built-in', mode, network, commands],
    );
    assert.deepEqual([policy.limits.memoryBytes / megabyte, policy.limits.cpuShare, policy.limits.pids], limits);
    assert.equal(policy.commandTimeoutMs, seconds * 1000);
    assert.deepEqual([policy.enforcement, policy.isolation, policy.profile], ['required', 'container', { name, digest }]);
    assert.notEqual(profile.description, '');
  });
}

test('everyday commands are not banned where an agent works by itself', async () => {
  const { profile } = await loadProfile('standard', memorySources({}));
  for (const command of ['rm', 'mv', 'kill', 'chmod', 'git', 'npm', 'make'])
    assert.ok(!profile.commands.blacklist.includes(command), command);
  for (const command of ['docker', 'sudo', 'ssh', 'nc', 'mount', 'psql']) assert.ok(profile.commands.blacklist.includes(command), command);
});

test('every host group a built-in profile names exists, and profiles name only groups', async () => {
  const groups = z
    .record(z.string(), z.array(z.string().min(4)).min(1))
    .parse(parse(readFileSync(join(profilesFolder, 'hosts.toml'), 'utf8')));
  for (const { name } of builtInProfiles) {
    const { profile } = await loadProfile(name, memorySources({}));
    for (const host of [...profile.network.allowed_domains, ...profile.network.blocked_domains])
      assert.ok(host.startsWith('@') && Object.hasOwn(groups, host.slice(1)), `${host} in ${name}`);
  }
});
