/**
 * How connections are judged differently by two sets of network rules: every host either of them names, and one that neither
 * does, is asked about on every port that matters. A host stands for itself, `*.x` for some name below x.
 */
import type { HostGroups, NetworkRules } from '../../policy/network/rules.ts';
import type { PolicyChange } from '../../protocol/profile-operations.ts';
import { reachOf, type Transition } from './reach.ts';
import { type RequestSample, requestText } from './requests.ts';
import { byEffect, listed } from './words.ts';

type Effect = Exclude<PolicyChange['effect'], 'changed'>;

interface Sides {
  readonly before: NetworkRules;
  readonly after: NetworkRules;
}

/** @param groups the groups to speak of */
export function networkChanges(before: NetworkRules, after: NetworkRules, groups: HostGroups): readonly PolicyChange[] {
  const sides = { before, after };
  const patterns = patternsOf(sides);
  const reach = reachOf(before, after, unnamedPort(sides));
  const probes = probesOf(patterns);
  const unlisted = reach(probes(undefined)) ?? [];
  const everywhere = new Map(unlisted.flatMap(({ ports, effect }) => ports.map((port) => [port, effect])));
  const found = new Map<string, readonly Transition[]>();
  for (const pattern of patterns) {
    const own = reach(probes(pattern));
    if (own === undefined) break;
    // What happens to every host is told once.
    const told = (transition: Transition): boolean => transition.effect === everywhere.get(transition.ports[0] ?? 0);
    found.set(
      pattern,
      own.map((transition) => (told(transition) ? { ...transition, effect: undefined } : transition)),
    );
  }
  const grouped = new Set<string>();
  const lines: Line[] = [];
  for (const [group, hosts] of Object.entries(groups)) {
    const all = hosts.map(({ host }) => found.get(host) ?? []);
    const [first = []] = all;
    if (!all.every((transitions) => fingerprint(transitions) === fingerprint(first))) continue;
    for (const { host } of hosts) grouped.add(host);
    lines.push(...describe(first, sides).map((change) => ({ ...change, name: `@${group}` })));
  }
  for (const [pattern, transitions] of found)
    if (!grouped.has(pattern)) lines.push(...describe(transitions, sides).map((change) => ({ ...change, name: pattern })));
  const rest = patterns.length - found.size;
  return [
    ...describe(unlisted, sides).map(({ effect, where, path }) => {
      return { effect, text: `connections to ${anyHost[effect]}${where === '' ? '' : `,${where}`}`, path };
    }),
    ...together(lines).map(({ effect, what, names, where, path }) => ({ effect, text: `${what} ${listed(names)}${where}`, path })),
    ...(rest === 0 ? [] : [{ effect: 'changed' as const, text: `network: ${rest} more hosts were too many to compare`, path: 'network' }]),
  ];
}

const anyHost: Readonly<Record<Effect, string>> = {
  allowed: 'every public host that is not blocked',
  asked: 'public hosts that nothing lists',
  denied: 'public hosts that nothing lists',
};

const fingerprint = (transitions: readonly Transition[]): string =>
  transitions.map(({ ports, effect }) => `${ports.join()} ${effect ?? ''}`).join(';');

interface Told {
  readonly effect: Effect;
  /** `connections to`, `POST requests to` */
  readonly what: string;
  /** `` or ` on port 443` */
  readonly where: string;
  readonly path: string;
}

interface Line extends Told {
  readonly name: string;
}

/** Hosts of which the same is told are told in one line. */
function together(lines: readonly Line[]): readonly (Told & { readonly names: readonly string[] })[] {
  const found = new Map<string, Told & { readonly names: string[] }>();
  for (const { name, ...line } of lines) {
    const key = `${line.effect} ${line.what}${line.where}`;
    const entry = found.get(key) ?? { ...line, names: [] };
    entry.names.push(name);
    found.set(key, entry);
  }
  return [...found.values()];
}

