/** A profile that is replaced while a sandbox runs: its rules hold at once, and what the sandbox is made of stays. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'smol-toml';
import { ProfileInForce } from '../../../helper/core/profile-in-force.ts';
import type { ReadProfile } from '../../../helper/core/world.ts';
import { policyOf } from '../../../helper/policy/policy.ts';
import { profileSchema } from '../../../helper/protocol/profile/profile.ts';

function read(text: string): ReadProfile {
  const content = profileSchema.parse({ name: 'test', ...parse(text) });
  const places = { originOf: () => text, fileOf: () => undefined };
  return { name: 'test', reference: 'test', digest: text, content, policy: policyOf(content, {}), ...places, notices: [] };
}

const before = '[network]\nallowed_domains = ["a.example"]\n';
const after =
  'isolation = "gvisor"\nexec_gate = "off"\nmode = "observe"\n[resources]\nmax_pids = 7\nenforcement = "preferred"\n[workspace]\nmode = "read-only"\n' +
  '[network]\nallowed_domains = ["b.example"]\ndns_servers = ["10.0.0.53"]\n[secrets.s]\nfrom = "env:S"\nhosts = ["b.example"]\n' +
  '[approvals]\ntimeout_seconds = 7\n[extra_env]\nA = "b"\n[commands]\nblacklist = ["x"]\nmax_execution_seconds = 7\n';

test('rules, secrets, questions, variables and time limits are those of the new one', () => {
  const profile = new ProfileInForce(read(before));
  profile.replace(read(after));
  const { policy, digest, originOf } = profile.now;
  assert.deepEqual([digest, originOf('x')], [after, after]);
  assert.equal(policy.network.allowed[0]?.host, 'b.example');
  assert.deepEqual([policy.nameServers, policy.secrets[0]?.name], [['10.0.0.53'], 's']);
  assert.deepEqual(
    [policy.mode, policy.approvalTimeoutMs, policy.commandTimeoutMs, policy.environment],
    ['observe', 7000, 7000, { A: 'b' }],
  );
});

test('limits, isolation, the gate and the workspace stay those it was started with, however often it is replaced', () => {
  const { policy: started } = read(before);
  const profile = new ProfileInForce(read(before));
  for (let times = 0; times < 2; times += 1) profile.replace(read(after));
  const { isolation, limits, enforcement, workspaceWritable, execGate } = profile.now.policy;
  assert.deepEqual(
    { isolation, limits, enforcement, workspaceWritable, execGate },
    {
      ...{ isolation: started.isolation, limits: started.limits, enforcement: started.enforcement },
      ...{ workspaceWritable: started.workspaceWritable, execGate: started.execGate },
    },
  );
  assert.equal(profile.started.digest, before);
});

test('one that was started without a network gets none', () => {
  const profile = new ProfileInForce(read('[network]\nmode = "none"\n'));
  profile.replace(read(after));
  assert.equal(profile.now.policy.network.mode, 'none');
});
