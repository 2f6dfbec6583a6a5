/**
 * How connections are judged differently by two sets of network rules: every host either of them names, and one that neither
 * does, is asked about on every port that matters. A host stands for itself, `*.x` for some name below x.
 */
import { hostMatches } from '../policy/network/hosts.ts';
import { judgeConnection } from '../policy/network/judge.ts';
import type { HostGroups, NetworkRules } from '../policy/network/rules.ts';
import type { PolicyChange } from '../protocol/profile-operations.ts';
import { type RequestSample, requestSamples, requestText } from './diff-requests.ts';
import { byEffect, effectOf, listed } from './diff-words.ts';

type Effect = Exclude<PolicyChange['effect'], 'changed'>;

interface Side {
  readonly before: NetworkRules;
  readonly after: NetworkRules;
}

/** effect on one request at one port */
interface Transition {
  readonly port: number;
  readonly request: RequestSample;
  readonly effect: Effect | undefined;
}

/** @param groups the groups to speak of */
export function networkChanges(before: NetworkRules, after: NetworkRules, groups: HostGroups): readonly PolicyChange[] {
  const sides = { before, after };
  const patterns = patternsOf(sides);
  const ports = portsOf(sides);
  const unlisted = transitionsOf(probeOf(undefined, patterns), ports, sides);
  const everywhere = new Map(unlisted.map(({ port, effect }) => [port, effect]));
  const found = new Map<string, readonly Transition[]>();
  for (const pattern of patterns) {
    const own = transitionsOf(probeOf(pattern, patterns), ports, sides);
    // What happens to every host is told once.
    found.set(
      pattern,
      own.map((transition) => (transition.effect === everywhere.get(transition.port) ? { ...transition, effect: undefined } : transition)),
    );
  }
  const told = new Set<string>();
  const lines: Line[] = [];
  for (const [group, hosts] of Object.entries(groups)) {
    const all = hosts.map(({ host }) => found.get(host) ?? []);
    const [first = []] = all;
    if (!all.every((transitions) => fingerprint(transitions) === fingerprint(first))) continue;
    for (const { host } of hosts) told.add(host);
    lines.push(...describe(first, ports, sides).map((change) => ({ ...change, name: `@${group}` })));
  }
  for (const [pattern, transitions] of found)
    if (!told.has(pattern)) lines.push(...describe(transitions, ports, sides).map((change) => ({ ...change, name: pattern })));
  return [
    ...describe(unlisted, ports, sides).map(({ effect, where, path }) => {
      return { effect, text: `connections to ${anyHost[effect]}${where === '' ? '' : `,${where}`}`, path };
    }),
    ...together(lines).map(({ effect, what, names, where, path }) => ({ effect, text: `${what} ${listed(names)}${where}`, path })),
  ];
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

const anyHost: Readonly<Record<Effect, string>> = {
  allowed: 'every public host that is not blocked',
  asked: 'public hosts that nothing lists',
  denied: 'public hosts that nothing lists',
};

const fingerprint = (transitions: readonly Transition[]): string => transitions.map(({ effect }) => effect ?? '-').join();

function transitionsOf(host: string, ports: readonly number[], { before, after }: Side): readonly Transition[] {
  const requests = requestSamples(
    [before, after].flatMap(({ rules }) => rules.filter(({ hosts }) => hosts.some((entry) => hostMatches(entry.host, host)))),
  );
  return ports.flatMap((port) =>
    requests.map((request): Transition => {
      const intent = { host, port, ...request.intent };
      return { port, request, effect: effectOf(judgeConnection(intent, before).decision, judgeConnection(intent, after).decision) };
    }),
  );
}

interface Told {
  readonly effect: Effect;
  /** `connections to`, `POST requests to` */
  readonly what: string;
  /** `` or ` on port 443` */
  readonly where: string;
  readonly path: string;
}

function describe(transitions: readonly Transition[], ports: readonly number[], sides: Side): readonly Told[] {
  const all = [...new Set(transitions.map(({ request }) => request))];
  // Ports where the same requests change in the same way are told together.
  const together = new Map<string, { effect: Effect; requests: readonly RequestSample[]; ports: number[] }>();
  for (const port of ports) {
    for (const [effect, changed] of byEffect(
      transitions.filter((transition) => transition.port === port),
      ({ effect: its }) => its,
    )) {
      if (effect === 'changed') continue;
      const requests = changed.map(({ request }) => request);
      const key = `${effect} ${requests.map((request) => all.indexOf(request)).join()}`;
      const entry = together.get(key) ?? { effect, requests, ports: [] };
      entry.ports.push(port);
      together.set(key, entry);
    }
  }
  return [...together.values()].map(({ effect, requests, ports: changed }) => ({
    effect,
    what: requestText(requests, all),
    where: whereText(changed, ports, sides),
    path: pathOf(sides),
  }));
}

function whereText(changed: readonly number[], ports: readonly number[], { before, after }: Side): string {
  const others = ports.filter((port) => !changed.includes(port));
  if (others.length === 0) return '';
  const other = otherPort(ports);
  if (!changed.includes(other)) return ` on port${changed.length === 1 ? '' : 's'} ${listed(changed)}`;
  const blocked = others.every((port) => before.blockedPorts.includes(port) || after.blockedPorts.includes(port));
  return blocked && others.length > 3 ? ' on every port that is not blocked' : ` on every port but ${listed(others)}`;
}

function pathOf({ before, after }: Side): string {
  if (before.mode !== after.mode) return 'network.mode';
  return before.unlisted === after.unlisted ? 'network' : 'network.unlisted';
}

/** Every host pattern either side names, in the order it is named. */
function patternsOf({ before, after }: Side): readonly string[] {
  const named = [before, after].flatMap(({ allowed, blocked, rules }) => [...allowed, ...blocked, ...rules.flatMap(({ hosts }) => hosts)]);
  return [...new Set(named.map(({ host }) => host))];
}

/** Every port either side names, and last one that neither does. */
function portsOf({ before, after }: Side): readonly number[] {
  const entries = [before, after].flatMap(({ allowed, blocked, rules }) => [
    ...allowed,
    ...blocked,
    ...rules,
    ...rules.flatMap(({ hosts }) => hosts),
  ]);
  const named = [before, after].flatMap(({ allowedPorts, blockedPorts }) => [...allowedPorts, ...blockedPorts]);
  const ports = [...new Set([...named, ...entries.flatMap((entry) => entry.ports ?? [])])].sort((one, other) => one - other);
  let other = 50_000;
  while (ports.includes(other)) other += 1;
  return [...ports, other];
}

const otherPort = (ports: readonly number[]): number => ports.at(-1) ?? 0;

/** A host the pattern stands for and no narrower one does; without a pattern, one that only `*` stands for. */
function probeOf(pattern: string | undefined, patterns: readonly string[]): string {
  if (pattern !== undefined && !pattern.startsWith('*')) return pattern;
  const suffix = pattern === undefined || pattern === '*' ? '.nobody-lists-this.example' : pattern.slice(1);
  const wide = new Set([pattern, '*']);
  for (let number = 0; ; number += 1) {
    const host = `host-${number}${number > patterns.length ? `.x${number}` : ''}${suffix}`;
    const narrower = patterns.filter((other) => !wide.has(other) && hostMatches(other, host) && other.length >= (pattern?.length ?? 0));
    if (narrower.length === 0 || number > 2 * patterns.length + 2) return host;
  }
}
