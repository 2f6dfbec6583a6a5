/**
 * One passage without a door: somebody inside is one end of a pair of streams, hosts outside are made-up names that lead to
 * servers on this machine's loopback, with an authority of their own. Everything decided and reported is kept.
 */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2Stream,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
} from 'node:http2';
import { createServer as createSecureHttp1 } from 'node:https';
import { connect, type Server as NetServer, type Socket } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { openAuthority, type SandboxAuthority } from '../../helper/egress/certificates.ts';
import {
  type BoundSecret,
  EgressFailure,
  type EgressEvent,
  type EgressFacts,
  type EgressIntent,
  type Passage,
} from '../../helper/egress/contract.ts';
import { interceptTls } from '../../helper/egress/intercept.ts';
import { carryRequests } from '../../helper/egress/requests.ts';
import { judgeConnection } from '../../helper/policy/network/judge.ts';
import { networkRulesOfText } from './network-rules.ts';

export interface PassageOptions {
  readonly host?: string;
  readonly port?: number;
  /** what follows `[network]`; every host when absent */
  readonly rules?: string;
  readonly secrets?: readonly BoundSecret[];
  readonly decide?: EgressFacts['decide'];
}

/** hosts outside, their authority, and one sandbox's authority inside */
export class OutsideWorld {
  readonly outside: SandboxAuthority;
  readonly inside: SandboxAuthority;
  /** `host:port` → port on loopback */
  readonly servers = new Map<string, number>();
  readonly decided: EgressIntent[] = [];
  readonly reported: EgressEvent[] = [];
  readonly dialled: string[] = [];
  readonly #open: { close(): unknown; closeAllConnections?(): void }[] = [];
  readonly #sockets = new Set<Duplex>();
  #waiting: (() => void)[] = [];

  constructor(outside: SandboxAuthority, inside: SandboxAuthority) {
    this.outside = outside;
    this.inside = inside;
  }

  /** Starts a server of plain HTTP/1.1. */
  http(host: string, handler: RequestListener): Promise<Server> {
    return this.#listen(createServer(handler), host, 80);
  }

  /** Starts a server of HTTP/1.1 over TLS. @param name what its certificate is for */
  https(host: string, handler: RequestListener, name = host): Promise<Server> {
    const SNICallback = (_name: string, done: (error: null, context: ReturnType<SandboxAuthority['contextFor']>) => void): void =>
      done(null, this.outside.contextFor(name));
    return this.#listen(createSecureHttp1({ SNICallback, ALPNProtocols: ['http/1.1'] }, handler), host, 443);
  }

  /** Starts a server of HTTP/2. */
  http2(host: string): Promise<Http2SecureServer> {
    const SNICallback = (_name: string, done: (error: null, context: ReturnType<SandboxAuthority['contextFor']>) => void): void =>
      done(null, this.outside.contextFor(host));
    return this.#listen(createSecureServer({ SNICallback }), host, 443);
  }

  async #listen<T extends NetServer>(server: T, host: string, port: number): Promise<T> {
    server.on('connection', (socket: Socket) => this.#keep(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    this.servers.set(`${host}:${port}`, address.port);
    this.#open.push(server);
    return server;
  }

