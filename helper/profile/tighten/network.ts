/**
 * What the network tables of two profiles allow together. Lists and rules of a base depend on one another, so that taking from
 * one could open what another keeps closed; each such place is named below, and nothing is ever allowed that the base is not.
 */
import { canonicalPattern, commonPattern, isAddress, patternCovers } from '../../policy/network/hosts.ts';
import type { GroupHost, HostGroups } from '../../policy/network/rules.ts';
import type { Profile } from '../../protocol/profile/profile.ts';
import { canonicalJson } from '../canonical.ts';
import { type AllowedHosts, type NetworkRule, askRules } from './ask.ts';
import { type Remark, common, idle, itemsOf, leaf, listOf, notAllowed, placed, remark, sameValue, saidList, textOf } from './values.ts';
import type { Tree } from '../tree.ts';

type Network = Profile['network'];
type Together = 'mode' | 'allowed_domains' | 'allowed_ports' | 'unlisted' | 'rules';

/** values of `[network]` that are decided together */
export type NetworkTrees = Readonly<Record<Together, Tree>>;

export interface MetNetwork {
  readonly values: Partial<NetworkTrees>;
  readonly remarks: readonly Remark[];
}

interface Ruled {
  readonly rule: NetworkRule;
  /** where it was written */
  readonly at: Tree;
}

const weakestFirst = ['full', 'restricted', 'none'] as const;
const at = (key: Together): readonly string[] => ['network', key];

/** @param said what a workspace says; what it does not say is absent from `trees` */
export function meetNetwork(
  base: { readonly network: Network; readonly trees: NetworkTrees },
  said: { readonly network: Network; readonly trees: Partial<NetworkTrees> },
  groups: HostGroups,
): MetNetwork {
  const { trees } = said;
  const before = base.network.mode;
  // Naming hosts without a mode means: these and no others.
  const wanted = trees.mode ? said.network.mode : trees.allowed_domains ? 'restricted' : before;
  const mode = weakestFirst.indexOf(wanted) > weakestFirst.indexOf(before) ? wanted : before;
  const remarks: Remark[] = [];
  const place = trees.mode ?? trees.allowed_domains;
  const values = mode === before || !place ? {} : { mode: leaf(mode, place) };
  if (trees.mode && wanted !== mode) remarks.push(...idle(trees.mode, at('mode'), `your profile says ${JSON.stringify(before)}`).remarks);
  if (mode === 'none') {
    const moot = (['allowed_domains', 'allowed_ports', 'rules'] as const).flatMap((key) => {
      const tree = trees[key];
      return tree && before === 'none' && itemsOf(tree).length > 0 ? idle(tree, at(key), 'your profile allows no network').remarks : [];
    });
    return { values, remarks: [...remarks, ...moot] };
  }
  const spelled = speller(groups);
  const limiting = wanted === 'restricted' ? trees.allowed_domains : undefined;
  if (trees.allowed_domains && !limiting)
    remarks.push(...idle(trees.allowed_domains, at('allowed_domains'), 'network.mode is "full"').remarks);
  const domains = limiting && meetDomains(base, limiting, spelled);
  const ports = meetPorts(base, trees.allowed_ports, mode);
  remarks.push(...(domains?.remarks ?? []), ...ports.remarks);
  const met = { mode, domains: domains?.value ?? base.trees.allowed_domains, ports: ports.value ?? base.trees.allowed_ports };
  const own = base.network.rules.map((rule, index): Ruled => ({ rule, at: itemsOf(base.trees.rules)[index] ?? base.trees.rules }));
  const kept = keepAsking(own, base.network, met, spelled);
  const narrowed = limiting
    ? narrowRules(
        kept,
        itemsOf(limiting).flatMap((item) => spelled(textOf(item))),
        spelled,
      )
    : { rules: kept, dropped: false };
  const closed = [...narrowed.rules, ...closePorts(narrowed.rules, mode === 'restricted' ? trees.allowed_ports : undefined)];
  const added = saidRules(said, closed, { ...met, mode, spelled });
  remarks.push(...added.remarks);
  const rules = ruleTree(own, distinct([...closed, ...added.rules]), trees.rules ?? limiting ?? base.trees.rules);
  // A host whose allow rule went would be unlisted now, and must not be asked about where it was denied.
  const deny = narrowed.dropped || (trees.unlisted !== undefined && said.network.unlisted === 'deny');
  const unlisted = deny && base.network.unlisted === 'ask' ? leaf('deny', trees.unlisted ?? limiting ?? base.trees.unlisted) : undefined;
  if (trees.unlisted && said.network.unlisted === 'ask' && base.network.unlisted === 'deny')
    remarks.push(...idle(trees.unlisted, at('unlisted'), 'your profile says "deny"').remarks);
  return {
    values: {
      ...values,
      ...(domains?.value ? { allowed_domains: domains.value } : {}),
      ...(ports.value ? { allowed_ports: ports.value } : {}),
      ...(unlisted ? { unlisted } : {}),
      ...(rules ? { rules } : {}),
    },
    remarks,
  };
}

