/** TLS towards the far side, which proves its name or is not spoken to. */
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect, type SecureContext, type TLSSocket } from 'node:tls';
import { EgressFailure } from './contract.ts';

/** how long a handshake may take */
const handshakeMs = 15_000;

const reasons: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  CERT_REVOKED: 'its certificate was revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is vouched for by itself only',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is vouched for by an authority that this machine does not trust',
  UNABLE_TO_GET_ISSUER_CERT: 'its certificate is vouched for by an authority that this machine does not know',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is vouched for by an authority that this machine does not know',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is vouched for by an authority that this machine does not know',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for other names',
};

export interface TlsTarget {
  readonly host: string;
  readonly trust: SecureContext;
  readonly alpn: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * Speaks TLS over a connection.
 * @throws EgressFailure `tls`, `timeout` or `cancelled`; the connection is closed then
 */
export function verifiedTls(connection: Duplex, { host, trust, alpn, signal }: TlsTarget): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      socket: connection,
      host,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      secureContext: trust,
      ALPNProtocols: [...alpn],
      rejectUnauthorized: true,
    });
    const fail = (failure: EgressFailure): void => {
      settle();
      socket.on('error', () => undefined);
      socket.destroy();
      connection.destroy();
      reject(failure);
    };
    const onError = (error: Error & { readonly code?: string }): void => fail(new EgressFailure('tls', sentence(host, error.code)));
    const onClose = (): void => fail(new EgressFailure('tls', `${host} closed the connection before it was secured.`));
    const onAbort = (): void => fail(new EgressFailure('cancelled', `The connection to ${host} was not needed any more.`));
    const timer = setTimeout(() => fail(new EgressFailure('timeout', `${host} did not secure the connection in time.`)), handshakeMs);
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.off('error', onError).off('close', onClose).off('secureConnect', onSecure);
    };
    const onSecure = (): void => {
      settle();
      resolve(socket);
    };
    socket.on('error', onError).on('close', onClose).on('secureConnect', onSecure);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
}

function sentence(host: string, code: string | undefined): string {
  const reason = code !== undefined && Object.hasOwn(reasons, code) ? reasons[code] : undefined;
  if (reason !== undefined) return `${host} did not prove that it is ${host}: ${reason}.`;
  return `No secured connection to ${host} came to be${code === undefined ? '' : ` (${code})`}.`;
}
