/** Lists of hosts: names that are none, groups nobody knows, hosts that are both allowed and blocked, entries that add nothing. */
import { canonicalHost, isAddress } from '../../policy/network/hosts.ts';
import type { Finding } from '../../protocol/finding.ts';
import { nearestName } from '../nearest.ts';
import { HostIndex, type HostPlace, hostPlaces, isPlain } from './host-index.ts';
import { type LintSubject, type TextItem, knew, placeText, remark, textsAt, treeAt } from './subject.ts';

export const allowedPath = ['network', 'allowed_domains'] as const;
export const blockedPath = ['network', 'blocked_domains'] as const;

export function hostFindings(subject: LintSubject): readonly Finding[] {
  const { tree, groups } = subject;
  const allowed = textsAt(tree, allowedPath);
  const blocked = textsAt(tree, blockedPath);
  const blocks = new HostIndex(hostPlaces(blocked, groups));
  return [
    ...[...allowed, ...blocked, ...otherHosts(subject)].flatMap((item) => nameFindings(item, subject)),
    ...allowed.flatMap((item) => blockedFindings(item, blocks, subject)),
    ...coveredFindings(allowed, subject),
    ...coveredFindings(blocked, subject),
  ];
}

/** Hosts outside the two lists: of rules and of secrets. */
function otherHosts({ tree, profile }: LintSubject): readonly TextItem[] {
  const ruled = profile.network.rules.flatMap((_, index) => {
    const path = ['network', 'rules', index, 'host'];
    const leaf = treeAt(tree, path);
    return leaf?.kind === 'leaf' && typeof leaf.value === 'string' ? [{ leaf, path, text: leaf.value }] : [];
  });
  return [...ruled, ...Object.keys(profile.secrets).flatMap((name) => textsAt(tree, ['secrets', name, 'hosts']))];
}

function nameFindings({ leaf, path, text }: TextItem, { groups, edits }: LintSubject): readonly Finding[] {
  const use = (host: string): ReturnType<typeof edits.replaced> =>
    edits.replaced(`Use ${JSON.stringify(host)}`, leaf.origin.value, JSON.stringify(host));
  if (text.startsWith('@')) {
    if (Object.hasOwn(groups, text.slice(1))) return [];
    const near = nearestName(text.slice(1), Object.keys(groups));
    const known = Object.keys(groups).map((name) => `@${name}`);
    const hint = near === undefined ? `Groups: ${known.join(', ')}.` : `Did you mean "@${near}"?`;
    const message = `There is no group of hosts ${JSON.stringify(text)}`;
    return remark(leaf, path, {
      severity: 'error',
      code: 'unknown-group',
      message,
      hint,
      fixes: near === undefined ? [] : [use(`@${near}`)],
    });
  }
  if (text === '*') return everyHost({ leaf, path, text });
  if (isPlain(text)) return [];
  const name = text.startsWith('*.') ? text.slice(2) : text;
  const canonical = canonicalHost(name);
  if (!canonical.ok || name.includes('*') || (name !== text && isAddress(canonical.host))) {
    const reason = canonical.ok ? '"*" may only stand alone in front, as in "*.corp.example"' : canonical.reason;
    const hint = 'Write a host name, or "*." and a domain.';
    return remark(leaf, path, { severity: 'error', code: 'not-a-host', message: `${JSON.stringify(text)} names no host: ${reason}`, hint });
  }
  if (isAddress(canonical.host)) {
    const message = `${JSON.stringify(text)} is an address, and hosts are listed by name`;
    const hint = path[1] === 'blocked_domains' ? 'Addresses belong in blocked_cidrs.' : 'Addresses belong in allowed_cidrs.';
    return remark(leaf, path, { severity: 'warning', code: 'address-not-name', message, hint });
  }
  if (name === canonical.host) return [];
  const plain = text.startsWith('*.') ? `*.${canonical.host}` : canonical.host;
  const message = `${JSON.stringify(text)} is read as ${JSON.stringify(plain)}`;
  return remark(leaf, path, { severity: 'information', code: 'host-spelling', message, hint: 'Write it that way.', fixes: [use(plain)] });
}

/** Every host is a slip where hosts are allowed, and meant where they are denied. */
function everyHost({ leaf, path }: TextItem): readonly Finding[] {
  const said = { severity: 'warning', code: 'every-host' } as const;
  if (path[0] === 'secrets')
    return remark(leaf, path, {
      ...said,
      message: `The secret ${String(path[1])} is bound to every host, so an agent can send it anywhere the network reaches`,
      hint: 'Name the hosts that need it.',
    });
  if (path[1] !== 'allowed_domains') return [];
  const message = '"*" stands for every host, so nothing is restricted';
  return remark(leaf, path, { ...said, message, hint: 'Name the hosts that are needed, or say network.mode = "full" so that it shows.' });
}

function blockedFindings(item: TextItem, blocks: HostIndex<HostPlace>, subject: LintSubject): readonly Finding[] {
  if (blocks.isEmpty) return [];
  const hosts = hostPlaces([item], subject.groups);
  const hits = hosts.flatMap(({ pattern }) => blocks.covering(pattern).slice(0, 1));
  const block = hits[0]?.leaf;
  // Who blocks what a base allows knows what they do.
  if (block === undefined || !knew(subject, item.leaf.origin, block.origin)) return [];
  const whole = hits.length === hosts.length;
  const what = whole ? JSON.stringify(item.text) : `A host of ${JSON.stringify(item.text)}`;
  return remark(item.leaf, item.path, {
    severity: whole ? 'warning' : 'information',
    code: 'allowed-and-blocked',
    message: `${what} is allowed here and blocked ${placeText(block, item.leaf)}, and blocking wins`,
    hint: 'Take one of them out.',
    fixes: [
      whole ? subject.edits.itemRemoved('Do not allow it', item.leaf.origin.file, item.leaf.origin.value) : undefined,
      block.origin.file === item.leaf.origin.file
        ? subject.edits.itemRemoved(`Do not block ${JSON.stringify(block.value)}`, block.origin.file, block.origin.value)
        : undefined,
    ],
  });
}

function coveredFindings(items: readonly TextItem[], subject: LintSubject): readonly Finding[] {
  const places = hostPlaces(items, subject.groups);
  const index = new HostIndex(places);
  return places.flatMap((place) => {
    if (place.text.startsWith('@')) return [];
    const wider = index.covering(place.pattern).find(({ leaf, pattern, text }) => {
      if (leaf === place.leaf || !knew(subject, place.leaf.origin, leaf.origin)) return false;
      // Of two spellings of one host the later is the one too many.
      return (
        pattern !== place.pattern ||
        text.startsWith('@') ||
        leaf.origin.file !== place.leaf.origin.file ||
        placeNumber(leaf) < placeNumber(place.leaf)
      );
    });
    if (wider === undefined) return [];
    const { file, value } = place.leaf.origin;
    return remark(place.leaf, place.path, {
      severity: 'information',
      code: 'covered',
      message: `${JSON.stringify(place.text)} adds nothing: ${JSON.stringify(wider.text)} ${placeText(wider.leaf, place.leaf)} stands for it`,
      hint: 'Take it out.',
      fixes: [subject.edits.itemRemoved('Remove it', file, value)],
    });
  });
}

const placeNumber = ({ origin: { value } }: HostPlace['leaf']): number => value.start.line * 100_000 + value.start.character;
