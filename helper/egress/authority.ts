/** `host:port` as requests write it. Hostile; what has two readings is none. */

export interface Authority {
  /** as written, brackets of an IPv6 address taken off; not yet canonical */
  readonly host: string;
  /** absent where none is written */
  readonly port: number | undefined;
}

/** longest text that is looked at, in UTF-16 code units */
const limit = 1024;

/** Undefined for what is no authority; a user's name before the host is refused. */
export function parseAuthority(text: string): Authority | undefined {
  if (text.length > limit) return undefined;
  const [, host, digits] = /^(\[[0-9A-Fa-f:.]+\]|[^\0-\x20\x7f[\]:@/\\?#%]+)(?::([1-9]\d{0,4}))?$/.exec(text) ?? [];
  if (host === undefined) return undefined;
  const port = digits === undefined ? undefined : Number(digits);
  if (port !== undefined && port > 65_535) return undefined;
  return { host: host.startsWith('[') ? host.slice(1, -1) : host, port };
}
