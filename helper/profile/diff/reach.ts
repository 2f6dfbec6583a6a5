/**
 * What two sets of network rules say about one host, port by port and request by request. Rules that cannot be about the host are
 * left out before anything is judged, and ports that no list tells apart are judged once, so that long profiles stay quick.
 */
import { canonicalPattern } from '../../policy/network/hosts.ts';
import { judgeConnection } from '../../policy/network/judge.ts';
import type { NetworkRules } from '../../policy/network/rules.ts';
import { type RequestSample, requestSamples } from './requests.ts';
import { effectOf } from './words.ts';

type Effect = NonNullable<ReturnType<typeof effectOf>>;

/** effect on one request at ports that are alike */
export interface Transition {
  readonly ports: readonly number[];
  readonly request: RequestSample;
  readonly effect: Effect | undefined;
}

/** Transitions of a host; undefined where asking would take too long. */
export type Reach = (host: string) => readonly Transition[] | undefined;

/** methods that are asked about at most, besides those a rule names */
const usualMethods = 8;
/** rules looked at in all; a few seconds at most, also for texts made to be slow */
const workLimit = 2_000_000;

/** @param other a port that neither names */
export function reachOf(before: NetworkRules, after: NetworkRules, other: number): Reach {
  const [was, is] = [rulesAbout(before), rulesAbout(after)];
  const usual = portClasses(
    [before, after].map((rules) => ({ ...rules, allowed: [], blocked: [], rules: [] })),
    other,
  );
  const named = sum(usual.map(({ length }) => length));
  let left = workLimit;
  return (host) => {
    const sides = [was(host), is(host)] as const;
    const about = sides.flatMap(({ rules }) => rules);
    left -= named;
    if (left < 0) return undefined;
    const classes = sides.some(namesPorts) ? portClasses(sides, other) : usual;
    const paths = sum(about.map((rule) => rule.paths?.length ?? 0));
    const requests = (usualMethods + sum(about.map((rule) => rule.methods?.length ?? 0))) * (1 + paths);
    const size = 1 + paths + sum(sides.map(({ allowed, blocked, rules }) => allowed.length + blocked.length + rules.length));
    left -= classes.length * requests * size;
    if (left < 0) return undefined;
    const samples = requestSamples(about);
    return classes.flatMap((ports) =>
      samples.map((request): Transition => {
        const intent = { host, port: ports[0] ?? other, ...request.intent };
        const [one, two] = sides.map((rules) => judgeConnection(intent, rules).decision);
        return { ports, request, effect: one && two && effectOf(one, two) };
      }),
    );
  };
}

/** The same rules without those about other hosts only. What cannot be read is about every host. */
function rulesAbout(rules: NetworkRules): (host: string) => NetworkRules {
  const allowed = byPattern(rules.allowed, ({ host }) => [host]);
  const blocked = byPattern(rules.blocked, ({ host }) => [host]);
  const ruled = byPattern(rules.rules, ({ hosts }) => hosts.map(({ host }) => host));
  return (host) => ({ ...rules, allowed: allowed(host), blocked: blocked(host), rules: ruled(host) });
}

function byPattern<T>(items: readonly T[], patterns: (item: T) => readonly string[]): (host: string) => readonly T[] {
  const found = new Map<string, T[]>();
  for (const item of items)
    for (const pattern of patterns(item)) {
      const key = canonicalPattern(pattern) ?? '';
      found.set(key, [...(found.get(key) ?? []), item]);
    }
  return (host) => {
    const labels = (canonicalPattern(host) ?? host).split('.');
    const keys = ['', '*', labels.join('.'), ...labels.slice(1).map((_, at) => `*.${labels.slice(at + 1).join('.')}`)];
    return [...new Set(keys.flatMap((key) => found.get(key) ?? []))];
  };
}

function namesPorts({ allowed, blocked, rules }: NetworkRules): boolean {
  return [...allowed, ...blocked, ...rules, ...rules.flatMap(({ hosts }) => hosts)].some(({ ports }) => ports !== undefined);
}

/** Ports by the lists that name them, the unnamed one last. */
function portClasses(sides: readonly NetworkRules[], other: number): readonly (readonly number[])[] {
  const entries = sides.flatMap(({ allowed, blocked, rules }) => [
    ...allowed,
    ...blocked,
    ...rules,
    ...rules.flatMap(({ hosts }) => hosts),
  ]);
  const own = new Set(entries.flatMap(({ ports }) => (ports === undefined ? [] : [ports])));
  const lists = [...sides.flatMap(({ allowedPorts, blockedPorts }) => [allowedPorts, blockedPorts]), ...own];
  const names = new Map<number, string>();
  lists.forEach((list, index) => {
    for (const port of new Set(list)) names.set(port, `${names.get(port) ?? ''},${index}`);
  });
  const classes = new Map<string, number[]>();
  for (const [port, name] of [...names].sort(([one], [two]) => one - two)) {
    const its = classes.get(name) ?? [];
    its.push(port);
    classes.set(name, its);
  }
  return [...classes.values(), [other]];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
