/**
 * Host names: the one way each is written, and the patterns that stand for several. Names come from inside a sandbox and may be
 * hostile; what has two readings is no host. Nothing is ever resolved here.
 */
import { addressText, parseAddress } from './address-numbers.ts';

export type CanonicalHost = { readonly ok: true; readonly host: string } | { readonly ok: false; readonly reason: string };

/** longest text that is looked at, in UTF-16 code units; a name in DNS has 253 bytes at most */
const textLimit = 1024;
const label = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
/** most names by far, which are canonical already; one that ends in a label beginning with a letter is no address */
const plainName = new RegExp(`^(?=.{1,253}$)(?!.*xn--)(?:${label}\\.)*(?=[a-z])${label}$`);
const labels = new RegExp(`^${label}(?:\\.${label})*$`);
const refusal = (reason: string): CanonicalHost => ({ ok: false, reason });

/**
 * A host as it is compared: lower case, without the root's dot, international names in punycode (UTS 46 as browsers do it),
 * addresses in any base as `addressText` writes them, IPv6 without brackets. Canonical hosts are their own canonical form.
 */
export function canonicalHost(text: string): CanonicalHost {
  if (text === '') return refusal('it is empty');
  if (text.length > textLimit) return refusal('it is too long');
  if (plainName.test(text)) return { ok: true, host: text };
  // URL parsers drop tabs and line ends silently, so what they would drop is refused first.
  if (/[\0-\x20\x7f]/.test(text)) return refusal('it contains a space or control character');
  if (/[%@/\\?#<>^|]/.test(text)) return refusal('it contains a character that no host has');
  if (/[[\]:]/.test(text)) return ipv6Host(text);
  if (!URL.canParse(`http://${text}/`)) return refusal('it is no valid host name');
  const { hostname } = new URL(`http://${text}/`);
  const host = hostname.endsWith('.') ? hostname.slice(0, -1) : hostname;
  if (host.length > 253) return refusal('it is too long');
  return labels.test(host) ? { ok: true, host } : refusal('it is no valid host name');
}

function ipv6Host(text: string): CanonicalHost {
  const bare = /^\[(.*)\]$/.exec(text)?.[1] ?? text;
  const address = bare.includes(':') ? parseAddress(bare) : undefined;
  return address === undefined ? refusal('it is no valid host name or address') : { ok: true, host: addressText(address) };
}

/** Whether a canonical host is an address and no name. */
export const isAddress = (host: string): boolean => parseAddress(host) !== undefined;

/**
 * A pattern as it is compared: `*` for every name, `*.x` for every name below x and not x itself, else one host; undefined for
 * what is none of these. Addresses are covered by no `*`.
 */
export function canonicalPattern(text: string): string | undefined {
  if (text === '*') return text;
  const wild = text.startsWith('*.');
  const canonical = canonicalHost(wild ? text.slice(2) : text);
  if (!canonical.ok || (wild && isAddress(canonical.host))) return undefined;
  return wild ? `*.${canonical.host}` : canonical.host;
}

/** Whether the pattern stands for the host. Neither needs to be canonical; what cannot be read matches nothing. */
export function hostMatches(pattern: string, host: string): boolean {
  const canonical = canonicalHost(host);
  return canonical.ok && namesHost(pattern, canonical.host);
}

/** The same for a host that is canonical already. */
export function namesHost(pattern: string, host: string): boolean {
  const wide = canonicalPattern(pattern);
  return wide !== undefined && covers(wide, host);
}

/** Whether every host `inner` stands for is one that `outer` stands for. What cannot be read covers nothing and is covered by nothing. */
export function patternCovers(outer: string, inner: string): boolean {
  const [wide, narrow] = [canonicalPattern(outer), canonicalPattern(inner)];
  return wide !== undefined && narrow !== undefined && covers(wide, narrow);
}

/** Of canonical patterns, or of a canonical pattern and a canonical host. */
function covers(wide: string, narrow: string): boolean {
  if (wide === narrow) return true;
  return (wide === '*' || (wide.startsWith('*.') && narrow.endsWith(wide.slice(1)))) && !isAddress(narrow);
}

/** The pattern for exactly the hosts that both stand for; undefined when there are none. */
export function commonPattern(a: string, b: string): string | undefined {
  // Two such patterns are either nested or have no host in common.
  if (patternCovers(a, b)) return canonicalPattern(b);
  return patternCovers(b, a) ? canonicalPattern(a) : undefined;
}
