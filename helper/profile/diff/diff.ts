/**
 * What a second profile does that a first does not, in words for who reviews it. Hosts and commands are put to the judges under
 * both, so equal meaning is never a change, however it is written. What gives an agent more comes first.
 */
import type { HostGroups } from '../../policy/network/rules.ts';
import { policyOf } from '../../policy/policy.ts';
import type { PolicyChange } from '../../protocol/profile-operations.ts';
import type { Profile } from '../../protocol/profile/profile.ts';
import { commandChanges } from './commands.ts';
import { addressChanges } from './addresses.ts';
import { networkChanges } from './network.ts';
import { secretChanges, workspaceChanges } from './workspace.ts';
import { valueChanges } from './values.ts';

const order: Readonly<Record<PolicyChange['effect'], number>> = { allowed: 0, asked: 1, denied: 2, changed: 3 };

/**
 * @param groups hosts of the groups a profile may name; changes speak of a group where all its hosts change alike
 * @returns nothing when both mean the same; names, descriptions and tags are not compared
 */
export function diffPolicies(
  a: { readonly profile: Profile },
  b: { readonly profile: Profile },
  groups: HostGroups,
): readonly PolicyChange[] {
  const [before, after] = [policyOf(a.profile, groups), policyOf(b.profile, groups)];
  const changes = [
    ...networkChanges(before.network, after.network, mentioned(groups, a.profile, b.profile)),
    ...addressChanges(before.network, after.network),
    ...secretChanges(a.profile, b.profile),
    ...commandChanges(before.commands, after.commands),
    ...workspaceChanges(a.profile, b.profile),
    ...valueChanges(a.profile, b.profile),
  ];
  return changes.toSorted((one, other) => order[one.effect] - order[other.effect]);
}

/** Only groups somebody wrote down: a host named by itself is told by itself. */
function mentioned(groups: HostGroups, ...profiles: readonly Profile[]): HostGroups {
  const names = profiles.flatMap(({ network }) => [
    ...network.allowed_domains,
    ...network.blocked_domains,
    ...network.rules.map(({ host }) => host),
  ]);
  return Object.fromEntries(Object.entries(groups).filter(([name]) => names.includes(`@${name}`)));
}
