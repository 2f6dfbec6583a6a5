/**
 * What somebody inside begins to speak: TLS, HTTP, or something else. Generous about what might be HTTP, because what is taken for
 * it is parsed strictly afterwards; nothing is answered here.
 */
import { type ClientHello, beginsTls, helloLimitBytes, readClientHello } from './client-hello.ts';
import type { Look } from './opening.ts';

export type Spoken =
  | { readonly kind: 'tls'; readonly hello: ClientHello }
  | { readonly kind: 'http' }
  | { readonly kind: 'other' }
  | { readonly kind: 'malformed'; readonly why: string };

/** longest first line that is looked at */
const lineLimitBytes = 4096;
const methodLimit = 32;
/** most bytes of empty lines before it */
const emptyLimit = 64;
/** how long the end of a first line is waited for that begins no usual request */
const lineMs = 1000;
/** RFC 9110, 9.3; RFC 5789; the preface of HTTP/2 (RFC 9113, 3.4) */
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH', 'PRI'];

/** Says what the first bytes of a stream are, for `readOpening`. Of HTTP nothing is used up, of everything else all. */
export function lookAtSpoken(bytes: Buffer): Look<Spoken> {
  const whole = (found: Spoken): Look<Spoken> => ({ found, keepBytes: bytes.length });
  const tls = beginsTls(bytes);
  if (tls === undefined) return { atLeastBytes: 2 };
  if (!tls) {
    const http = beginsHttp(bytes);
    if (http === undefined) return { atLeastBytes: bytes.length + 1, ...(mayBecomeRequest(bytes) ? {} : { patienceMs: lineMs }) };
    return http ? { found: { kind: 'http' }, keepBytes: 0 } : whole({ kind: 'other' });
  }
  const reading = readClientHello(bytes.subarray(0, helloLimitBytes));
  switch (reading.state) {
    case 'read':
      return whole({ kind: 'tls', hello: reading.hello });
    case 'bad':
      return whole({ kind: 'malformed', why: `this begins as TLS, but ${reading.why}` });
    case 'more':
      return { atLeastBytes: reading.atLeastBytes };
  }
}

/** Whether bytes begin as a request of HTTP/1 or HTTP/2 does, also as a careless server would read it; undefined while it cannot be told. */
export function beginsHttp(bytes: Uint8Array): boolean | undefined {
  const line = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, lineLimitBytes)).toString('latin1');
  // Servers skip empty lines before a request.
  const text = line.slice(0, emptyLimit).replace(/^[\r\n]+/, '') + line.slice(emptyLimit);
  if (text === '') return line.length < emptyLimit ? undefined : false;
  const [method = ''] = /^[A-Za-z][!-~]{0,31}/.exec(text) ?? [];
  if (method === '') return false;
  const known = methods.includes(method.toUpperCase());
  if (method.length === text.length) return method.length < methodLimit ? undefined : false;
  if (!/^[ \t\v\f\r\n]/.test(text.slice(method.length))) return false;
  if (known) return true;
  const [rest] = /^[^\n]*(?=\n)/.exec(text) ?? [];
  if (rest === undefined) return text.length < lineLimitBytes ? undefined : false;
  return /\sHTTP\/\d/i.test(rest);
}

/** Whether a first line that is not finished may still become a request with a usual method, which is then waited for. */
function mayBecomeRequest(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, methodLimit)).toString('latin1').toUpperCase();
  return text === '' || methods.some((method) => method.startsWith(text));
}
