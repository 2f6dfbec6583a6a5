/**
 * One POST to a receiver: over a connection that was given, TLS verified, nothing followed, everything bounded. An answer is
 * hostile input: its body is read up to a limit and no further, and the whole takes no longer than it may.
 */
import { request, type IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type SecureContext } from 'node:tls';
import { errnoOf } from '../../base/atomic-file.ts';
import type { ForwardFacts } from './contract.ts';

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** for all of it: connecting, sending, the answer */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface PostAnswer {
  readonly status: number;
  /** milliseconds its Retry-After asks for */
  readonly retryAfterMs?: number;
  /** as much of it as was read */
  readonly text: string;
}

/** bytes of an answer that are read; OTLP's and everybody's acknowledgements are far shorter */
const answerLimitBytes = 65_536;

/** @throws Error whose message is a plain sentence without a full stop */
export async function post({ url: text, headers, body, timeoutMs, signal }: Post, facts: ForwardFacts): Promise<PostAnswer> {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) throw new Error('its address is no http or https address');
  const limit = new AbortController();
  const over = AbortSignal.any([signal, limit.signal]);
  const timer = setTimeout(() => limit.abort(), timeoutMs);
  let stream: Duplex | undefined;
  try {
    stream = await connection(url, facts, over);
    return await exchange(stream, url, headers, body, over);
  } catch (error) {
    if (limit.signal.aborted) throw new Error(`there was no answer within ${timeoutMs / 1000} seconds`, { cause: error });
    throw error;
  } finally {
    clearTimeout(timer);
    stream?.destroy();
  }
}

/** A connection to where `url` points, secured where it says so. @throws Error */
async function connection(url: URL, facts: ForwardFacts, signal: AbortSignal): Promise<Duplex> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  const plain = await abandoned(facts.dial({ host, port, web: true }, signal), signal);
  plain.on('error', () => undefined);
  return secure ? secured(plain, host, await facts.trust(), signal) : plain;
}

/** The same connection under TLS, once the other end has proved its name. @throws Error */
export function secured(plain: Duplex, host: string, secureContext: SecureContext, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ socket: plain, host, ...(isIP(host) === 0 ? { servername: host } : {}), secureContext });
    const stop = (): void => void socket.destroy(new Error('it was no longer waited for'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    socket.once('close', () => signal.removeEventListener('abort', stop));
    socket.once('secureConnect', () => resolve(socket));
    socket.on('error', (error: Error) => {
      plain.destroy();
      reject(new Error(`it did not prove who it is (${reasonOf(error)})`, { cause: error }));
    });
    socket.once('close', () => reject(new Error('it closed the connection before it was secured')));
  });
}

function exchange(
  stream: Duplex,
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
): Promise<PostAnswer> {
  return new Promise((resolve, reject) => {
    const asked = request({
      // The connection is there already: what kind it is is no matter of the request's any more.
      protocol: 'http:',
      createConnection: () => stream,
      host: url.hostname,
      method: 'POST',
      path: `${url.pathname}${url.search}`,
      headers: { ...credentials(url), ...headers, host: url.host, connection: 'close', 'content-length': Buffer.byteLength(body) },
      signal,
    });
    asked.once('response', (answer) => {
      readSome(answer).then(
        (read) => resolve({ ...read, status: answer.statusCode ?? 0 }),
        (error: unknown) => reject(new Error('its answer broke off', { cause: error })),
      );
    });
    asked.once('error', (error: Error) => reject(new Error(`the connection failed (${reasonOf(error)})`, { cause: error })));
    asked.once('upgrade', (_answer, upgraded) => {
      upgraded.destroy();
      reject(new Error('it answered with something else than HTTP'));
    });
    asked.end(body);
  });
}

/** What stands before the @ of an address (RFC 7617). */
function credentials({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === '' && password === '') return {};
  const bytes = `${username}:${password}`.replace(/%([0-9a-f]{2})/gi, (_escape, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return { authorization: `Basic ${Buffer.from(bytes, 'latin1').toString('base64')}` };
}

async function readSome(answer: IncomingMessage): Promise<Omit<PostAnswer, 'status'>> {
  const wait = retryAfterMs(answer.headers['retry-after']);
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) {
    pieces.push(piece);
    length += piece.length;
    if (length >= answerLimitBytes) break;
  }
  const text = Buffer.concat(pieces).toString('utf8', 0, answerLimitBytes);
  return { text, ...(wait === undefined ? {} : { retryAfterMs: wait }) };
}

/** Seconds, or a date (RFC 9110, 10.2.3); undefined for anything else. */
function retryAfterMs(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const at = /^[A-Z][a-z]{2}, /.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

/** What a connection that took too long gives is let go of. */
export function abandoned(work: Promise<Duplex>, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      work.then((stream) => stream.destroy()).catch(() => undefined);
      reject(new Error('it was no longer waited for'));
    };
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

const reasonOf = (error: Error): string => errnoOf(error) ?? error.message;