  #keep<T extends Duplex>(stream: T): T {
    stream.on('error', () => undefined);
    this.#sockets.add(stream);
    return stream;
  }

  passage(options: PassageOptions, signal: AbortSignal): Passage {
    const rules = networkRulesOfText(options.rules ?? 'mode = "full"');
    const facts: EgressFacts = {
      rules: () => rules,
      nameServers: () => [],
      secrets: () => options.secrets ?? [],
      decide: async (intent, gone) => {
        this.decided.push(intent);
        if (options.decide !== undefined) return options.decide(intent, gone);
        const verdict = judgeConnection(intent, rules);
        return { allow: verdict.decision === 'allow', verdict, message: `LASSO: ${verdict.reason}`, record: this.decided.length };
      },
      report: (event) => {
        this.reported.push(event);
        for (const look of this.#waiting) look();
      },
      network: { resolve: () => Promise.reject(new Error('not asked')), connect: () => Promise.reject(new Error('not asked')) },
      extraAuthorities: [this.outside.certificatePem],
    };
    return {
      host: options.host ?? 'api.example',
      port: options.port ?? 443,
      asker: null,
      facts,
      signal,
      record: 1000,
      dial: async (host, port) => {
        this.dialled.push(`${host}:${port}`);
        const server = this.servers.get(`${host}:${port}`);
        if (server === undefined) throw new EgressFailure('unreachable', `${host} cannot be reached on port ${port}.`);
        const socket = this.#keep(connect(server, '127.0.0.1'));
        await once(socket, 'connect');
        return socket;
      },
    };
  }

  /** Somebody inside who speaks plain HTTP; `over` settles when the carrier has let go. */
  plain(
    options: PassageOptions & { readonly proxy?: boolean } = {},
    stop = new AbortController(),
  ): { readonly client: Duplex; readonly over: Promise<void> } {
    const [client, far] = linkedPair();
    const passage = this.passage({ port: 80, ...options }, stop.signal);
    const over = carryRequests(far, passage, 'http', { proxy: options.proxy ?? false });
    return { client: this.#keep(client), over };
  }

  /** Somebody inside who speaks TLS and trusts the sandbox's authority. */
  async secured(
    options: PassageOptions & { readonly alpn?: readonly string[] } = {},
    stop = new AbortController(),
  ): Promise<{ readonly client: TLSSocket; readonly over: Promise<void> }> {
    const [near, far] = linkedPair();
    this.#keep(near);
    const passage = this.passage(options, stop.signal);
    const alpn = options.alpn ?? ['http/1.1'];
    const client = connectTls({ socket: near, servername: passage.host, ca: this.inside.certificatePem, ALPNProtocols: [...alpn] });
    const hello = await new Promise<Buffer>((resolve) => void far.once('data', (bytes: Buffer) => resolve(bytes)));
    far.pause();
    const over = interceptTls(far, { bytes: hello, serverName: passage.host, alpn }, passage, this.inside);
    await once(client, 'secureConnect');
    return { client: this.#keep(client), over };
  }

  /** Waits for a report of this action. */
  told(action: string): Promise<EgressEvent> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = this.reported.find((event) => event.action === action);
        if (found === undefined) return;
        this.#waiting = this.#waiting.filter((other) => other !== look);
        resolve(found);
      };
      this.#waiting.push(look);
      look();
    });
  }

  close(): void {
    for (const server of this.#open) {
      server.close();
      server.closeAllConnections?.();
    }
    for (const socket of this.#sockets) socket.destroy();
  }
}

async function openWorld(): Promise<OutsideWorld> {
  const [outside, inside] = await Promise.all([openAuthority(), openAuthority()]);
  return new OutsideWorld(outside, inside);
}

/** A secret that may be sent to `api.example` in `Authorization`. */
export function secretCalled(name: string, value: string, hosts: BoundSecret['hosts'] = [{ host: 'api.example' }]): BoundSecret {
  const placeholder = `lasso-secret-${name}-0123456789abcdef0123456789abcdef`;
  return { name, placeholder, hosts, header: 'authorization', value: () => Promise.resolve(value) };
}

/** Everything a stream says until its end; then its other half is ended, too. */
export async function textOf(stream: Duplex): Promise<string> {
  const pieces: Buffer[] = [];
  stream.on('data', (piece: Buffer) => pieces.push(piece)).resume();
  if (!stream.readableEnded) await Promise.race([once(stream, 'end'), once(stream, 'close')]);
  stream.end();
  return Buffer.concat(pieces).toString('latin1');
}

/** Reads until a text has come. */
export function until(stream: Duplex, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const onData = (piece: Buffer): void => {
      said += piece.toString('latin1');
      if (!said.includes(text)) return;
      stream.off('data', onData).off('close', onClose);
      stream.pause();
      resolve(said);
    };
    const onClose = (): void => reject(new Error(`closed after ${JSON.stringify(said)}`));
    stream.on('data', onData).on('close', onClose).resume();
  });
}

/** What a stream of HTTP/2 is told next, and its flags. */
export function headersOf(
  stream: Http2Stream,
  event: 'response' | 'trailers' | 'headers',
): Promise<{ readonly headers: IncomingHttpHeaders & IncomingHttpStatusHeader; readonly flags: number }> {
  return new Promise((resolve, reject) => {
    stream.once('error', reject).once('close', () => reject(new Error(`closed without ${event}`)));
    stream.once(event, (headers: IncomingHttpHeaders & IncomingHttpStatusHeader, flags: number) => resolve({ headers, flags }));
  });
}

/** A world that ends with its test. */
export async function worldFor(context: { after(end: () => void): void }): Promise<OutsideWorld> {
  const opened = await openWorld();
  context.after(() => opened.close());
  return opened;
}

/** A world with `api.example` over plain HTTP, which answers with what it was asked, as it came. */
export async function echoing(context: { after(end: () => void): void }): Promise<OutsideWorld> {
  const outside = await worldFor(context);
  await outside.http('api.example', (asked, answer) => {
    const pieces: Buffer[] = [];
    asked
      .on('data', (piece: Buffer) => pieces.push(piece))
      .on('end', () => {
        const body = Buffer.concat(pieces).toString();
        answer.end(JSON.stringify({ method: asked.method, url: asked.url, raw: asked.rawHeaders, trailers: asked.rawTrailers, body }));
      });
  });
  return outside;
}

/** Two ends of a connection; a reset of one is a reset of the other. */
function linkedPair(): [Duplex, Duplex] {
  const [near, far] = duplexPair();
  near.once('close', () => far.destroy());
  far.once('close', () => near.destroy());
  return [near, far];
}