const speller =
  (groups: HostGroups) =>
  (host: string): readonly GroupHost[] =>
    host.startsWith('@') ? (Object.hasOwn(groups, host.slice(1)) ? (groups[host.slice(1)] ?? []) : []) : [{ host }];

/** Hosts both allow; a group stays a group where all of it stays. */
function meetDomains(
  base: { readonly network: Network; readonly trees: NetworkTrees },
  said: Tree,
  spelled: AllowedHosts['spelled'],
): { readonly value?: Tree; readonly remarks: readonly Remark[] } {
  if (base.network.mode === 'full') return { value: said, remarks: [] };
  const asked = itemsOf(said).map((item) => ({ item, hosts: spelled(textOf(item)) }));
  const own = itemsOf(base.trees.allowed_domains).map((item) => ({ item, hosts: spelled(textOf(item)) }));
  const kept = new Map<string, Tree>();
  for (const { item, hosts } of own) {
    const all = asked.flatMap((entry) => entry.hosts);
    const whole = asked.some((entry) => textOf(entry.item) === textOf(item)) || isCovered(hosts, all);
    if (whole) kept.set(textOf(item), item);
    // A host of a group that has ports of its own can only be named by its group.
    else
      for (const { host } of hosts.filter(({ ports }) => ports === undefined))
        for (const entry of asked)
          for (const other of entry.hosts) {
            const both = commonPattern(host, other.host);
            if (both !== undefined) kept.set(both, leaf(both, both === canonicalPattern(host) ? item : entry.item));
          }
  }
  const value = listOf([...kept.values()], said);
  const allowed = own.flatMap(({ hosts }) => hosts);
  const meets = (hosts: readonly GroupHost[]): boolean =>
    hosts.some(({ host }) => allowed.some((other) => commonPattern(host, other.host)));
  const remarks = asked.filter(({ hosts }) => !meets(hosts)).map(({ item }) => notAllowed(item, at('allowed_domains')));
  return { ...(sameValue(value, base.trees.allowed_domains) ? {} : { value }), remarks };
}

const isCovered = (hosts: readonly GroupHost[], by: readonly GroupHost[]): boolean =>
  hosts.length > 0 && hosts.every(({ host }) => by.some((other) => patternCovers(other.host, host)));

function meetPorts(
  base: { readonly network: Network; readonly trees: NetworkTrees },
  said: Tree | undefined,
  mode: 'restricted' | 'full',
): { readonly value?: Tree; readonly remarks: readonly Remark[] } {
  if (!said) return { remarks: [] };
  if (mode === 'full') return idle(said, at('allowed_ports'), 'in mode "full" every port that is not blocked is open');
  // In full mode the base allowed every port that is not blocked.
  if (base.network.mode === 'full' && !itemsOf(said).some(({ assumed }) => assumed)) return { value: said, remarks: [] };
  return common(base.trees.allowed_ports, said, at('allowed_ports'), (a, b) => (sameValue(a, b) ? a : undefined));
}

/** An ask rule without ports is about the allowed ports: it goes on asking about those it asked about before they changed. */
function keepAsking(
  rules: readonly Ruled[],
  before: Network,
  after: { readonly mode: Network['mode']; readonly domains: Tree; readonly ports: Tree },
  spelled: AllowedHosts['spelled'],
): readonly Ruled[] {
  const ports = itemsOf(after.ports).map((item) => Number(textOf(item)));
  const opened = before.mode !== after.mode;
  if (!opened && ports.length === before.allowed_ports.length) return rules;
  const named = [
    ...ports,
    ...before.rules.flatMap((rule) =>
      rule.action === 'allow' ? [rule.ports ?? [], ...spelled(rule.host).map((host) => host.ports ?? [])] : [],
    ),
    ...itemsOf(after.domains).flatMap((item) => spelled(textOf(item)).map((host) => host.ports ?? [])),
  ].flat();
  return rules.flatMap(({ rule, at: place }) => {
    if (rule.action !== 'ask' || rule.ports !== undefined) return [{ rule, at: place }];
    const hosts = spelled(rule.host);
    const about = (host: GroupHost): readonly number[] => (opened ? [...new Set(named)] : (host.ports ?? before.allowed_ports));
    return hosts.flatMap((host) =>
      about(host).length === 0 ? [] : [{ rule: { ...rule, host: host.host, ports: [...about(host)] }, at: place }],
    );
  });
}

