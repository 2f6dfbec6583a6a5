/** What `profile new` writes: valid as it is, and valid when a reader takes every remark's “#” away. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadProfile } from '../../../helper/profile/load.ts';
import { profileTemplate } from '../../../helper/profile/template.ts';
import { builtInProfiles, memorySources } from '../../kit/profile-sources.ts';

const text = profileTemplate({ name: 'team', description: 'Quotes " and \\ are \u007f fine', base: 'standard' });

test('a new profile means what it builds on', async () => {
  for (const { name } of builtInProfiles) {
    const { profile, findings } = await loadProfile(
      'team',
      memorySources({ '/user/team.toml': profileTemplate({ name: 'team', description: 'd', base: name }) }),
    );
    const base = await loadProfile(name, memorySources({}));
    assert.deepEqual(
      { ...profile, name, description: base.profile.description, extends: undefined },
      { ...base.profile, extends: undefined },
    );
    assert.deepEqual(
      findings.filter(({ severity, file }) => severity !== 'information' && file === '/user/team.toml'),
      [],
    );
  }
});

test('every suggestion in it holds when it is taken up', async () => {
  const taken = text.replace(/^# (?=\[|[a-z_]+ = )/gm, '');
  assert.notEqual(taken, text);
  const { profile, findings } = await loadProfile('team', memorySources({ '/user/team.toml': taken }));
  assert.equal(profile.description, 'Quotes " and \\ are \u007f fine');
  assert.ok(profile.network.allowed_domains.includes('registry.corp.example') && !profile.network.allowed_domains.includes('@openai'));
  assert.ok(profile.commands.blacklist.includes('terraform') && profile.commands.blacklist.includes('sudo'));
  assert.deepEqual([profile.network.unlisted, profile.resources.max_memory_mb], ['ask', 4096]);
  assert.deepEqual(
    findings.filter(({ severity, file }) => severity !== 'information' && file === '/user/team.toml'),
    [],
  );
});

test('a file it builds on is named in full', () => {
  assert.match(profileTemplate({ name: 'x', description: '', base: 'C:\\a "b"\\c.toml' }), /^extends = "C:\\\\a \\"b\\"\\\\c\.toml"$/m);
});
