/** A request sent outside as a stream of HTTP/2 (RFC 9113), several at once over one connection. */
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants, type IncomingHttpHeaders } from 'node:http2';
import type { Duplex } from 'node:stream';
import { EgressFailure } from './contract.ts';
import type { Answer, Outside, Sending } from './exchange.ts';
import { endToEnd, type Fields, trailing } from './fields.ts';
import { fromHttp2, toHttp2 } from './http2-fields.ts';

/** what may be on its way to us unread, for a stream and for the connection; bytes */
export const windowBytes = { stream: 1 << 20, connection: 4 << 20 };
const headLimitBytes = 65_536;

/**
 * Begins HTTP/2 over a connection that agreed to it.
 * @param forget called once when no new request can be sent over it
 * @throws EgressFailure
 */
export function openSession(connection: Duplex, host: string, forget: () => void): Promise<ClientHttp2Session> {
  return new Promise((resolve, reject) => {
    const session = connect(`https://${host.includes(':') ? `[${host}]` : host}`, {
      createConnection: () => connection,
      settings: { enablePush: false, initialWindowSize: windowBytes.stream, maxHeaderListSize: headLimitBytes },
    });
    session.on('connect', () => {
      session.setLocalWindowSize(windowBytes.connection);
      resolve(session);
    });
    session.on('goaway', forget).on('close', forget);
    session.on('error', () => {
      forget();
      reject(new EgressFailure('unreachable', `${host} does not speak HTTP/2 as it said.`));
    });
  });
}

export function sendHttp2({ head, hasBody, inform }: Sending, session: ClientHttp2Session): Outside {
  const { host, port, method } = head;
  const name = host.includes(':') ? `[${host}]` : host;
  const stream = session.request(
    {
      ...toHttp2(head.fields),
      ':method': method,
      ':scheme': 'https',
      ':authority': port === 443 ? name : `${name}:${port}`,
      ':path': head.target,
    },
    { endStream: !hasBody, waitForTrailers: hasBody },
  );
  let trailers: Fields = [];
  if (hasBody) stream.on('wantTrailers', () => stream.sendTrailers(toHttp2(trailers)));
  return {
    body: stream,
    finish: (last) => {
      trailers = last;
      if (hasBody) stream.end();
    },
    answer: answerOf(stream, host, method, inform),
    reused: () => true,
    destroy: () => stream.close(constants.NGHTTP2_CANCEL),
  };
}

function answerOf(stream: ClientHttp2Stream, host: string, method: string, inform: Sending['inform']): Promise<Answer> {
  let trailers: Fields = [];
  stream.on('trailers', (headers: IncomingHttpHeaders) => {
    trailers = trailing(fromHttp2(headers));
  });
  return new Promise((resolve, reject) => {
    stream.on('headers', (headers: IncomingHttpHeaders & { readonly ':status'?: number }) =>
      inform(headers[':status'] ?? 0, ordinary(fromHttp2(headers))),
    );
    stream.on('continue', () => inform(100, []));
    stream.on('response', (headers, flags) => {
      const status = headers[':status'] ?? 502;
      const ends = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0 || method === 'HEAD' || status === 205;
      resolve({ status, fields: ordinary(fromHttp2(headers)), ends, body: stream, trailers: () => trailers });
    });
    const fail = (): void => reject(new EgressFailure('unreachable', `${host} broke off the request (${stream.rstCode}).`));
    stream.on('error', fail).on('close', fail);
  });
}

const ordinary = (fields: Fields): Fields => endToEnd(fields.filter(([name]) => !name.startsWith(':')));