/**
 * Allow rules about the hosts that are left. One that went no longer narrows its hosts: `dropped` says so. An address may also be
 * open by its range, so one that went is denied.
 */
function narrowRules(
  rules: readonly Ruled[],
  allowed: readonly GroupHost[],
  spelled: AllowedHosts['spelled'],
): { readonly rules: readonly Ruled[]; readonly dropped: boolean } {
  let dropped = false;
  const narrowed = rules.flatMap(({ rule, at: place }): readonly Ruled[] => {
    const hosts = spelled(rule.host);
    if (rule.action !== 'allow' || hosts.length === 0 || isCovered(hosts, allowed)) return [{ rule, at: place }];
    dropped = true;
    return hosts.flatMap(({ host, ports }): readonly Ruled[] => {
      const about = rule.ports ?? ports;
      const left = allowed.flatMap((other) => commonPattern(host, other.host) ?? []);
      if (left.length === 0 && isAddress(canonicalPattern(host) ?? '')) return [{ rule: { host, action: 'deny' }, at: place }];
      return left.map((both) => ({ rule: { ...rule, host: both, ...(about === undefined ? {} : { ports: [...about] }) }, at: place }));
    });
  });
  return { rules: narrowed, dropped };
}

/** Denies what allow rules with ports of their own allow beyond the ports a workspace allows. */
function closePorts(rules: readonly Ruled[], said: Tree | undefined): readonly Ruled[] {
  if (!said) return [];
  const { items, without } = saidList(said, at('allowed_ports'));
  const named = new Set((without ?? items).map(textOf));
  return rules.flatMap(({ rule }) => {
    const closed = rule.action === 'allow' ? (rule.ports ?? []).filter((port) => named.has(String(port)) === (without !== undefined)) : [];
    return closed.length === 0 ? [] : [{ rule: { host: rule.host, ports: closed, action: 'deny' }, at: said }];
  });
}

function saidRules(
  said: { readonly network: Network; readonly trees: Partial<NetworkTrees> },
  rules: readonly Ruled[],
  met: { readonly mode: AllowedHosts['mode']; readonly domains: Tree; readonly ports: Tree; readonly spelled: AllowedHosts['spelled'] },
): { readonly rules: readonly Ruled[]; readonly remarks: readonly Remark[] } {
  const remarks: Remark[] = [];
  const allowed: AllowedHosts = {
    mode: met.mode,
    domains: itemsOf(met.domains).flatMap((item) => met.spelled(textOf(item))),
    ports: itemsOf(met.ports).map((item) => Number(textOf(item))),
    rules: rules.map(({ rule }) => rule),
    spelled: met.spelled,
  };
  const added = itemsOf(said.trees.rules).flatMap((item, index): readonly Ruled[] => {
    const rule = said.network.rules[index];
    if (rule === undefined || rule.action === 'allow') return [];
    if (rule.action === 'deny') return [{ rule, at: item }];
    const asking = askRules(rule, allowed);
    const path = [...at('rules'), index];
    if (asking.rules.length === 0)
      remarks.push(remark(item, path, `asking about ${rule.host} has no effect here: your profile does not allow it`));
    if (asking.refused)
      remarks.push(remark(item, path, `some of ${rule.host} is refused here instead of asked about: your profile allows only part of it`));
    return asking.rules.map((one) => ({ rule: one, at: item }));
  });
  return { rules: added, remarks };
}

function distinct(rules: readonly Ruled[]): readonly Ruled[] {
  const seen = new Map<string, Ruled>();
  for (const ruled of rules) {
    const key = canonicalJson(ruled.rule);
    if (!seen.has(key)) seen.set(key, ruled);
  }
  return [...seen.values()];
}

/** The rules as a value, or undefined where the base's stay as they are. */
function ruleTree(before: readonly Ruled[], after: readonly Ruled[], place: Tree): Tree | undefined {
  const trees = after.map(({ rule, at: { origin } }) => placed(rule, origin));
  const same = before.length === after.length && before.every(({ rule }, index) => rule === after[index]?.rule);
  return same ? undefined : listOf(trees, place);
}
