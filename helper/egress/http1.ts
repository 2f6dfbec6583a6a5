/**
 * Requests read from inside as HTTP/1.1 (RFC 9112). Node's parser is kept strict and what it lets through is refused in
 * `request-head.ts`; requests that came at once are answered one after the other.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Duplex, finished } from 'node:stream';
import type { Inside } from './exchange.ts';
import { endToEnd, fieldsOf, rawOf, trailing, valuesOf } from './fields.ts';
import { type Expected, readHead } from './request-head.ts';
import { askedForWebSocket } from './websocket.ts';

/** longest head of a request, in bytes */
export const headLimitBytes = 16_384;
/** requests sent ahead of their answers */
const aheadLimit = 100;
/** how long what is left of a refused request is read, lest a reset overtakes the answer */
const lingerMs = 5000;

export interface Requests {
  readonly handle: (inside: Inside) => Promise<void>;
  /** something that is no request; the sentence is for the asker too */
  readonly malformed: (sentence: string) => void;
  /** breaks the whole connection off, so that its end is not taken for one */
  readonly reset: () => void;
}

/** Serves a stream until it is over. */
export function serveHttp1(stream: Duplex, expected: Expected, { handle, malformed, reset }: Requests): Promise<void> {
  // A missing host is refused by us, so that it is on record.
  const server = createServer({ maxHeaderSize: headLimitBytes, insecureHTTPParser: false, requireHostHeader: false, keepAliveTimeout: 0 });
  server.maxHeadersCount = 0;
  // Somebody who has said all still waits for the answer.
  Object.assign(server, { httpAllowHalfOpen: true });
  let waiting = 0;
  let last = Promise.resolve();
  const inTurn = (inside: () => Inside): void => {
    if (++waiting > aheadLimit) {
      malformed('more requests were sent ahead than are read');
      reset();
      return;
    }
    last = last.then(async () => {
      if (!stream.destroyed) await handle(inside());
      waiting--;
    });
  };
  const ordinary = (request: IncomingMessage, response: ServerResponse): void => {
    const inside = insideOf({ request, response, stream, expected, reset });
    inTurn(() => inside);
  };
  server.on('request', ordinary).on('checkContinue', ordinary);
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    malformed('no other expectation is met than “100-continue”');
    response.writeHead(417, { Connection: 'close', 'Content-Length': '0' }).end();
  });
  server.on('upgrade', (request, connection, first) => {
    if (first.length > 0) connection.unshift(first);
    inTurn(() => askedForWebSocket(readHead(arrivedHead(request), expected), connection, reset));
  });
  const refuse = (connection: Duplex, sentence: string): void => {
    malformed(sentence);
    if (connection.writable) connection.end(badRequest(sentence));
    else connection.destroy();
    setTimeout(() => connection.destroy(), lingerMs).unref();
    connection.resume();
  };
  server.on('connect', (_request, connection) => refuse(connection, 'no tunnel is opened within a connection'));
  server.on('clientError', (error: Error & { readonly code?: string }, connection) => {
    if (error.code === 'ECONNRESET' || error.code === 'EPIPE' || connection.destroyed) connection.destroy();
    else refuse(connection, `the request is not proper HTTP/1.1 (${error.code ?? 'unreadable'})`);
  });
  server.emit('connection', stream);
  // After the last answer nothing else is read; somebody inside who does not close is not waited for.
  stream.once('finish', () => {
    setTimeout(() => stream.destroy(), lingerMs).unref();
    stream.resume();
  });
  return new Promise((resolve) => void finished(stream, () => void last.then(resolve, () => resolve())));
}

const arrivedHead = (request: IncomingMessage): Parameters<typeof readHead>[0] => ({
  version: request.httpVersion,
  method: request.method ?? '',
  target: request.url ?? '',
  fields: fieldsOf(request.rawHeaders),
});

interface Arrival {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly stream: Duplex;
  readonly expected: Expected;
  readonly reset: () => void;
}

function insideOf({ request, response, stream, expected, reset }: Arrival): Inside {
  const gone = new AbortController();
  const arrived = readHead(arrivedHead(request), expected);
  const hasBody = request.headers['transfer-encoding'] !== undefined || (arrived.ok && (arrived.head.length ?? 0) > 0);
  let continued = false;
  response.sendDate = false;
  response.on('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  // Told by `gone` and by whoever reads the body.
  request.on('error', () => undefined);
  response.on('error', () => undefined);
  return {
    arrived,
    body: hasBody ? request : undefined,
    trailers: () => trailing(fieldsOf(request.rawTrailers)),
    gone: gone.signal,
    inform: (status, fields) => {
      if (response.headersSent) return;
      if (status === 100) {
        continued = true;
        response.writeContinue();
      }
      if (status === 103) response.writeEarlyHints({ link: [...valuesOf(fields, 'link')] });
    },
    answer: ({ status, fields, ends }) => {
      // Whoever was not told to go on may leave its body out, and the next request would be taken for it.
      const unread = !arrived.ok || (request.headers.expect !== undefined && !continued && !request.complete);
      response.writeHead(status, [...rawOf(endToEnd(fields)), ...(unread ? ['Connection', 'close'] : [])]);
      if (!ends) response.flushHeaders();
      return response;
    },
    finish: (trailers) => {
      if (trailers.length > 0 && response.chunkedEncoding)
        response.addTrailers(trailers.map(([name, value]): [string, string] => [name, value]));
      response.end();
      if (request.complete) return;
      // What was not read would be taken for the next request.
      request.resume();
      const timer = setTimeout(() => stream.destroy(), lingerMs).unref();
      request.once('end', () => clearTimeout(timer));
      stream.once('close', () => clearTimeout(timer));
    },
    switchProtocols: () => stream,
    reset,
  };
}

function badRequest(sentence: string): string {
  const body = `LASSO: ${sentence}.\n`;
  const head = ['HTTP/1.1 400 Bad Request', 'Content-Type: text/plain; charset=utf-8', `Content-Length: ${Buffer.byteLength(body)}`];
  return `${[...head, 'Connection: close'].join('\r\n')}\r\n\r\n${body}`;
}
