/** A lasting yes proposes the smallest change of a profile that does what it says, or none. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type AskedCommand, proposedChange } from '../../../../helper/core/gating/approval-change.ts';
import { ProfileStore } from '../../../../helper/core/profiles/store.ts';
import type { ProposedChange } from '../../../../helper/protocol/approval.ts';
import { memorySources } from '../../../kit/profile-sources.ts';

const team = 'name = "team"\nextends = "development"\n';
const other =
  'name = "other"\nmode = "autonomous"\n[commands]\nmode = "blacklist"\nblacklist = []\nblocked_args = {}\nask_args = { git = ["push"] }\n';

function proposed(asked: Partial<AskedCommand>, files: Readonly<Record<string, string>> = {}): Promise<ProposedChange | undefined> {
  const sources = memorySources(files);
  const profiles = new ProfileStore('/user', { now: () => new Date(0) });
  const command = { profile: 'development', mode: 'autonomous', file: '/usr/bin/git', args: ['push', 'origin', 'main'] } as const;
  return proposedChange({ ...command, ...asked }, { sources, profiles });
}

test('a profile of the user’s own is changed where it stands', async () => {
  assert.deepEqual(await proposed({ profile: 'team' }, { '/user/team.toml': team }), {
    profile: 'team',
    file: '/user/team.toml',
    before: team,
    after: `${team}\n[commands.ask_except]\ngit = ["push origin main"]\n`,
  });
});

test('for a built-in one, a profile that builds on it is proposed', async () => {
  const change = await proposed({});
  assert.deepEqual([change?.profile, change?.file, change?.before], ['my-development', '/user/my-development.toml', '']);
  assert.match(
    change?.after ?? '',
    /^# .*\nname = "my-development"\nextends = "development"\n\n\[commands\.ask_except\]\ngit = \["push origin main"\]\n$/,
  );
});

test('its name is a free one', async () => {
  const change = await proposed({}, { '/user/my-development.toml': team.replace('team', 'my-development') });
  assert.equal(change?.profile, 'my-development-2');
});

test('for a file, a profile that builds on that file is proposed', async () => {
  const change = await proposed({ profile: '/src/Other Team.lasso.toml' }, { '/src/Other Team.lasso.toml': other });
  assert.ok(change);
  assert.equal(change.profile, 'my-other-team');
  assert.match(change.after, /extends = "\/src\/Other Team\.lasso\.toml"/);
});

describe('nothing is proposed', () => {
  const cases: readonly (readonly [why: string, asked: Partial<AskedCommand>])[] = [
    ['for a command without arguments', { args: [] }],
    ['where an argument holds a blank', { args: ['push', 'a b'] }],
    ['where an argument holds a control character', { args: ['push', 'a\u001b[2J'] }],
    ['where an argument is empty', { args: ['push', ''] }],
    ['for a program the agent may have put there', { file: '/workspace/git' }],
    ['where the profile would refuse it anyway', { args: ['push', '--force'] }],
    ['where the mode would refuse it anyway', { mode: 'observe' }],
    ['for a profile that is gone', { profile: 'gone' }],
    ['for arguments without end', { args: ['push', 'x'.repeat(2000)] }],
  ];
  for (const [why, asked] of cases) test(why, async () => assert.equal(await proposed(asked), undefined));
});
