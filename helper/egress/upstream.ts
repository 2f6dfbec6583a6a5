/**
 * The far side of one passage: connections to its hosts, opened when they are needed, used again while they last, closed with
 * the passage. Over TLS a host has proved its name before it is told anything.
 */
import type { Duplex } from 'node:stream';
import type { SecureContext } from 'node:tls';
import type { ClientHttp2Session } from 'node:http2';
import type { Passage } from './contract.ts';
import type { Outside, Sending } from './exchange.ts';
import { OutsideAgent, sendHttp1 } from './outside-http1.ts';
import { openSession, sendHttp2 } from './outside-http2.ts';
import { verifiedTls } from './verified-tls.ts';

export interface UpstreamOptions {
  readonly passage: Passage;
  /** undefined: plain HTTP */
  readonly trust: SecureContext | undefined;
  /** whether the far side is asked for HTTP/2 */
  readonly http2: boolean;
}

export class Upstream {
  readonly #options: UpstreamOptions;
  readonly #over = new AbortController();
  readonly #agent: OutsideAgent;
  readonly #sessions = new Map<string, Promise<ClientHttp2Session | 'http1'>>();
  /** connections that were to speak HTTP/2 and do not */
  readonly #spare = new Map<string, Duplex[]>();

  constructor(options: UpstreamOptions) {
    this.#options = options;
    this.#agent = new OutsideAgent((host, port) => this.#spare.get(`${host}:${port}`)?.pop() ?? this.#open(host, port, ['http/1.1']));
  }

  /** @throws EgressFailure */
  async send(sending: Sending): Promise<Outside> {
    if (!this.#options.http2 || sending.head.webSocket) return sendHttp1(sending, this.#scheme, this.#agent);
    const { host, port } = sending.head;
    const session = await this.#session(host, port);
    return session === 'http1' ? sendHttp1(sending, this.#scheme, this.#agent) : sendHttp2(sending, session);
  }

  dispose(): void {
    this.#over.abort();
    this.#agent.destroy();
    for (const spare of [...this.#spare.values()].flat()) spare.destroy();
    for (const session of this.#sessions.values())
      void session.then(
        (open) => open === 'http1' || open.destroy(),
        () => undefined,
      );
  }

  get #scheme(): 'http' | 'https' {
    return this.#options.trust === undefined ? 'http' : 'https';
  }

  #session(host: string, port: number): Promise<ClientHttp2Session | 'http1'> {
    const key = `${host}:${port}`;
    const forget = (): void => void this.#sessions.delete(key);
    const opening = async (): Promise<ClientHttp2Session | 'http1'> => {
      const connection = await this.#open(host, port, ['h2', 'http/1.1']);
      if (!('alpnProtocol' in connection) || connection.alpnProtocol !== 'h2') {
        this.#spare.set(key, [...(this.#spare.get(key) ?? []), connection]);
        connection.once('close', () => this.#forgetSpare(key, connection)).on('error', () => undefined);
        return 'http1';
      }
      return openSession(connection, host, forget);
    };
    const known = this.#sessions.get(key);
    if (known !== undefined) return known;
    const session = opening();
    this.#sessions.set(key, session);
    session.catch(forget);
    return session;
  }

  #forgetSpare(key: string, connection: Duplex): void {
    const kept = (this.#spare.get(key) ?? []).filter((spare) => spare !== connection);
    this.#spare.set(key, kept);
  }

  async #open(host: string, port: number, alpn: readonly string[]): Promise<Duplex> {
    const { passage, trust } = this.#options;
    const signal = AbortSignal.any([passage.signal, this.#over.signal]);
    const connection = await passage.dial(host, port, signal);
    return trust === undefined ? connection : verifiedTls(connection, { host, trust, alpn, signal });
  }
}
