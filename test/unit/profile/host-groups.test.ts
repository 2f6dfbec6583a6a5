/** The data file of host groups: what ships can be read, and what would be misread is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostGroupsOf } from '../../../helper/profile/host-groups.ts';
import { builtInGroups, builtInProfiles } from '../../kit/profile-sources.ts';

test('every group a built-in profile names has hosts', () => {
  const named = builtInProfiles.flatMap(({ text }) => [...text.matchAll(/"@([a-z0-9-]+)"/g)].map(([, name]) => name ?? ''));
  assert.ok(named.length > 0);
  for (const name of named) assert.ok((builtInGroups[name] ?? []).length > 0, name);
});

const refused: readonly (readonly [says: string, text: string])[] = [
  ['what is no TOML', 'npm = ['],
  ['a group without hosts', 'npm = []'],
  ['a host with a scheme', 'npm = ["https://npm.corp.example"]'],
  ['a host in capitals', 'npm = ["NPM.corp.example"]'],
  ['a star in the middle', 'npm = ["npm.*.example"]'],
  ['a name that no profile could write', '"@npm" = ["npm.corp.example"]'],
];

for (const [says, text] of refused) test(`${says} is refused`, () => assert.throws(() => hostGroupsOf(text, 'hosts.toml')));

test('hosts are listed as they stand', () => {
  assert.deepEqual(hostGroupsOf('npm = ["npm.corp.example", "*.cdn.example"]', 'hosts.toml'), {
    npm: [{ host: 'npm.corp.example' }, { host: '*.cdn.example' }],
  });
});
