/** A URL as a person or program writes it, judged as the connection it asks for. What URL parsers read differently is refused. */
import type { Verdict } from '../../protocol/verdict.ts';
import { judgeConnection } from './judge.ts';
import type { NetworkRules } from './rules.ts';

/** schemes that say where they connect; those of the web also say what is requested */
const schemes: Readonly<Record<string, { readonly port: number; readonly web: boolean }>> = {
  http: { port: 80, web: true },
  https: { port: 443, web: true },
  ws: { port: 80, web: true },
  wss: { port: 443, web: true },
  ssh: { port: 22, web: false },
  'git+ssh': { port: 22, web: false },
  git: { port: 9418, web: false },
};
const urlLimit = 16_384;

/**
 * Judges the first request a URL stands for; redirects are judged when they come.
 * @param method HTTP method; GET when undefined
 */
export function judgeUrl(url: string, method: string | undefined, rules: NetworkRules): Verdict {
  if (url.length > urlLimit) return unreadable('it is too long');
  if (/[\0-\x20\x7f\\]/.test(url)) return unreadable('it contains a space, control character or backslash');
  const [, name, authority, rest = ''] = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)(.*)$/s.exec(url) ?? [];
  if (name === undefined || authority === undefined) return unreadable('it has no scheme; write it as in https://host/path');
  const scheme = Object.hasOwn(schemes, name.toLowerCase()) ? schemes[name.toLowerCase()] : undefined;
  if (scheme === undefined) return unreadable(`its scheme is none of ${Object.keys(schemes).join(', ')}`);
  // Parsers disagree on which of several "@" ends the user's name.
  const [, host, port] = /^(?:[^@]*@)?(\[[^\]@]*\]|[^:@[\]]*)(?::(\d{0,5}))?$/.exec(authority) ?? [];
  if (host === undefined) return unreadable('its host and port cannot be told apart');
  const path = rest.startsWith('/') ? rest : `/${rest}`;
  return judgeConnection(
    {
      host,
      port: port === undefined || port === '' ? scheme.port : Number(port),
      ...(scheme.web ? { method: method ?? 'GET', path } : {}),
    },
    rules,
  );
}

function unreadable(why: string): Verdict {
  return { decision: 'deny', stage: 'bad-url', reason: `This URL cannot be judged: ${why}.` };
}
