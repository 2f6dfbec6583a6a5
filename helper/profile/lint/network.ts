/** `[network]` as a whole: keys that its mode makes pointless, ports on both lists, address ranges that are none. */
import { addressText, parseRange } from '../../policy/network/address-numbers.ts';
import type { Finding } from '../../protocol/finding.ts';
import { type LintSubject, itemsAt, knew, noEffect, placeText, remark, textsAt, treeAt } from './subject.ts';

export function networkFindings(subject: LintSubject): readonly Finding[] {
  return [...modeFindings(subject), ...portFindings(subject)];
}

function modeFindings(subject: LintSubject): readonly Finding[] {
  const { tree, profile } = subject;
  const { mode, allowed_domains: allowed, rules, unlisted } = profile.network;
  const said = treeAt(tree, ['network', 'mode']);
  const because = `network.mode is "${mode}"`;
  const useless = (key: string): readonly Finding[] => {
    const place = treeAt(tree, ['network', key]);
    if (place === undefined || (place.kind === 'list' && place.items.length === 0)) return [];
    // What a base lists and a later file makes pointless is no mistake.
    return said !== undefined && knew(subject, place.origin, said.origin) ? noEffect(subject, ['network', key], because, said) : [];
  };
  switch (mode) {
    case 'none':
      return ['allowed_domains', 'blocked_domains', 'rules', 'unlisted'].flatMap(useless);
    case 'full':
      return ['allowed_domains', 'unlisted'].flatMap(useless);
    case 'restricted': {
      const place = treeAt(tree, allowedKey) ?? said;
      const closed = allowed.length === 0 && unlisted === 'deny' && !rules.some(({ action }) => action !== 'deny');
      if (!closed || profile.network.allowed_cidrs.length > 0) return [];
      return remark(place, allowedKey, {
        severity: 'warning',
        code: 'nothing-reachable',
        message: 'Nothing can be reached: network.mode is "restricted" and no host is allowed',
        hint: 'Allow hosts, or say network.mode = "none".',
        fixes: [said === undefined ? undefined : subject.edits.replaced('Use mode = "none"', said.origin.value, '"none"')].filter(
          () => place === said,
        ),
      });
    }
    default:
      return mode satisfies never;
  }
}

const allowedKey = ['network', 'allowed_domains'] as const;

function portFindings(subject: LintSubject): readonly Finding[] {
  const { tree, profile, edits } = subject;
  const { allowed_ports: allowed, blocked_ports: blocked } = profile.network;
  const allowedSet = new Set(allowed);
  const both = new Set(blocked.filter((port) => allowedSet.has(port)));
  const places = (key: string): ReadonlyMap<unknown, ReturnType<typeof itemsAt>[number]> =>
    new Map(itemsAt(tree, ['network', key]).map((item) => [item.leaf.value, item]));
  const [opened, closed] = [places('allowed_ports'), places('blocked_ports')];
  return [...both].flatMap((port) => {
    const [open, close] = [opened.get(port), closed.get(port)];
    const written = open ?? close;
    if (written === undefined) return [];
    const other = written === open ? close : undefined;
    if (other && !knew(subject, written.leaf.origin, other.leaf.origin)) return [];
    const where = other === undefined ? 'by default' : placeText(other.leaf, written.leaf);
    const [here, there] = written === open ? ['allowed', 'blocked'] : ['blocked', 'allowed'];
    return remark(written.leaf, written.path, {
      severity: 'warning',
      code: 'port-allowed-and-blocked',
      message: `Port ${port} is ${here} here and ${there} ${where}, and blocking wins`,
      hint: `Take it out, or add "!${port}" to the other list.`,
      fixes: [edits.itemRemoved(`Remove ${port}`, written.leaf.origin.file, written.leaf.origin.value)],
    });
  });
}

/** Ranges that are none, or not what they seem. */
export function rangeFindings({ tree, edits }: LintSubject): readonly Finding[] {
  return ['allowed_cidrs', 'blocked_cidrs'].flatMap((key) =>
    textsAt(tree, ['network', key]).flatMap(({ leaf, path, text }) => {
      const range = parseRange(text);
      if (range === undefined)
        return remark(leaf, path, {
          severity: 'error',
          code: 'bad-range',
          message: `${JSON.stringify(text)} is no range of addresses`,
          hint: 'Write an address and how many of its leading bits count, such as 10.20.0.0/16.',
        });
      const { first, prefix } = range;
      const shift = BigInt(first.bits - prefix);
      const plain = `${addressText({ bits: first.bits, value: (first.value >> shift) << shift })}/${prefix}`;
      if (prefix === 0 && key === 'allowed_cidrs')
        return remark(leaf, path, {
          severity: 'warning',
          code: 'everything-allowed',
          message: `${text} is every public address`,
          hint: 'List the ranges that are needed.',
        });
      if (text === plain || !text.includes('/') || (first.value >> shift) << shift === first.value) return [];
      return remark(leaf, path, {
        severity: 'warning',
        code: 'host-bits',
        message: `${JSON.stringify(text)} is read as ${JSON.stringify(plain)}: only the first ${prefix} bits count`,
        hint: 'Write the range, or one address without "/".',
        fixes: [edits.replaced(`Use ${JSON.stringify(plain)}`, leaf.origin.value, JSON.stringify(plain))],
      });
    }),
  );
}
