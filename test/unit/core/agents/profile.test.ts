/** What a sandbox with an agent has besides what its profile says: the agent's own variables, and its key where there is one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { profileWithAgent, runnable } from '../../../../helper/core/agents/profile.ts';
import type { ReadProfile, World } from '../../../../helper/core/world.ts';
import { policyOf } from '../../../../helper/policy/policy.ts';
import { profileSchema } from '../../../../helper/protocol/profile/profile.ts';

const groups = { anthropic: [{ host: 'model.example' }] };

function reading(values: object = {}): ReadProfile {
  const content = profileSchema.parse({ name: 'a', ...values });
  return {
    ...{ name: 'a', reference: 'a', digest: '', content, notices: [] },
    policy: policyOf(content, groups),
    originOf: () => undefined,
    fileOf: () => undefined,
  };
}

const worldWith = (environment: Record<string, string>, kept: readonly string[] = []): Pick<World, 'secrets' | 'sources' | 'host'> =>
  ({
    host: { environment },
    sources: { hostGroups: groups },
    secrets: { own: { list: () => Promise.resolve(kept.map((name) => ({ name }))) } },
  }) as unknown as Pick<World, 'secrets' | 'sources' | 'host'>;

const secretsOf = async (...given: Parameters<typeof profileWithAgent>): Promise<readonly object[]> =>
  (await profileWithAgent(...given)).policy.secrets;

test('agents that LASSO does not run are names like any other', async () => {
  const profile = reading();
  for (const name of [undefined, 'aider', 'made-up', 'constructor'])
    assert.equal(await profileWithAgent(profile, name, worldWith({ ANTHROPIC_API_KEY: 'x' })), profile);
  assert.equal(runnable('claude')?.name, 'claude');
});

test('its key is a secret bound to its own hosts, kept before told, and absent where there is none', async () => {
  const profile = reading();
  const bound = { name: 'ANTHROPIC_API_KEY', env: 'ANTHROPIC_API_KEY', hosts: groups.anthropic, header: 'x-api-key', files: [] };
  const [told] = await secretsOf(profile, 'claude', worldWith({ ANTHROPIC_API_KEY: 'x' }));
  assert.deepEqual(told, { ...bound, from: 'env:ANTHROPIC_API_KEY', prefix: 'sk-ant-api03-' });
  const [kept] = await secretsOf(profile, 'claude', worldWith({ ANTHROPIC_API_KEY: 'x' }, ['ANTHROPIC_API_KEY']));
  assert.deepEqual(kept, { ...bound, from: 'keyring:ANTHROPIC_API_KEY', prefix: 'sk-ant-api03-' });
  assert.deepEqual(await secretsOf(profile, 'claude', worldWith({ ANTHROPIC_API_KEY: '' })), []);
});

test('a profile that says where the key comes from is not added to', async () => {
  const profile = reading({ secrets: { own: { from: 'env:MINE', hosts: ['other.example'], env: 'ANTHROPIC_API_KEY' } } });
  const secrets = await secretsOf(profile, 'claude', worldWith({ ANTHROPIC_API_KEY: 'x' }));
  assert.deepEqual(secrets, profile.policy.secrets);
});

test('the profile’s own variables win over the agent’s', async () => {
  const profile = reading({ extra_env: { DISABLE_TELEMETRY: '0' } });
  const { environment } = (await profileWithAgent(profile, 'claude', worldWith({}))).policy;
  assert.deepEqual([environment['DISABLE_TELEMETRY'], environment['DISABLE_AUTOUPDATER']], ['0', '1']);
});
