/** What the network rules of a profile say about one connection. Total: what cannot be understood is refused with a reason. */
import type { Verdict } from '../../protocol/verdict.ts';
import { judgeAddress } from './addresses.ts';
import { canonicalHost, canonicalPattern, isAddress, namesHost } from './hosts.ts';
import { type Match, matchMethod, matchPath } from './paths.ts';
import type { GroupHost, HostEntry, HostRule, NetworkRules } from './rules.ts';

export interface ConnectionIntent {
  /** name or address, in any spelling */
  readonly host: string;
  readonly port: number;
  /** absent: a connection whose requests nobody sees, such as a tunnel; no promise about methods or paths can be kept for it */
  readonly method?: string;
  readonly path?: string;
}

interface Intent extends ConnectionIntent {
  /** verdict on the address, when the host is one */
  readonly address?: Verdict;
}

/** names that mean this machine everywhere (RFC 6761) */
const ownNames = ['localhost', '*.localhost'];

/**
 * Blocks come first, then deny rules, then ask rules; then an allow rule narrows its host to what the host's allow rules say;
 * then the lists and the mode; then `unlisted`. The order of rules never matters. A host that is an address is judged as such
 * and matched by no pattern but itself; in restricted mode it must be named, in `allowed_domains` or in `allowed_cidrs`.
 */
export function judgeConnection(intent: ConnectionIntent, rules: NetworkRules): Verdict {
  if (rules.mode === 'none')
    return deny('mode', 'The profile allows no network; to allow some, set network.mode to "restricted".', 'network.mode');
  const canonical = canonicalHost(intent.host);
  if (!canonical.ok) return deny('bad-host', `This cannot be a host, ${canonical.reason}; check how it is written.`);
  if (!Number.isInteger(intent.port) || intent.port < 1 || intent.port > 65_535)
    return deny('bad-port', 'This is no port; ports are whole numbers from 1 to 65535.');
  if (intent.method !== undefined && !/^[A-Za-z]+(-[A-Za-z]+)*$/.test(intent.method))
    return deny('bad-method', 'This is no HTTP method; write it as in GET.');
  const { host } = canonical;
  const known: Intent = { ...intent, host, ...(isAddress(host) ? { address: judgeAddress(host, rules) } : {}) };
  return blockOf(known, rules) ?? ruledVerdict(known, rules) ?? listedVerdict(known, rules) ?? unlisted(known, rules);
}

function blockOf({ host, port, address }: Intent, rules: NetworkRules): Verdict | undefined {
  const unreadable = [
    ...rules.blocked,
    ...rules.rules.flatMap(({ action, hosts, rule }) => (action === 'allow' ? [] : withRule(hosts, rule))),
  ];
  const bad = unreadable.find((entry) => canonicalPattern(entry.host) === undefined);
  if (bad) return deny('bad-rule', `${bad.rule} names no host, so every host is refused; correct it to a name or "*.domain".`, bad.rule);
  if (ownNames.some((name) => namesHost(name, host)))
    return deny('own-machine', `${host} is this machine itself and stays closed in every profile; use another host.`);
  const blocked = rules.blocked.find((entry) => namesHost(entry.host, host));
  if (blocked) return deny('blocked-host', `${host} is blocked by ${blocked.rule}; to reach it, take it out there.`, blocked.rule);
  const blockedPort = rules.blockedPorts.indexOf(port);
  if (blockedPort >= 0) {
    const rule = `network.blocked_ports[${blockedPort}]`;
    return deny('blocked-port', `Port ${port} is blocked by ${rule}; to reach it, take it out there.`, rule);
  }
  return address?.decision === 'deny' ? address : undefined;
}

function withRule(hosts: readonly GroupHost[], rule: string): readonly HostEntry[] {
  return hosts.map((host) => ({ ...host, rule }));
}

