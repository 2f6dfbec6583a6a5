/** What a profile says about connections, with host groups spelled out. Rules know their key path, so that a verdict can name them. */
import type { Profile } from '../../protocol/profile/profile.ts';

/** one host of a group; ports only where a mirror is not on the usual ones */
export interface GroupHost {
  readonly host: string;
  readonly ports?: readonly number[];
}
/** group name without its “@” → its hosts */
export type HostGroups = Readonly<Record<string, readonly GroupHost[]>>;

/** a host pattern with the rule it comes from, `network.allowed_domains[2]` */
export interface HostEntry extends GroupHost {
  readonly rule: string;
}

export interface HostRule {
  /** the rule's host, its group spelled out */
  readonly hosts: readonly GroupHost[];
  /** absent: the allowed ports, or for a deny rule every port */
  readonly ports?: readonly number[];
  /** absent: all */
  readonly methods?: readonly string[];
  /** absent: all */
  readonly paths?: readonly string[];
  readonly action: 'allow' | 'deny' | 'ask';
  /** `network.rules[0]` */
  readonly rule: string;
}

export interface NetworkRules {
  readonly mode: 'none' | 'restricted' | 'full';
  readonly allowed: readonly HostEntry[];
  readonly blocked: readonly HostEntry[];
  readonly allowedPorts: readonly number[];
  readonly blockedPorts: readonly number[];
  readonly allowedRanges: readonly string[];
  readonly blockedRanges: readonly string[];
  readonly rules: readonly HostRule[];
  readonly unlisted: 'deny' | 'ask';
}

/** A group nobody knows has no hosts, so an allow list that names it allows nothing by it; a deny rule that names it is refused by diagnosis. */
export function networkRulesOf(profile: Profile, groups: HostGroups): NetworkRules {
  const { network } = profile;
  const spelled = (host: string): readonly GroupHost[] => spelledHosts(host, groups);
  const entries = (hosts: readonly string[], key: string): readonly HostEntry[] =>
    hosts.flatMap((host, index) => spelled(host).map((entry) => ({ ...entry, rule: `network.${key}[${index}]` })));
  return {
    mode: network.mode,
    allowed: entries(network.allowed_domains, 'allowed_domains'),
    blocked: entries(network.blocked_domains, 'blocked_domains'),
    allowedPorts: network.allowed_ports,
    blockedPorts: network.blocked_ports,
    allowedRanges: network.allowed_cidrs,
    blockedRanges: network.blocked_cidrs,
    rules: network.rules.map(({ host, ports, methods, paths, action }, index) => ({
      hosts: spelled(host),
      ...(ports === undefined ? {} : { ports }),
      ...(methods === undefined ? {} : { methods }),
      ...(paths === undefined ? {} : { paths }),
      action,
      rule: `network.rules[${index}]`,
    })),
    unlisted: network.unlisted,
  };
}

/** The hosts an entry of a profile stands for: itself, or those of the group it names. */
export function spelledHosts(host: string, groups: HostGroups): readonly GroupHost[] {
  if (!host.startsWith('@')) return [{ host }];
  return Object.hasOwn(groups, host.slice(1)) ? (groups[host.slice(1)] ?? []) : [];
}
