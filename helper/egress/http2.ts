/** Requests read from inside as streams of HTTP/2 (RFC 9113); each is handled by itself, several at once. */
import { constants, performServerHandshake, type ServerHttp2Stream } from 'node:http2';
import { type Duplex, finished } from 'node:stream';
import type { Inside } from './exchange.ts';
import { type Fields, trailing } from './fields.ts';
import { headLimitBytes, type Requests } from './http1.ts';
import { fromHttp2, toHttp2 } from './http2-fields.ts';
import { windowBytes } from './outside-http2.ts';
import { type Expected, readStreamHead } from './request-head.ts';

const streamLimit = 100;

/** Serves a connection that agreed to HTTP/2 until it is over. */
export function serveHttp2(connection: Duplex, expected: Expected, { handle, malformed }: Requests): Promise<void> {
  const session = performServerHandshake(connection, {
    settings: { maxConcurrentStreams: streamLimit, maxHeaderListSize: headLimitBytes, initialWindowSize: windowBytes.stream },
  });
  session.once('connect', () => session.setLocalWindowSize(windowBytes.connection));
  const running = new Set<Promise<void>>();
  session.on('stream', (stream, headers, flags) => {
    const hasBody = (flags & constants.NGHTTP2_FLAG_END_STREAM) === 0;
    const handled = handle(insideOf(stream, fromHttp2(headers), hasBody, expected)).finally(() => running.delete(handled));
    running.add(handled);
  });
  session.on('error', (error: Error & { readonly code?: string }) => {
    if (error.code !== 'ECONNRESET') malformed(`the connection is not proper HTTP/2 (${error.code ?? 'unreadable'})`);
    session.destroy();
  });
  connection.on('error', () => undefined);
  return new Promise((resolve) => {
    const over = (): void => {
      session.destroy();
      void Promise.all(running).then(
        () => resolve(),
        () => resolve(),
      );
    };
    session.once('close', over);
    finished(connection, over);
  });
}

function insideOf(stream: ServerHttp2Stream, fields: Fields, hasBody: boolean, expected: Expected): Inside {
  const gone = new AbortController();
  let followed: Fields = [];
  let last: Fields = [];
  stream.on('trailers', (headers) => {
    followed = trailing(fromHttp2(headers));
  });
  stream.on('wantTrailers', () => stream.sendTrailers(toHttp2(last)));
  // Told by `gone` and by whoever reads the body.
  stream.on('error', () => undefined);
  stream.on('close', () => gone.abort());
  return {
    arrived: readStreamHead(fields, expected),
    body: hasBody ? stream : undefined,
    trailers: () => followed,
    gone: gone.signal,
    inform: (status, interim) => {
      if (status > 101 && !stream.headersSent && !stream.destroyed) stream.additionalHeaders({ ...toHttp2(interim), ':status': status });
      else if (status === 100 && !stream.headersSent && !stream.destroyed) stream.additionalHeaders({ ':status': 100 });
    },
    answer: ({ status, fields: answered, ends }) => {
      if (!stream.destroyed) stream.respond({ ...toHttp2(answered), ':status': status }, { endStream: ends, waitForTrailers: !ends });
      return stream;
    },
    finish: (trailers) => {
      last = trailers;
      stream.end();
      // An answer may be whole before its request is (RFC 9113, 8.1).
      if (hasBody && !stream.readableEnded) finished(stream, { readable: false }, () => stream.close(constants.NGHTTP2_NO_ERROR));
    },
    switchProtocols: () => stream,
    reset: () => stream.close(constants.NGHTTP2_INTERNAL_ERROR),
  };
}