function ruledVerdict(intent: Intent, rules: NetworkRules): Verdict | undefined {
  const naming = rules.rules.flatMap((rule) => {
    const entries = rule.hosts.filter(({ host }) => namesHost(host, intent.host));
    return entries.length === 0 ? [] : [{ rule, match: matchRule(rule, entries, intent, rules) }];
  });
  const refusing = naming.filter(({ rule, match }) => rule.action === 'deny' && match !== 'no');
  const { host } = intent;
  for (const { rule, match } of [...refusing.filter((found) => found.match === 'yes'), ...refusing])
    return match === 'yes'
      ? deny('rule', `${rule.rule} denies this on ${host}; to allow it, change that rule.`, rule.rule)
      : deny(
          'request-unclear',
          `${rule.rule} denies some requests to ${host}, and which request this is cannot be told; ${plainly}.`,
          rule.rule,
        );
  const asking = naming.find(({ rule, match }) => rule.action === 'ask' && match !== 'no')?.rule;
  if (asking)
    return {
      decision: 'ask',
      stage: 'rule',
      reason: `${asking.rule} asks a person about this on ${host}; allow or deny it when asked.`,
      rule: asking.rule,
    };
  const allowing = naming.filter(({ rule }) => rule.action === 'allow');
  const allowed = allowing.find(({ match }) => match === 'yes')?.rule;
  if (allowed) return { decision: 'allow', stage: 'rule', reason: `${allowed.rule} allows this on ${host}.`, rule: allowed.rule };
  const unclear = allowing.find(({ match }) => match === 'unclear')?.rule;
  if (unclear)
    return deny(
      'request-unclear',
      `${unclear.rule} allows some requests to ${host}, and which request this is cannot be told; ${plainly}.`,
      unclear.rule,
    );
  const narrowing = allowing[0]?.rule.rule;
  return narrowing === undefined
    ? undefined
    : deny('narrowed', `${host} is allowed for other requests only, by ${narrowing}; to allow this, add an allow rule for it.`, narrowing);
}

const plainly = 'say its method, and its path without encoded slashes';

/** `entries`: the rule's hosts that stand for the intent's host. A deny rule without ports is about every port, any other about the allowed ones. */
function matchRule(rule: HostRule, entries: readonly GroupHost[], { port, method, path }: Intent, rules: NetworkRules): Match {
  const onPort = (entry: GroupHost): boolean => {
    if (rule.ports !== undefined) return rule.ports.includes(port);
    return rule.action === 'deny' || isOpenPort(entry, port, rules);
  };
  if (!entries.some(onPort)) return 'no';
  const parts: Match[] = [];
  if (rule.methods !== undefined) parts.push(matchMethod(rule.methods, method));
  if (rule.paths !== undefined) {
    const matches = rule.paths.map((pattern) => matchPath(pattern, path));
    parts.push(matches.find((match) => match === 'yes') ?? matches.find((match) => match === 'unclear') ?? 'no');
  }
  return parts.find((part) => part === 'no') ?? parts.find((part) => part === 'unclear') ?? 'yes';
}

/** In full mode every port that is not blocked is an allowed port; blocked ones never come this far. */
function isOpenPort(entry: GroupHost, port: number, { mode, allowedPorts }: NetworkRules): boolean {
  return mode === 'full' || (entry.ports ?? allowedPorts).includes(port);
}

function listedVerdict({ host, port, address }: Intent, rules: NetworkRules): Verdict | undefined {
  if (rules.mode === 'full')
    return { decision: 'allow', stage: 'mode', reason: 'The profile allows every host that is not blocked.', rule: 'network.mode' };
  const naming = rules.allowed.filter((entry) => namesHost(entry.host, host));
  const listed = naming.find((entry) => isOpenPort(entry, port, rules));
  if (listed) return { decision: 'allow', stage: 'allowed-host', reason: `${host} is allowed by ${listed.rule}.`, rule: listed.rule };
  if (address?.rule !== undefined && rules.allowedPorts.includes(port)) return address;
  return undefined;
}

function unlisted({ host, port, address }: Intent, rules: NetworkRules): Verdict {
  const named = address?.rule ?? rules.allowed.find((entry) => namesHost(entry.host, host))?.rule;
  const what = named === undefined ? `Nothing lists ${host}` : `${host} is listed, but not on port ${port}`;
  if (rules.unlisted === 'ask')
    return {
      decision: 'ask',
      stage: 'unlisted',
      reason: `${what}, so a person is asked; allow or deny it when asked.`,
      rule: 'network.unlisted',
    };
  const advice = named === undefined ? `add it to network.allowed_domains` : `add the port to network.allowed_ports or write a rule`;
  return deny('unlisted', `${what}; to allow it, ${advice}.`, 'network.unlisted');
}

function deny(stage: string, reason: string, rule?: string): Verdict {
  return { decision: 'deny', stage, reason, ...(rule === undefined ? {} : { rule }) };
}
