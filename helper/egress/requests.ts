/**
 * Requests of one connection, read one by one: each is judged by itself, sent on strictly rewritten, and its answer streamed
 * back. Nothing here decides whether a host may be reached, and nothing is held back longer than it takes to look at it.
 */
import type { Duplex } from 'node:stream';
import type { SandboxAuthority } from './certificates.ts';
import type { EgressFacts, Passage } from './contract.ts';
import { carryRequest, targetOf, type Way } from './carrying.ts';
import { serveHttp1, type Requests } from './http1.ts';
import { serveHttp2 } from './http2.ts';
import type { Expected } from './request-head.ts';
import { Placeholders } from './substitute.ts';
import { Upstream } from './upstream.ts';

export interface RequestOptions {
  /** the stream speaks to a proxy: every request says its own host in its target, and each is judged for that host */
  readonly proxy?: boolean;
  /** of the sandbox; needed for https, where it knows who may vouch for the far side */
  readonly authority?: SandboxAuthority;
  /** what the stream speaks; HTTP/1.1 when absent */
  readonly version?: 'http/1.1' | 'h2';
  /** breaks off what the stream is carried by, where that is another stream */
  readonly reset?: () => void;
}

/**
 * Takes the stream over; bytes already read are to be put back first (`stream.unshift`). Settles when the stream is over and
 * never rejects: what goes wrong is answered inside, or resets the stream.
 */
export async function carryRequests(stream: Duplex, passage: Passage, scheme: 'http' | 'https', options: RequestOptions): Promise<void> {
  const { authority } = options;
  if (passage.signal.aborted || (scheme === 'https' && authority === undefined)) return void stream.destroy();
  const trust = scheme === 'https' ? authority?.trusting(passage.facts.extraAuthorities) : undefined;
  const upstream = new Upstream({ passage, trust, http2: options.version === 'h2' });
  const given = scheme === 'https' ? authority?.given : undefined;
  const way: Way = { passage, scheme, upstream, given, placeholders: keptPlaceholders(passage.facts.secrets) };
  const stop = (): void => void stream.destroy();
  const over = options.reset ?? stop;
  passage.signal.addEventListener('abort', over);
  stream.on('error', () => undefined);
  const expected: Expected = { scheme, host: passage.host, port: passage.port, proxy: options.proxy ?? false };
  const requests: Requests = {
    reset: over,
    handle: (inside) => carryRequest(inside, way),
    malformed: (why) =>
      passage.facts.report({
        type: 'violation',
        action: 'malformed-request',
        outcome: 'blocked',
        target: targetOf(passage),
        detail: { reason: why },
        ...(passage.record === undefined ? {} : { of: passage.record }),
      }),
  };
  try {
    await (options.version === 'h2' ? serveHttp2 : serveHttp1)(stream, expected, requests);
  } finally {
    passage.signal.removeEventListener('abort', over);
    upstream.dispose();
    stream.destroy();
  }
}

/** Made anew only when the secrets have changed. */
function keptPlaceholders(secretsNow: EgressFacts['secrets']): Way['placeholders'] {
  let made: Placeholders | undefined;
  return () => {
    const secrets = secretsNow();
    if (secrets.length === 0) return undefined;
    if (made?.isFor(secrets) !== true) made = new Placeholders(secrets);
    return made;
  };
}
