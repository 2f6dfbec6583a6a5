/**
 * An admitted connection carried to its host in the way its first bytes ask for: TLS through a tunnel or ended here, HTTP request by
 * request, anything else through a tunnel. What does not agree with the host it is for goes nowhere.
 */
import type { Duplex } from 'node:stream';
import { canonicalHost, isAddress } from '../policy/network/hosts.ts';
import { type Admitted, isIntercepted } from './admission.ts';
import type { SandboxAuthority } from './certificates.ts';
import type { ClientHello } from './client-hello.ts';
import type { Connection } from './connection.ts';
import { EgressFailure, type EgressFacts } from './contract.ts';
import { interceptTls } from './intercept.ts';
import { type Opened, readOpening } from './opening.ts';
import { sayLast } from './refusal.ts';
import { carryRequests } from './requests.ts';
import { type Spoken, lookAtSpoken } from './sniff.ts';
import { reset, tunnel } from './tunnel.ts';

/** alerts of TLS (RFC 8446, 6.2) */
const alert = { accessDenied: 49, internalError: 80, unrecognizedName: 112 } as const;
/** how long somebody may begin to speak after its host turned out to be out of reach */
const lastWordMs = 1000;

/** Settles when the connection is over; never rejects. */
export async function carry(
  connection: Connection,
  admitted: Admitted,
  facts: Pick<EgressFacts, 'rules' | 'secrets'>,
  authority: SandboxAuthority,
): Promise<void> {
  const { stream } = connection;
  const { host, port } = admitted;
  const opened = await firstWords(connection);
  if (opened.state === 'gone' || connection.signal.aborted) return reset(stream);
  if (opened.state !== 'found') {
    // The end of what could still have become TLS; nobody answers that.
    if (opened.bytes[0] === 0x16) return reset(stream);
    return through(connection, admitted, opened.bytes);
  }
  switch (opened.found.kind) {
    case 'tls':
      return carryTls(
        connection,
        admitted,
        opened.found.hello,
        opened.bytes,
        isIntercepted(admitted, facts.rules(), facts.secrets()) ? authority : undefined,
      );
    case 'http':
      return carryRequests(stream, connection.passage(host, port), 'http', {});
    case 'malformed':
      connection.report('malformed-request', 'violation', 'blocked', { reason: opened.found.why });
      return reset(stream);
    case 'other':
      return through(connection, admitted, opened.bytes);
  }
}

/** What is said first: by whoever asked, or by the host, which then speaks no protocol in which clients begin. */
async function firstWords(connection: Connection): Promise<Opened<Spoken>> {
  const { stream, signal, spare } = connection;
  const hostSpeaks = new AbortController();
  let silence: NodeJS.Timeout | undefined;
  const stop = (): void => hostSpeaks.abort();
  const watched = spare?.then(
    (outside) => {
      if (!hostSpeaks.signal.aborted) outside.once('readable', stop).once('close', stop);
      return outside;
    },
    () => void (silence = setTimeout(stop, lastWordMs)),
  );
  const opened = await readOpening(stream, lookAtSpoken, AbortSignal.any([signal, hostSpeaks.signal]));
  stop();
  clearTimeout(silence);
  void watched?.then((outside) => outside?.off('readable', stop).off('close', stop));
  return opened;
}

async function carryTls(
  connection: Connection,
  admitted: Admitted,
  hello: ClientHello,
  bytes: Buffer,
  authority: SandboxAuthority | undefined,
): Promise<void> {
  const { host, port } = admitted;
  const why = disagreement(host, hello);
  if (why !== undefined) {
    const named = hello.serverName === undefined ? {} : { serverName: hello.serverName };
    connection.report('name-mismatch', 'violation', 'blocked', {
      reason: why,
      ...named,
      encryptedHello: hello.encrypted,
    });
    return sayLast(connection.stream, alertBytes(alert.unrecognizedName));
  }
  if (authority === undefined) return through(connection, admitted, bytes, true);
  const { serverName, alpn } = hello;
  return interceptTls(connection.stream, { bytes, serverName, alpn }, connection.passage(host, port), authority);
}

/** Why a ClientHello is not for the host it is sent to; undefined when it is. Servers called by an address are not named (RFC 6066, 3). */
export function disagreement(host: string, { serverName }: ClientHello): string | undefined {
  if (serverName === undefined) return isAddress(host) ? undefined : `TLS to ${host} does not say which server it is for`;
  const named = canonicalHost(serverName);
  return named.ok && named.host === host ? undefined : `TLS to ${host} is for another server`;
}

/** The bytes as they are, once the connection as a whole is allowed. */
async function through(connection: Connection, admitted: Admitted, head: Uint8Array, tls = false): Promise<void> {
  const { stream, signal } = connection;
  if (!(await connection.decideWhole(admitted))) return tls ? sayLast(stream, alertBytes(alert.accessDenied)) : reset(stream);
  let outside: Duplex;
  try {
    outside = await connection.dial(admitted.host, admitted.port, signal);
  } catch (error) {
    if (error instanceof EgressFailure) connection.unreached(error);
    return tls ? sayLast(stream, alertBytes(alert.internalError)) : reset(stream);
  }
  connection.closed(outside, await tunnel(stream, outside, head, signal));
}

/** A fatal alert in a record of its own. */
const alertBytes = (description: number): Buffer => Buffer.from([0x15, 3, 3, 0, 2, 2, description]);
