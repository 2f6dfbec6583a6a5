/** A request sent outside as HTTP/1.1 (RFC 9112), framed anew. Answers are parsed strictly; what is malformed is a failure. */
import { Agent, type ClientRequest, type ClientRequestArgs, type IncomingMessage, request } from 'node:http';
import { Socket } from 'node:net';
import { type Duplex, PassThrough } from 'node:stream';
import { EgressFailure } from './contract.ts';
import type { Answer, Outside, Sending } from './exchange.ts';
import { endToEnd, fieldsOf, listOf, rawOf, trailing, valuesOf, without } from './fields.ts';

/** longest head of an answer, in bytes */
const headLimitBytes = 65_536;
/** connections to one host at once, where streams of HTTP/2 inside become requests of HTTP/1.1 */
const socketLimit = 16;
/** methods whose request has a body even where none is announced, so that its absence is to be said */
const withBody = new Set(['POST', 'PUT', 'PATCH']);

type Open = (host: string, port: number) => Duplex | Promise<Duplex>;

/** Keeps connections for the next request. Failures to open one are told as they are. */
export class OutsideAgent extends Agent {
  readonly #open: Open;

  constructor(open: Open) {
    super({ keepAlive: true, maxSockets: socketLimit, scheduling: 'lifo' });
    this.#open = open;
  }

  override createConnection(
    { host, port }: ClientRequestArgs,
    done?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    const opening = Promise.resolve(this.#open(host ?? '', Number(port)));
    opening.then(
      (connection) => done?.(null, connection),
      // A failure comes without a connection; the type does not know that.
      (error: unknown) => done?.(error instanceof Error ? error : new Error(String(error)), new PassThrough()),
    );
    return undefined;
  }

  override keepSocketAlive(connection: Duplex): boolean {
    // What Node's own answers is not in its type.
    const kept: unknown = connection instanceof Socket ? super.keepSocketAlive(connection) : true;
    return kept !== false && !connection.destroyed;
  }

  override reuseSocket(connection: Duplex, reused: ClientRequest): void {
    if (connection instanceof Socket) super.reuseSocket(connection, reused);
    else reused.reusedSocket = true;
  }
}

export function sendHttp1({ head, hasBody, inform }: Sending, scheme: 'http' | 'https', agent: OutsideAgent): Outside {
  const { host, port, method } = head;
  const name = host.includes(':') ? `[${host}]` : host;
  const usual = port === (scheme === 'https' ? 443 : 80);
  const framed =
    head.length === undefined && hasBody
      ? ['Transfer-Encoding', 'chunked']
      : head.length === undefined && withBody.has(method)
        ? ['Content-Length', '0']
        : [];
  const sent = request({
    agent,
    host,
    port,
    method,
    path: head.target,
    setHost: false,
    maxHeaderSize: headLimitBytes,
    headers: [
      ...['Host', usual ? name : `${name}:${port}`],
      ...rawOf(head.fields),
      ...framed,
      ...(head.webSocket ? ['Connection', 'Upgrade', 'Upgrade', 'websocket'] : ['Connection', 'keep-alive']),
    ],
  });
  const answer = new Promise<Answer>((resolve, reject) => {
    sent.on('response', (response) => resolve(answerOf(response, method)));
    // Without a listener an upgrade nobody asked for ends the connection.
    if (head.webSocket)
      sent.on('upgrade', (response, connection, first) => {
        if (first.length > 0) connection.unshift(first);
        const agreed = listOf(fieldsOf(response.rawHeaders), 'upgrade');
        if (agreed.length === 1 && agreed[0] === 'websocket') return resolve({ ...answerOf(response, method), switched: connection });
        connection.destroy();
        reject(new EgressFailure('malformed', `${host} agreed to something that is no WebSocket.`));
      });
    sent.on('information', ({ statusCode, rawHeaders }) => inform(statusCode, endToEnd(fieldsOf(rawHeaders))));
    sent.on('error', (error) => reject(failureFrom(error, host)));
    sent.on('close', () => reject(new EgressFailure('unreachable', `${host} closed the connection without an answer.`)));
  });
  if (hasBody) sent.flushHeaders();
  return {
    body: sent,
    finish: (trailers) => {
      if (trailers.length > 0 && head.length === undefined && hasBody)
        sent.addTrailers(trailers.map(([key, value]): [string, string] => [key, value]));
      sent.end();
    },
    answer,
    reused: () => sent.reusedSocket,
    destroy: () => void sent.destroy(),
  };
}

function answerOf(response: IncomingMessage, method: string): Answer {
  const fields = endToEnd(fieldsOf(response.rawHeaders));
  const status = response.statusCode ?? 502;
  const ends = method === 'HEAD' || [204, 205, 304].includes(status) || valuesOf(fields, 'content-length')[0] === '0';
  return {
    status,
    fields: status === 204 ? without(fields, 'content-length') : fields,
    ends,
    body: response,
    trailers: () => trailing(fieldsOf(response.rawTrailers)),
  };
}

function failureFrom(error: Error & { readonly code?: unknown }, host: string): EgressFailure {
  if (error instanceof EgressFailure) return error;
  const code = typeof error.code === 'string' ? error.code : '';
  if (code.startsWith('HPE_')) return new EgressFailure('malformed', `The answer of ${host} is not proper HTTP (${code}).`);
  return new EgressFailure('unreachable', `The connection to ${host} broke off${code === '' ? '' : ` (${code})`}.`);
}
