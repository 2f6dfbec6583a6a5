/** Internet addresses and ranges of them as numbers, so that "lies in" is arithmetic. Strict: what has two readings is no address. */

export interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

export interface AddressRange {
  readonly first: Address;
  /** leading bits that count, 0 to `bits` */
  readonly prefix: number;
}

const mappedPrefix = 0xffffn << 32n;
const low32 = 0xffff_ffffn;

/**
 * An address as a resolver writes it: IPv4 in four decimal numbers without leading zeros, IPv6 as in RFC 4291 without brackets or
 * zone. An IPv4-mapped IPv6 address is the IPv4 address. Undefined for everything else; the text may be hostile.
 */
export function parseAddress(text: string): Address | undefined {
  if (text.length > 45) return undefined;
  if (!text.includes(':')) {
    const value = ipv4Value(text);
    return value === undefined ? undefined : { bits: 32, value };
  }
  const value = ipv6Value(text);
  if (value === undefined) return undefined;
  return value >> 32n === mappedPrefix >> 32n ? { bits: 32, value: value & low32 } : { bits: 128, value };
}

/** The one way an address is written: dotted decimal, or compressed as in RFC 5952. */
export function addressText({ bits, value }: Address): string {
  if (bits === 32) return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 0xffn)).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => Number((value >> BigInt(112 - index * 16)) & 0xffffn));
  let best = { start: -1, length: 1 };
  let start = 0;
  groups.forEach((group, index) => {
    if (group !== 0) start = index + 1;
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start };
  });
  const written = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  if (best.start < 0) return written(groups);
  return `${written(groups.slice(0, best.start))}::${written(groups.slice(best.start + best.length))}`;
}

/** `10.0.0.0/8`, or one address; bits after the prefix do not matter. Undefined when it is no range. */
export function parseRange(text: string): AddressRange | undefined {
  const [, before = '', digits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const first = parseAddress(before);
  if (first === undefined) return undefined;
  // A mapped address has lost its first 96 bits.
  const written = before.includes(':') ? 128 : 32;
  const given = digits === undefined ? written : Number(digits);
  const prefix = given - (written - first.bits);
  return given > written || prefix < 0 ? undefined : { first, prefix };
}

export function inRange({ bits, value }: Address, { first, prefix }: AddressRange): boolean {
  const shift = BigInt(bits - prefix);
  return bits === first.bits && value >> shift === first.value >> shift;
}

function ipv4Value(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return undefined;
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function ipv6Value(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [left, right] = halves.map((half, index) => groupsOf(half, index === halves.length - 1));
  if (left === undefined || (halves.length === 2 && right === undefined)) return undefined;
  const missing = 8 - left.length - (right?.length ?? 0);
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...left, ...Array<bigint>(missing).fill(0n), ...(right ?? [])];
  return groups.reduce((value, group) => (value << 16n) | group, 0n);
}

/** Groups of 16 bits; the last may be an IPv4 address where the text ends. */
function groupsOf(text: string, last: boolean): readonly bigint[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const groups: bigint[] = [];
  for (const [index, part] of parts.entries()) {
    const dotted = last && index === parts.length - 1 && part.includes('.') ? ipv4Value(part) : undefined;
    if (dotted !== undefined) groups.push(dotted >> 16n, dotted & 0xffffn);
    else if (/^[0-9A-Fa-f]{1,4}$/.test(part)) groups.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return groups;
}
