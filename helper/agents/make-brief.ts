/** Makes the one brief all dialects are written from out of a policy. Pure and total; what a dialect cannot say is not its matter. */
import type { CommandRules } from '../policy/commands/rules.ts';
import { hostMatches } from '../policy/network/hosts.ts';
import type { HostGroups, NetworkRules } from '../policy/network/rules.ts';
import type { Policy } from '../policy/policy.ts';
import type { ArgumentRule, Brief } from './brief.ts';

/** @param groups hosts of the groups a profile may name */
export function briefOf(policy: Policy, groups: HostGroups): Brief {
  const { commands, files, profile, mode, rules, workspaceWritable } = policy;
  return {
    profile: { name: profile.name, digest: profile.digest ?? '', mode },
    commands: {
      denied: commands.list === 'blacklist' ? unique(commands.blacklist) : [],
      deniedArguments: argumentsOf(commands.blockedArguments, 'blocked_args'),
      asked: argumentsOf(commands.askedArguments, 'ask_args'),
      allowed: allowedOf(commands),
      workspaceOnly: unique(commands.workspaceOnly),
      operators: commands.shellOperators,
    },
    files: { writable: workspaceWritable, hidden: unique(files.hidden), readonly: unique(files.readonly), guarded: unique(files.guarded) },
    network: networkOf(policy.network, groups),
    rules,
  };
}

function argumentsOf(table: ReadonlyMap<string, readonly string[]>, key: string): readonly ArgumentRule[] {
  return [...table].flatMap(([program, patterns]) =>
    patterns.map((pattern, index): ArgumentRule => {
      const words = pattern
        .split(/\s+/)
        .filter((word) => word !== '')
        .join(' ');
      return { program, words: words === '*' ? '' : words, rule: `commands.${key}.${program}[${index}]` };
    }),
  );
}

/** What passes both the list and the mode; null where neither is a list of what may run. */
function allowedOf({ mode, list, whitelist, blacklist, observeWhitelist, assistWhitelist }: CommandRules): readonly string[] | null {
  const byMode = mode === 'autonomous' ? null : mode === 'observe' ? observeWhitelist : assistWhitelist;
  if (list === 'whitelist') return unique(byMode === null ? whitelist : byMode.filter((name) => whitelist.includes(name)));
  return byMode === null ? null : unique(byMode.filter((name) => !blacklist.includes(name)));
}

function networkOf({ mode, allowed, blocked, rules, unlisted }: NetworkRules, groups: HostGroups): Brief['network'] {
  const named = (action: 'allow' | 'deny'): readonly string[] =>
    rules.filter((rule) => rule.action === action && isPlain(rule)).flatMap(({ hosts }) => hosts.map(({ host }) => host));
  const open = mode === 'restricted' ? unique([...allowed.map(({ host }) => host), ...named('allow')]) : [];
  const closed = unique([...blocked.map(({ host }) => host), ...named('deny')]);
  const reached = (host: string): boolean =>
    mode !== 'none' &&
    (mode === 'full' || open.includes(host) || open.some((pattern) => hostMatches(pattern, host))) &&
    !closed.includes(host);
  return {
    mode,
    allowed: open,
    blocked: closed,
    finer: rules.filter((rule) => !isPlain(rule)).map(({ rule }) => rule),
    asksUnlisted: mode === 'restricted' && unlisted === 'ask',
    groups: Object.keys(groups).filter((name) => (groups[name] ?? []).every(({ host }) => reached(host))),
  };
}

/** Whether a rule is about whole hosts, and so can stand in a list of them. */
const isPlain = ({ ports, methods, paths, action }: NetworkRules['rules'][number]): boolean =>
  action !== 'ask' && ports === undefined && methods === undefined && paths === undefined;

const unique = (names: readonly string[]): readonly string[] => [...new Set(names)];
