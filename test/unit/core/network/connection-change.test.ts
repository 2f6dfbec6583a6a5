/** A lasting yes to a connection proposes a rule for its host and port that narrows nothing, or none. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse } from 'smol-toml';
import { type AskedConnection, proposedConnection } from '../../../../helper/core/network/connection-change.ts';
import { ProfileStore } from '../../../../helper/core/profiles/store.ts';
import { networkRulesOf } from '../../../../helper/policy/network/rules.ts';
import type { ProposedChange } from '../../../../helper/protocol/approval.ts';
import { profileSchema } from '../../../../helper/protocol/profile/profile.ts';
import { builtInGroups, memorySources } from '../../../kit/profile-sources.ts';

const team = 'name = "team"\n\n[network]\nallowed_domains = ["listed.example"]\nunlisted = "ask"\n';
const asking = `${team}\n[[network.rules]]\nhost = "asked.example"\naction = "ask"\n`;
const inline = 'name = "team"\nnetwork = { unlisted = "ask", rules = [{ host = "other.example" }] }\n';

function proposed(asked: Partial<AskedConnection>, text = team): Promise<ProposedChange | undefined> {
  const profiles = new ProfileStore('/user', { now: () => new Date(0) });
  const rules = networkRulesOf(profileSchema.parse(parse(text)), builtInGroups);
  const connection = { profile: 'team', rules, host: 'new.example', port: 443 };
  return proposedConnection({ ...connection, ...asked }, { sources: memorySources({ '/user/team.toml': text }), profiles });
}

test('a profile of the user’s own gets one rule more', async () => {
  const after = `${team}\n[[network.rules]]\nhost = "new.example"\nports = [443]\n`;
  assert.deepEqual(await proposed({}), { profile: 'team', file: '/user/team.toml', before: team, after });
});

test('for a built-in one, a profile that builds on it is proposed', async () => {
  const change = await proposed({ profile: 'standard', port: 8443 });
  assert.deepEqual([change?.profile, change?.before], ['my-standard', '']);
  assert.match(change?.after ?? '', /extends = "standard"\n\n\[\[network\.rules\]\]\nhost = "new\.example"\nports = \[8443\]\n$/);
});

test('a host that is listed keeps the ports it had', async () => {
  const change = await proposed({ host: 'LISTED.example.', port: 8443 });
  assert.match(change?.after ?? '', /host = "listed\.example"\nports = \[80, 443, 8443\]\n$/);
});

describe('nothing is proposed', () => {
  const cases: readonly (readonly [why: string, asked: Partial<AskedConnection>, text?: string])[] = [
    ['for what is no host', { host: 'a b' }],
    ['for a port that is blocked', { port: 5432 }],
    ['for this machine itself', { host: 'localhost' }],
    ['where a rule asks, which comes before one that allows', { host: 'asked.example' }, asking],
    ['where rules are written in a line that no table can follow', {}, inline],
    ['for a profile that is gone', { profile: 'gone' }],
  ];
  for (const [why, asked, text] of cases) test(why, async () => assert.equal(await proposed(asked, text), undefined));
});
