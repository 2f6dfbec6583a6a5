/**
 * Which addresses may be connected to. Every address a name resolves to is judged here, also those hidden inside IPv6
 * addresses, and some are closed whatever a profile says. Pure; resolves nothing.
 */
import type { Verdict } from '../../protocol/verdict.ts';
import { type Address, type AddressRange, addressText, inRange, parseAddress, parseRange } from './address-numbers.ts';
import type { NetworkRules } from './rules.ts';

/** closed whatever a profile says: this machine, its link, groups of machines, and services that hand out credentials */
const floor: readonly (readonly [ranges: string, what: string])[] = [
  ['0.0.0.0/8 ::/128', 'no address of a machine'],
  ['127.0.0.0/8 ::1/128', 'this machine itself'],
  ['169.254.0.0/16 fe80::/10 fec0::/10', 'a link-local address, where clouds keep their metadata services'],
  ['224.0.0.0/4 255.255.255.255/32 ff00::/8', 'an address of many machines at once'],
  ['100.100.100.200/32 168.63.129.16/32 192.0.0.192/32', 'a cloud’s metadata service'],
  ['fd00:ec2::/32 fd20:ce::254/128 fd00:c1::a9fe:a9fe/128 fd00:42::42/128', 'a cloud’s metadata service'],
];

/**
 * closed unless a profile names them. Ranges kept for documentation lead nowhere and are left as they are; of IPv6 all
 * that is not global unicast is closed.
 */
const closed: readonly (readonly [ranges: string, what: string])[] = [
  ['10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7', 'a private address'],
  ['100.64.0.0/10', 'an address inside a provider’s network'],
  ['192.0.0.0/24 198.18.0.0/15 240.0.0.0/4 64:ff9b:1::/48', 'an address for special purposes'],
  ['::/3 4000::/2 8000::/1', 'no public address'],
];

/** IPv6 addresses that are only another way to write the IPv4 address in their last 32 bits: compatible, translated, NAT64 */
const rewritten = ['::/96', '::ffff:0:0:0/96', '64:ff9b::/96'].flatMap((text) => parseRange(text) ?? []);

interface Named {
  readonly range: AddressRange;
  readonly what: string;
  readonly rule?: string;
}

const floorRanges = named(floor);
const closedRanges = named(closed);

/**
 * Whether a connection may be made to an address. Closed ranges of the profile and built-in ones count alike: the address is
 * open when the narrowest of `allowed_cidrs` around it is narrower than, or equal to, every closed range around it. So
 * allowing 10.20.0.0/16 opens it although 10.0.0.0/8 is blocked by default, blocking 10.20.30.0/24 closes that part again, and
 * allowing 0.0.0.0/0 opens nothing private. An allowed address has `rule` when `allowed_cidrs` names it.
 * @param address as a resolver writes it, or canonical; anything else is refused
 */
export function judgeAddress(address: string, rules: Pick<NetworkRules, 'allowedRanges' | 'blockedRanges'>): Verdict {
  const parsed = parseAddress(address);
  if (parsed === undefined) return deny('address-unreadable', 'This is no Internet address; check how it is written.');
  const broken = rules.blockedRanges.findIndex((text) => parseRange(text) === undefined);
  if (broken >= 0) {
    const rule = `network.blocked_cidrs[${broken}]`;
    return deny('bad-rule', `${rule} is no address range, so every address is refused; correct it, as in 10.0.0.0/8.`, rule);
  }
  const verdicts = facesOf(parsed).map((face) => judgeOne(face, rules));
  const refused = verdicts.find(({ decision }) => decision === 'deny');
  return refused ?? verdicts[0] ?? deny('address-unreadable', 'This is no Internet address; check how it is written.');
}

function judgeOne({ address, direct }: Face, rules: Pick<NetworkRules, 'allowedRanges' | 'blockedRanges'>): Verdict {
  const text = addressText(address);
  const fixed = narrowest(address, floorRanges);
  if (fixed && direct) return deny('address-floor', `${text} is ${fixed.what} and stays closed in every profile; use another host.`);
  const blocks = [...listed(rules.blockedRanges, 'blocked_cidrs'), ...(direct ? closedRanges : [])];
  const block = narrowest(address, blocks);
  const allow = narrowest(address, listed(rules.allowedRanges, 'allowed_cidrs'));
  if (allow && (block === undefined || allow.range.prefix >= block.range.prefix))
    return { decision: 'allow', reason: `${text} is in ${allow.what}.`, stage: 'address-allowed', ...ruleOf(allow) };
  if (block === undefined) return { decision: 'allow', reason: `${text} is a public address.`, stage: 'address-public' };
  const advice = 'to allow it, name it or a narrower range in network.allowed_cidrs';
  if (block.rule === undefined) return deny('address-closed', `${text} is ${block.what}; ${advice}.`);
  return deny('address-blocked', `${text} is in ${block.what}; ${advice}.`, block.rule);
}

interface Face {
  readonly address: Address;
  /** false for an address that only wraps another one, which is judged for itself */
  readonly direct: boolean;
}

/** The address as it is and the IPv4 addresses it carries: translations, 6to4 (RFC 3056), Teredo (RFC 4380), ISATAP (RFC 5214). */
function facesOf(address: Address): readonly Face[] {
  const { bits, value } = address;
  if (bits === 32 || value < 2n) return [{ address, direct: true }];
  const inner = (number: bigint): Face => ({ address: { bits: 32, value: number & 0xffff_ffffn }, direct: true });
  if (rewritten.some((range) => inRange(address, range))) return [inner(value), { address, direct: false }];
  const faces: Face[] = [{ address, direct: true }];
  if (value >> 112n === 0x2002n) faces.push(inner(value >> 80n));
  if (value >> 96n === 0x2001_0000n) faces.push(inner(value >> 64n), inner(~value));
  if (((value >> 32n) & 0xfdff_ffffn) === 0x5efen) faces.push(inner(value));
  return faces;
}

function narrowest(address: Address, among: readonly Named[]): Named | undefined {
  return among
    .filter(({ range }) => inRange(address, range))
    .reduce<Named | undefined>((best, next) => (best && best.range.prefix >= next.range.prefix ? best : next), undefined);
}

function listed(ranges: readonly string[], key: string): readonly Named[] {
  return ranges.flatMap((text, index) => {
    const range = parseRange(text);
    const rule = `network.${key}[${index}]`;
    return range ? [{ range, what: `${text} (${rule})`, rule }] : [];
  });
}

function named(table: typeof floor): readonly Named[] {
  return table.flatMap(([texts, what]) =>
    texts
      .split(' ')
      .flatMap((text) => parseRange(text) ?? [])
      .map((range) => ({ range, what })),
  );
}

const ruleOf = ({ rule }: Named): { readonly rule?: string } => (rule === undefined ? {} : { rule });

function deny(stage: string, reason: string, rule?: string): Verdict {
  return { decision: 'deny', stage, reason, ...(rule === undefined ? {} : { rule }) };
}
