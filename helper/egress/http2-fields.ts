/** Fields as HTTP/2 writes them (RFC 9113, 8.2), from and to the objects Node takes. */
import type { OutgoingHttpHeaders } from 'node:http2';
import type { Field, Fields } from './fields.ts';

/** fields that Node takes only once; of an answer that repeats them the first counts, as in Node's own reader */
const once = new Set([
  'access-control-allow-credentials',
  'access-control-max-age',
  'access-control-request-method',
  'age',
  'authorization',
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-md5',
  'content-range',
  'content-type',
  'date',
  'dnt',
  'etag',
  'expires',
  'from',
  'host',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'range',
  'referer',
  'retry-after',
  'tk',
  'upgrade-insecure-requests',
  'user-agent',
  'x-content-type-options',
]);

/** fields as Node gives them */
type Received = Readonly<Record<string, string | readonly string[] | number | undefined>>;

export function fromHttp2(headers: Received): Fields {
  return Object.entries(headers).flatMap(([name, value]): readonly Field[] => {
    if (value === undefined) return [];
    return typeof value === 'object' ? value.map((one): Field => [name, one]) : [[name, `${value}`]];
  });
}

export function toHttp2(fields: Fields): OutgoingHttpHeaders {
  const lists = new Map<string, string[]>();
  for (const [name, value] of fields) {
    const key = name.toLowerCase();
    const list = lists.get(key);
    if (list === undefined) lists.set(key, [value]);
    else if (!once.has(key)) list.push(value);
  }
  // A field may be called “__proto__”, too.
  return Object.assign<OutgoingHttpHeaders, OutgoingHttpHeaders>(
    {},
    Object.fromEntries([...lists].map(([name, list]) => [name, list.length === 1 ? list[0] : list])),
  );
}
