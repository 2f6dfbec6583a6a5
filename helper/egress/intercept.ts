/**
 * TLS ended here where rules or secrets need its requests: the sandbox's own authority vouches inside, the host's trust is asked
 * outside. Nothing goes out before the other side has proved its name.
 */
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { SandboxAuthority } from './certificates.ts';
import type { Passage } from './contract.ts';
import { detached } from './detached.ts';
import { carryRequests } from './requests.ts';

/** what was read of the connection so far, and what it said */
export interface SeenHello {
  /** everything read, to be read again */
  readonly bytes: Uint8Array;
  /** absent for a host that is an address */
  readonly serverName: string | undefined;
  readonly alpn: readonly string[];
}

/** how long a handshake may take */
const handshakeMs = 30_000;

/**
 * Takes the stream over. Settles when it is over and never rejects: what goes wrong is answered inside where that is still
 * possible, reported, and resets the stream.
 */
export async function interceptTls(stream: Duplex, hello: SeenHello, passage: Passage, authority: SandboxAuthority): Promise<void> {
  stream.on('error', () => undefined);
  if (passage.signal.aborted || stream.destroyed) return void stream.destroy();
  stream.unshift(hello.bytes);
  const secured = new TLSSocket(detached(stream), {
    isServer: true,
    secureContext: authority.contextFor(passage.host),
    ALPNProtocols: hello.alpn.includes('h2') ? ['h2', 'http/1.1'] : ['http/1.1'],
  });
  const failure = await handshake(secured, passage.signal);
  if (failure !== undefined) {
    report(passage, failure);
    secured.destroy();
    return;
  }
  const version = secured.alpnProtocol === 'h2' ? 'h2' : 'http/1.1';
  await carryRequests(secured, passage, 'https', { authority, version, reset: () => void stream.destroy() });
}

/** @returns why it failed, undefined when it did not */
function handshake(secured: TLSSocket, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    let why = 'the connection was closed before it was secured';
    const fail = (reason: string): void => {
      why = reason;
      secured.destroy();
    };
    const timer = setTimeout(() => fail('the connection was not secured in time'), handshakeMs);
    const onAbort = (): void => fail('the connection was not needed any more');
    const onError = (error: Error & { readonly code?: string }): void => fail(`no TLS came to be (${error.code ?? 'unreadable'})`);
    const settle = (result: string | undefined): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      resolve(result);
    };
    signal.addEventListener('abort', onAbort);
    secured.on('error', onError).on('_tlsError', onError);
    secured.once('close', () => settle(why));
    secured.once('secure', () => {
      secured.off('error', onError).off('_tlsError', onError);
      secured.on('error', () => undefined);
      // A server of Node's own says so here; without it HTTP/2 waits for a handshake that is over.
      Object.assign(secured, { secureConnecting: false });
      settle(undefined);
    });
  });
}

function report({ host, port, facts, record }: Passage, reason: string): void {
  facts.report({
    type: 'network',
    action: 'tls',
    outcome: 'error',
    target: `${host}:${port}`,
    detail: { reason, side: 'inside' },
    ...(record === undefined ? {} : { of: record }),
  });
}
