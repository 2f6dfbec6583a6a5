/**
 * The proxy inside, which programs that know of proxies speak to. A tunnel is decided before it is promised; other requests go the
 * way of all requests; whatever is no HTTP proxy request is refused in words its sender may understand.
 */
import type { Duplex } from 'node:stream';
import { canonicalHost } from '../policy/network/hosts.ts';
import { admit } from './admission.ts';
import { parseAuthority } from './authority.ts';
import { carry } from './carry.ts';
import type { SandboxAuthority } from './certificates.ts';
import type { Connection } from './connection.ts';
import { EgressFailure, type EgressFacts } from './contract.ts';
import { type MessageHead, type HeadReading, lookAtHead, valuesOf } from './head.ts';
import { type Look, readOpening } from './opening.ts';
import { failureOf, refusalBytes, refusalOf, sayLast } from './refusal.ts';
import { carryRequests } from './requests.ts';
import { reset } from './tunnel.ts';

type Wanted =
  | { readonly kind: 'connect'; readonly reading: HeadReading }
  /** any other request; nothing of it is used up */
  | { readonly kind: 'request' }
  | { readonly kind: 'other'; readonly why: string; readonly answer: Uint8Array };

const established = 'HTTP/1.1 200 Connection established\r\nProxy-Agent: LASSO\r\n\r\n';

/** Settles when the connection is over; never rejects. */
export async function carryProxy(
  connection: Connection,
  facts: Pick<EgressFacts, 'rules' | 'secrets' | 'decide'>,
  authority: SandboxAuthority,
): Promise<void> {
  const { stream } = connection;
  const opened = await readOpening(stream, lookAtWanted, connection.signal);
  if (opened.state !== 'found') return reset(stream);
  const wanted = opened.found;
  const malformed = (why: string, answer: Uint8Array): Promise<void> => {
    connection.report('malformed-request', 'violation', 'blocked', { reason: why });
    return sayLast(stream, answer);
  };
  switch (wanted.kind) {
    case 'request':
      return carryRequests(stream, connection.passage('', 0), 'http', { proxy: true });
    case 'other':
      return malformed(wanted.why, wanted.answer);
    case 'connect': {
      const asked = wanted.reading.ok ? readConnect(wanted.reading.head) : { ok: false as const, why: wanted.reading.why };
      if (!asked.ok) return malformed(asked.why, badRequest(`this request cannot be read: ${asked.why}`));
      return openTunnel(connection, asked, facts, authority);
    }
  }
}

async function openTunnel(
  connection: Connection,
  to: { readonly host: string; readonly port: number },
  facts: Pick<EgressFacts, 'rules' | 'secrets' | 'decide'>,
  authority: SandboxAuthority,
): Promise<void> {
  const { stream, asker, signal } = connection;
  const waiting = watchEnd(stream);
  const admission = await admit(facts, { ...to, asker }, AbortSignal.any([signal, waiting.ended]));
  waiting.dispose();
  if (signal.aborted || waiting.ended.aborted) return reset(stream);
  if (!admission.allow) return sayLast(stream, refusalBytes(refusalOf(admission.decision)));
  connection.admit(admission);
  // The rules may have changed meanwhile.
  if (!connection.stands(facts.rules())) return reset(stream);
  try {
    await connection.spare;
  } catch (error) {
    const failure = error instanceof EgressFailure ? error : new EgressFailure('unreachable', `${to.host} could not be reached.`);
    connection.unreached(failure);
    return sayLast(stream, refusalBytes(failureOf(failure)));
  }
  if (stream.destroyed) return reset(stream);
  stream.write(established);
  return carry(connection, admission, facts, authority);
}

/** Says what the first bytes to the proxy are, for `readOpening`. */
export function lookAtWanted(bytes: Buffer): Look<Wanted> {
  const other = (why: string, answer: Uint8Array): Look<Wanted> => ({ found: { kind: 'other', why, answer }, keepBytes: bytes.length });
  const [first = 0] = bytes;
  if (first === 5) return other('this is SOCKS 5; only HTTP is spoken here', Uint8Array.of(5, 0xff));
  if (first === 4) return other('this is SOCKS 4; only HTTP is spoken here', Uint8Array.of(0, 0x5b, 0, 0, 0, 0, 0, 0));
  if (first === 0x16)
    return other('this is TLS; the proxy is spoken to without', badRequest('the proxy is spoken to without TLS, as http://'));
  if (!/^[!-~]/.test(String.fromCharCode(first))) return other('this is no request', badRequest('this is no HTTP request'));
  const start = bytes.subarray(0, 8).toString('latin1');
  if ('CONNECT '.startsWith(start) && start.length < 8) return { atLeastBytes: bytes.length + 1 };
  if (start !== 'CONNECT ') return { found: { kind: 'request' }, keepBytes: 0 };
  const looked = lookAtHead(bytes);
  return 'found' in looked ? { found: { kind: 'connect', reading: looked.found }, keepBytes: looked.keepBytes } : looked;
}

/** What a CONNECT asks for (RFC 9110, 9.3.6). `Host` must say the same as its target, and it has no body. */
export function readConnect(
  head: MessageHead,
): { readonly ok: true; readonly host: string; readonly port: number } | { readonly ok: false; readonly why: string } {
  const bad = (why: string): { readonly ok: false; readonly why: string } => ({ ok: false, why });
  const [, target = ''] = /^CONNECT (\S+) HTTP\/1\.[01]$/.exec(head.start) ?? [];
  const authority = parseAuthority(target);
  if (authority?.port === undefined) return bad('CONNECT is followed by a host, a port and HTTP/1.1');
  const [named, second] = valuesOf(head, 'host');
  if (second !== undefined) return bad('it names its host more than once');
  if (named !== undefined && !agrees(named, authority.host, authority.port)) return bad('its target and its Host field differ');
  const odd = ['transfer-encoding', 'upgrade', 'http2-settings', 'trailer'].find((name) => valuesOf(head, name).length > 0);
  if (odd !== undefined) return bad(`it has a field that CONNECT does not have, ${odd}`);
  if (valuesOf(head, 'content-length').some((value) => value !== '0')) return bad('CONNECT has no body');
  return { ok: true, host: authority.host, port: authority.port };
}

function agrees(field: string, host: string, port: number): boolean {
  const named = parseAuthority(field);
  if (named === undefined || (named.port !== undefined && named.port !== port)) return false;
  const [a, b] = [canonicalHost(named.host), canonicalHost(host)];
  return a.ok && b.ok ? a.host === b.host : named.host === host;
}

/** Notices that whoever waits has ended its side, as long as it has said nothing more. */
function watchEnd(stream: Duplex): { readonly ended: AbortSignal; readonly dispose: () => void } {
  const ended = new AbortController();
  const look = (): void => {
    // Reading nothing is what makes a stream tell its end.
    if (stream.readableLength === 0) stream.read();
  };
  const onEnd = (): void => ended.abort();
  stream.on('end', onEnd).on('readable', look);
  if (stream.readableEnded) ended.abort();
  return { ended: ended.signal, dispose: () => void stream.off('end', onEnd).off('readable', look) };
}

const badRequest = (why: string): Buffer => refusalBytes({ status: 400, lines: [`LASSO: ${why}`] });