function describe(transitions: readonly Transition[], sides: Sides): readonly Told[] {
  if (transitions.every(({ effect }) => effect === undefined)) return [];
  const all = [...new Set(transitions.map(({ request }) => request))];
  const classes = new Map<readonly number[], Transition[]>();
  for (const transition of transitions) classes.set(transition.ports, [...(classes.get(transition.ports) ?? []), transition]);
  // Ports where the same requests change in the same way are told together.
  const changes = new Map<string, { effect: Effect; requests: readonly RequestSample[]; ports: number[] }>();
  for (const [ports, its] of classes) {
    for (const [effect, changed] of byEffect(its, (transition) => transition.effect)) {
      if (effect === 'changed') continue;
      const requests = changed.map(({ request }) => request);
      const key = `${effect} ${requests.map((request) => all.indexOf(request)).join()}`;
      const entry = changes.get(key) ?? { effect, requests, ports: [] };
      entry.ports.push(...ports);
      changes.set(key, entry);
    }
  }
  const ports = [...classes.keys()].flat();
  const other = [...classes.keys()].at(-1)?.[0] ?? 0;
  return [...changes.values()].map(({ effect, requests, ports: changed }) => ({
    effect,
    what: requestText(requests, all),
    where: whereText(changed, { ports, other }, sides),
    path: pathOf(sides),
  }));
}

interface Ports {
  readonly ports: readonly number[];
  /** stands for every port nobody names */
  readonly other: number;
}

function whereText(changed: readonly number[], { ports, other }: Ports, { before, after }: Sides): string {
  const those = new Set(changed);
  const rest = ports.filter((port) => !those.has(port)).sort((one, two) => one - two);
  if (rest.length === 0) return '';
  const named = [...those].sort((one, two) => one - two);
  if (!those.has(other)) return ` on port${named.length === 1 ? '' : 's'} ${listed(named)}`;
  const blocked = rest.every((port) => before.blockedPorts.includes(port) || after.blockedPorts.includes(port));
  return blocked && rest.length > 3 ? ' on every port that is not blocked' : ` on every port but ${listed(rest)}`;
}

function pathOf({ before, after }: Sides): string {
  if (before.mode !== after.mode) return 'network.mode';
  return before.unlisted === after.unlisted ? 'network' : 'network.unlisted';
}

/** Every host pattern either side names, in the order it is named. */
function patternsOf({ before, after }: Sides): readonly string[] {
  const named = [before, after].flatMap(({ allowed, blocked, rules }) => [...allowed, ...blocked, ...rules.flatMap(({ hosts }) => hosts)]);
  return [...new Set(named.map(({ host }) => host))];
}

function unnamedPort({ before, after }: Sides): number {
  const sides = [before, after];
  const entries = sides.flatMap(({ allowed, blocked, rules }) => [
    ...allowed,
    ...blocked,
    ...rules,
    ...rules.flatMap(({ hosts }) => hosts),
  ]);
  const named = new Set([
    ...sides.flatMap(({ allowedPorts, blockedPorts }) => [...allowedPorts, ...blockedPorts]),
    ...entries.flatMap(({ ports = [] }) => ports),
  ]);
  let port = 50_000;
  while (named.has(port)) port = (port % 65_535) + 1;
  return port;
}

/** For a pattern, a host it stands for and no narrower one does; for none, one that only `*` stands for. */
function probesOf(patterns: readonly string[]): (pattern: string | undefined) => string {
  const labels = new Set(patterns.flatMap((pattern) => pattern.toLowerCase().split('.')));
  // A label that stands in no pattern makes a host that only wider patterns stand for.
  let number = 0;
  while (labels.has(`some-name-${number}`)) number += 1;
  const label = `some-name-${number}`;
  return (pattern) => {
    if (pattern === undefined || pattern === '*') return `${label}.${label}`;
    return pattern.startsWith('*.') ? `${label}${pattern.slice(1)}` : pattern;
  };
}
