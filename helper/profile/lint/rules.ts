/** `[[network.rules]]`: rules that never decide, rules that contradict one another, and what an allow rule does to its host. */
import type { Finding } from '../../protocol/finding.ts';
import type { Profile } from '../../protocol/profile/profile.ts';
import type { Tree } from '../tree.ts';
import { HostIndex, type HostPlace, hostPlaces } from './host-index.ts';
import { allowedPath, blockedPath } from './hosts.ts';
import { type LintSubject, itemsAt, knew, placeText, remark, textsAt, treeAt } from './subject.ts';

type Rule = Profile['network']['rules'][number];

/** one host of a rule */
interface RulePlace extends HostPlace {
  readonly rule: Rule;
  readonly tree: Tree;
  readonly index: number;
}

export function ruleFindings(subject: LintSubject): readonly Finding[] {
  const { profile, tree, groups } = subject;
  if (profile.network.mode === 'none') return [];
  const places = profile.network.rules.flatMap((rule, index): readonly RulePlace[] => {
    const path = ['network', 'rules', index];
    const [table, leaf] = [treeAt(tree, path), treeAt(tree, [...path, 'host'])];
    if (table === undefined || leaf?.kind !== 'leaf') return [];
    const hosts = hostPlaces([{ leaf, path: [...path, 'host'], text: rule.host }], groups);
    return hosts.map((host) => ({ ...host, rule, tree: table, index }));
  });
  const lists = {
    allowed: new HostIndex(hostPlaces(textsAt(tree, allowedPath), groups)),
    blocked: new HostIndex(hostPlaces(textsAt(tree, blockedPath), groups)),
    stronger: new HostIndex(places.filter(({ rule }) => rule.action !== 'allow')),
  };
  // A rule about a group is spoken of once, by its first host.
  const firsts = places.filter(({ index }, at) => places[at - 1]?.index !== index);
  const blockedPorts = new Map<unknown, Tree | undefined>([
    ...profile.network.blocked_ports.map((port): [number, undefined] => [port, undefined]),
    ...itemsAt(tree, ['network', 'blocked_ports']).map(({ leaf }): [unknown, Tree] => [leaf.value, leaf]),
  ]);
  return firsts.flatMap((place) => [...moot(place, lists, subject), ...portFindings(place, blockedPorts, tree)]);
}

interface Lists {
  readonly allowed: HostIndex<HostPlace>;
  readonly blocked: HostIndex<HostPlace>;
  readonly stronger: HostIndex<RulePlace>;
}

/** The first of: another entry that makes the rule pointless, or what an allow rule does to its host. */
function moot(place: RulePlace, { allowed, blocked, stronger }: Lists, subject: LintSubject): readonly Finding[] {
  const { rule, leaf, path, pattern, index } = place;
  const host = JSON.stringify(rule.host);
  const [block] = blocked.covering(pattern);
  if (block && knew(subject, leaf.origin, block.leaf.origin))
    return remark(leaf, path, {
      severity: 'warning',
      code: rule.action === 'allow' ? 'allowed-and-blocked' : 'no-effect',
      message: `This rule never decides: ${host} is blocked ${placeText(block.leaf, leaf)}, and blocking wins`,
      hint: 'Take one of them out.',
    });
  const other = stronger.covering(pattern).find((found) => found.index !== index && prevails(found, place));
  if (other && knew(subject, leaf.origin, other.leaf.origin))
    return remark(leaf, path, {
      severity: 'warning',
      code: 'rules-contradict',
      message: `This rule never decides: the rule ${placeText(other.leaf, leaf)} says ${other.rule.action} for the same, and ${other.rule.action} wins over ${rule.action}`,
      hint: 'Take one of them out, or narrow the other by ports, methods or paths.',
    });
  if (rule.action !== 'allow') return [];
  const listed = subject.profile.network.mode === 'full' ? undefined : allowed.covering(pattern)[0];
  const only = scope(rule);
  if (listed === undefined && subject.profile.network.mode === 'restricted')
    return remark(leaf, path, {
      severity: 'information',
      code: 'rule-opens',
      message: `This rule opens ${host}, which nothing else allows${only === '' ? '' : `, for ${only} only`}`,
    });
  if (only === '')
    return remark(leaf, path, {
      severity: 'warning',
      code: 'no-effect',
      message: `This rule adds nothing: ${host} is allowed ${listed === undefined ? 'by network.mode = "full"' : placeText(listed.leaf, leaf)}, and the rule narrows nothing`,
      hint: 'Take it out, or say which ports, methods or paths are allowed.',
    });
  return remark(leaf, path, {
    severity: 'information',
    code: 'rule-narrows',
    message: `This rule narrows ${host} to ${only}: everything else there is refused, although ${listed === undefined ? 'the network is open' : `it is allowed ${placeText(listed.leaf, leaf)}`}`,
  });
}

/** Whether the other rule, which wins by its action and is about all these hosts, is about all these requests too. */
function prevails({ rule: other }: RulePlace, { rule }: RulePlace): boolean {
  if (other.action === rule.action || rule.action === 'deny') return false;
  const all = <T>(wide: readonly T[] | undefined, narrow: readonly T[] | undefined): boolean => {
    if (wide === undefined) return true;
    const set = new Set(wide);
    return narrow?.every((entry) => set.has(entry)) === true;
  };
  // Without ports a deny rule is about all of them, an ask rule about the allowed ones, as the rule it is held against.
  const portsToo = other.ports === undefined ? other.action === 'deny' || rule.ports === undefined : all(other.ports, rule.ports);
  return portsToo && all(other.methods, rule.methods) && all(other.paths, rule.paths);
}

/** @param blocked where each blocked port is written; undefined for a default */
function portFindings({ rule, index }: RulePlace, blocked: ReadonlyMap<unknown, Tree | undefined>, tree: Tree): readonly Finding[] {
  if (rule.action === 'deny') return [];
  return itemsAt(tree, ['network', 'rules', index, 'ports']).flatMap(({ leaf, path }) => {
    if (!blocked.has(leaf.value)) return [];
    const port = String(leaf.value);
    const block = blocked.get(leaf.value);
    return remark(leaf, path, {
      severity: 'warning',
      code: 'blocked-port',
      message: `Port ${port} is blocked ${block === undefined ? 'by default' : placeText(block, leaf)}, so this rule does not open it`,
      hint: `To open it, add "!${port}" to network.blocked_ports; a rule cannot.`,
    });
  });
}

/** What a rule is restricted to; empty where it is about everything. */
function scope({ methods, paths, ports: only }: Rule): string {
  return [
    methods === undefined ? '' : `requests with ${methods.join(', ')}`,
    paths === undefined ? '' : `paths ${paths.join(', ')}`,
    only === undefined ? '' : `port${only.length === 1 ? '' : 's'} ${only.join(', ')}`,
  ]
    .filter((part) => part !== '')
    .join('; ');
}
