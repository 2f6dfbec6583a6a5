/**
 * The user's own proxy for what leaves, where their network has one: read from the variables everybody uses, and connected through
 * with CONNECT (RFC 9110, 9.3.6). It is the user's choice, so its own address is not judged; what is asked of it was.
 */
import type { Duplex } from 'node:stream';
import { namesHost } from '../policy/network/hosts.ts';
import { inRange, parseAddress, parseRange } from '../policy/network/address-numbers.ts';
import { LassoError } from '../protocol/errors.ts';
import { parseAuthority } from './authority.ts';
import { EgressFailure, type UpstreamProxy } from './contract.ts';
import { lookAtHead } from './head.ts';
import { readOpening } from './opening.ts';

/** in the order they are looked at; lower case first, as curl and most others do */
const variables = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'];
const hint = 'Write it as in http://proxy.example:3128, or unset it.';

/**
 * The proxy the environment names; undefined where it names none.
 * @throws LassoError BAD_REQUEST when it names one that cannot be used
 */
export function upstreamProxyOf(environment: Readonly<Record<string, string | undefined>>): UpstreamProxy | undefined {
  const name = variables.find((variable) => (environment[variable] ?? '').trim() !== '');
  const text = name === undefined ? '' : (environment[name] ?? '').trim();
  if (name === undefined) return undefined;
  const [, scheme, user, authority = ''] = /^(?:([a-z0-9+.-]+):\/\/)?(?:([^@/]*)@)?([^@/]*)\/?$/i.exec(text) ?? [];
  if (scheme !== undefined && scheme.toLowerCase() !== 'http')
    throw new LassoError(
      'BAD_REQUEST',
      `${name} names a proxy that is not spoken to over plain HTTP, and no other kind can be used.`,
      hint,
    );
  const parsed = parseAuthority(authority);
  if (parsed === undefined) throw new LassoError('BAD_REQUEST', `${name} names no proxy that can be understood.`, hint);
  const authorization = user === undefined || user === '' ? undefined : basic(user, name);
  return {
    host: parsed.host,
    port: parsed.port ?? 80,
    ...(authorization === undefined ? {} : { authorization }),
    except: (environment['no_proxy'] ?? environment['NO_PROXY'] ?? '').split(/[\s,]+/).filter((entry) => entry !== ''),
  };
}

/** Whether a canonical host is reached without the proxy: `*`, a name with all names below it, `.name`, an address or a range; with a port where one is said. */
export function isExcepted(host: string, port: number, except: readonly string[]): boolean {
  const address = parseAddress(host);
  return except.some((entry) => {
    if (entry === '*') return true;
    const range = parseRange(entry);
    if (range !== undefined) return address !== undefined && inRange(address, range);
    const named = parseAuthority(entry.replace(/^\*?\./, ''));
    if (named === undefined || (named.port !== undefined && named.port !== port)) return false;
    return namesHost(named.host, host) || namesHost(`*.${named.host}`, host);
  });
}

/**
 * Asks a proxy that was connected to for a connection. Takes the stream over and gives it back as that connection.
 * @throws EgressFailure; the stream is destroyed then
 */
export async function throughProxy(
  stream: Duplex,
  proxy: UpstreamProxy,
  to: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<Duplex> {
  const target = `${to.host.includes(':') ? `[${to.host}]` : to.host}:${to.port}`;
  const refused = (why: string): EgressFailure => {
    stream.destroy();
    return new EgressFailure('unreachable', `${target} could not be reached: your proxy ${why}.`);
  };
  const authorization = proxy.authorization === undefined ? '' : `Proxy-Authorization: ${proxy.authorization}\r\n`;
  stream.on('error', () => undefined);
  stream.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${authorization}\r\n`);
  const opened = await readOpening(stream, lookAtHead, signal);
  if (opened.state === 'stopped') throw refused('was no longer waited for');
  if (opened.state !== 'found') throw refused('closed the connection');
  if (!opened.found.ok) throw refused(`answered with something that is no HTTP answer, ${opened.found.why}`);
  const [, status] = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(opened.found.head.start) ?? [];
  if (status === undefined) throw refused('answered with something that is no HTTP answer');
  if (!status.startsWith('2')) throw refused(`answered with status ${status}`);
  return stream;
}

/** @throws LassoError */
function basic(user: string, variable: string): string {
  try {
    return `Basic ${Buffer.from(decodeURIComponent(user)).toString('base64')}`;
  } catch {
    throw new LassoError('BAD_REQUEST', `${variable} names a user or password with a broken escape.`, hint);
  }
}
