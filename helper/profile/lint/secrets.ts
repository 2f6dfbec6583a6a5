/** `[secrets.NAME]`: secrets that can go nowhere, that can go anywhere, or that are written down. A value is never repeated. */
import type { Finding } from '../../protocol/finding.ts';
import { HostIndex, hostPlaces } from './host-index.ts';
import { allowedPath, blockedPath } from './hosts.ts';
import { type LintSubject, type TextItem, placeText, remark, textsAt, treeAt } from './subject.ts';

export function secretFindings(subject: LintSubject): readonly Finding[] {
  const { profile, tree } = subject;
  const names = Object.keys(profile.secrets);
  const [first] = names;
  if (first === undefined) return [];
  const reach = reachOf(subject);
  const open = treeAt(tree, ['network', 'mode']);
  const holder = treeAt(tree, ['secrets', first]);
  const everywhere =
    profile.network.mode !== 'full' || open === undefined || holder === undefined
      ? []
      : remark(open, ['network', 'mode'], {
          severity: 'warning',
          code: 'secrets-in-full-network',
          message: `With the whole network open, what an agent gets by using a secret (${first} ${placeText(holder, open)}) can be sent to any host`,
          hint: 'Use mode = "restricted" with the hosts that are needed.',
          fixes: [subject.edits.replaced('Use mode = "restricted"', open.origin.value, '"restricted"')],
        });
  return [
    ...everywhere,
    ...names.flatMap((name) => [...boundFindings(name, reach, subject), ...sourceFindings(name, subject)]),
    ...variableFindings(names, subject),
  ];
}

function boundFindings(name: string, reach: (item: TextItem) => string | undefined, { tree, profile }: LintSubject): readonly Finding[] {
  const path = ['secrets', name];
  const place = treeAt(tree, [...path, 'hosts']) ?? treeAt(tree, path);
  if ((profile.secrets[name]?.hosts.length ?? 0) === 0)
    return remark(place, [...path, 'hosts'], {
      severity: 'warning',
      code: 'secret-without-host',
      message: `The secret ${name} is bound to no host, so every request that carries it is refused`,
      hint: 'Add hosts = ["…"] with the hosts it may be sent to.',
      onKey: true,
    });
  return textsAt(tree, [...path, 'hosts']).flatMap((item) => {
    const why = reach(item);
    if (why === undefined) return [];
    return remark(item.leaf, item.path, {
      severity: 'warning',
      code: 'secret-unreachable',
      message: `The secret ${name} is bound to ${JSON.stringify(item.text)}, ${why}`,
      hint: 'Allow the host in network.allowed_domains, or bind the secret to one that is allowed.',
    });
  });
}

/** Why none of an entry's hosts can be reached, or undefined when one can. */
function reachOf({ profile, tree, groups }: LintSubject): (item: TextItem) => string | undefined {
  const { mode, unlisted, rules } = profile.network;
  const ruled = rules.flatMap(({ host, action }, index): TextItem[] => {
    const path = ['network', 'rules', index, 'host'];
    const leaf = treeAt(tree, path);
    return leaf?.kind === 'leaf' && action !== 'deny' ? [{ leaf, path, text: host }] : [];
  });
  const blocks = new HostIndex(hostPlaces(textsAt(tree, blockedPath), groups));
  const opens = new HostIndex(hostPlaces([...textsAt(tree, allowedPath), ...ruled], groups));
  return (item) => {
    if (mode === 'none') return 'and network.mode is "none"';
    const hosts = hostPlaces([item], groups);
    // What cannot be read has a finding of its own.
    if (hosts.length === 0) return undefined;
    const free = hosts.filter(({ pattern }) => blocks.covering(pattern).length === 0);
    if (free.length === 0) return 'which network.blocked_domains closes';
    if (mode === 'full' || unlisted === 'ask' || free.some(({ pattern }) => opens.meets(pattern))) return undefined;
    return 'which the network does not allow';
  };
}

/** A variable can hold one placeholder, or one value. */
function variableFindings(names: readonly string[], { profile, tree }: LintSubject): readonly Finding[] {
  const taken = new Map(Object.keys(profile.extra_env).map((name) => [name, treeAt(tree, ['extra_env', name])]));
  return names.flatMap((name) => {
    const path = ['secrets', name, 'env'];
    const place = treeAt(tree, path);
    const variable = profile.secrets[name]?.env;
    if (place === undefined || variable === undefined) return [];
    const earlier = taken.get(variable);
    taken.set(variable, earlier ?? place);
    if (earlier === undefined) return [];
    return remark(place, path, {
      severity: 'warning',
      code: 'duplicate',
      message: `The variable ${variable} is set ${placeText(earlier, place)} already, and it can hold one value only`,
      hint: 'Use another variable.',
    });
  });
}

/** beginnings of tokens that well-known services give out */
const token = /^(gh[pousr]_|github_pat_|glpat-|sk-|xox[abprs]-|AKIA|ASIA|npm_|pypi-|AIza|eyJ[A-Za-z0-9_-]+\.)/;

function sourceFindings(name: string, { profile, tree }: LintSubject): readonly Finding[] {
  const from = profile.secrets[name]?.from ?? '';
  const [, kind = '', rest = ''] = /^([a-z]+):(.*)$/s.exec(from) ?? [];
  const words = kind === 'command' ? rest.split(/[\s'"=]+/) : [rest];
  if (!words.some(looksLikeValue)) return [];
  return remark(treeAt(tree, ['secrets', name, 'from']), ['secrets', name, 'from'], {
    severity: 'warning',
    code: 'secret-value',
    message: `The source of ${name} looks like the secret itself, and profiles are shared and recorded`,
    hint: 'Put the value into an environment variable, a keyring or a file, say where it is, and replace the secret.',
  });
}

/** A well-known token, or long with digits and letters of both cases without a break, as only generated texts are. */
function looksLikeValue(word: string): boolean {
  if (token.test(word)) return word.length >= 12;
  return /^[A-Za-z0-9+/_=-]{32,}$/.test(word) && /\d.*\d/.test(word) && /[a-z]/.test(word) && /[A-Z]/.test(word) && !/[/_-]/.test(word);
}
