/** Where a syslog server is, from what a profile says. Pure. */

export type SyslogAddress =
  { readonly by: 'udp' | 'tcp' | 'tls'; readonly host: string; readonly port: number } | { readonly by: 'socket'; readonly path: string };

/** RFC 5426 and common use for TCP; RFC 5425 for TLS */
const ports = { udp: 514, tcp: 514, tls: 6514 } as const;

/** `host:port` (UDP, as LASSO 1.x had it), `udp://`, `tcp://`, `tls://`, `unix:///path` or an absolute path; undefined for anything else. */
export function parseSyslogAddress(text: string): SyslogAddress | undefined {
  if (/^(unix:\/\/)?\//.test(text)) return { by: 'socket', path: text.replace(/^unix:\/\//, '') };
  const [, scheme = 'udp', host = '', port] =
    /^(?:(udp|tcp|tls):\/\/)?(\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9._-]{1,253})(?::(\d{1,5}))?$/.exec(text) ?? [];
  const by = scheme === 'tcp' || scheme === 'tls' ? scheme : 'udp';
  const number = port === undefined ? ports[by] : Number(port);
  if (host === '' || number < 1 || number > 65_535) return undefined;
  return { by, host: host.replace(/^\[|\]$/g, ''), port: number };
}
