/**
 * A web server for tests over HTTP/1.1, with TLS also over HTTP/2: it tells what it was asked, gives and takes many bytes, redirects,
 * streams events that wait for their reader, and speaks WebSocket.
 */
import { createHash } from 'node:crypto';
import { createServer as createPlain, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { pipeline } from 'node:stream/promises';
import type { SandboxAuthority } from '../../../helper/egress/certificates.ts';
import { manyBytes } from './bytes.ts';
import { serveEvents } from './event-stream.ts';
import { serveWebSocket } from './websocket.ts';

export type Asked = IncomingMessage | Http2ServerRequest;
export type Answer = ServerResponse | Http2ServerResponse;

/** a request as a server outside saw it */
export interface SeenAtServer {
  /** host and port as the request names them */
  readonly host: string;
  readonly method: string;
  readonly url: string;
  readonly version: string;
  readonly headers: IncomingHttpHeaders;
}

/** what a site does with requests of its own; false: nothing, so that the server does what it does for every site */
export type Site = (asked: Asked, answer: Answer) => boolean;

export interface Web {
  readonly plain: Server;
  readonly secure: Server;
  readonly seen: readonly SeenAtServer[];
  /** what each connection over HTTP/1 heard first, also where it was no request */
  readonly heard: readonly string[];
}

const heardLimit = 16_384;

/** @param sites by name; every other name gets what the server does by itself */
export function makeWeb(authority: SandboxAuthority, sites: Readonly<Record<string, Site>>): Web {
  const seen: SeenAtServer[] = [];
  const heard: string[] = [];
  const events = serveEvents();
  const listen = (socket: Socket): void => {
    const at = heard.push('') - 1;
    const told = (): string => heard[at] ?? '';
    socket.on('data', (piece: Buffer) => {
      if (told().length < heardLimit) heard[at] = told() + piece.toString('latin1', 0, heardLimit);
    });
  };
  const handle = (asked: Asked, answer: Answer): void => {
    const { method = '', url = '', headers, httpVersion: version } = asked;
    const host = String(headers[':authority'] ?? headers.host ?? '');
    seen.push({ host, method, url, version, headers });
    const name = host.replace(/:\d+$/, '');
    if (sites[name]?.(asked, answer) === true || events(asked, answer)) return;
    void everySite(asked, answer, { host, method, url, version, headers }).catch(() => asked.destroy());
  };
  const plain = createPlain(handle);
  const secure = createSecureServer({ allowHTTP1: true, SNICallback: (name, done) => done(null, authority.contextFor(name)) }, handle);
  for (const server of [plain, secure]) {
    server.on('upgrade', (asked: IncomingMessage, socket: Duplex) => {
      const { method = '', url = '', headers } = asked;
      seen.push({ host: headers.host ?? '', method, url, version: '1.1', headers });
      serveWebSocket(asked, socket);
    });
    server.on('connection', (socket: Socket) => void socket.on('error', () => undefined));
  }
  plain.on('connection', listen);
  // The bytes of HTTP/2 tell nothing by themselves, and their connection is read by nobody else.
  secure.on('secureConnection', (socket: TLSSocket) => {
    if (socket.alpnProtocol !== 'h2') listen(socket);
  });
  return { plain, secure, seen, heard };
}

async function everySite(asked: Asked, answer: Answer, request: SeenAtServer): Promise<void> {
  const [path = '', query = ''] = request.url.split('?');
  const searchParams = new URLSearchParams(query);
  answer.on('error', () => undefined);
  const json = (value: unknown): void => {
    answer.setHeader('content-type', 'application/json');
    answer.end(`${JSON.stringify(value)}\n`);
  };
  switch (path.slice(path.lastIndexOf('/'))) {
    case '/bytes':
      answer.setHeader('content-type', 'application/octet-stream');
      return pipeline(manyBytes(Number(searchParams.get('count'))), answer as NodeJS.WritableStream);
    case '/take': {
      const hash = createHash('sha256');
      let count = 0;
      for await (const piece of asked) {
        count += (piece as Buffer).length;
        hash.update(piece as Buffer);
      }
      return json({ count, sha256: hash.digest('hex') });
    }
    case '/redirect':
      answer.statusCode = 302;
      answer.setHeader('location', searchParams.get('to') ?? '/');
      answer.end();
      return;
    default:
      asked.resume();
      json(request);
  }
}
