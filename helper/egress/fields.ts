/** Header fields as a list in the order they came, so that nothing is merged, lost or guessed on the way. */

export type Field = readonly [name: string, value: string];
export type Fields = readonly Field[];

/** what is between two neighbours only (RFC 9110, 7.6.1), `TE` aside */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-authentication-info',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);
/** what a trailer may not say (RFC 9110, 6.5.1): how the message is framed, routed, authorised or read */
const neverTrailing = new Set([
  ...hopByHop,
  'host',
  'te',
  'trailer',
  'content-length',
  'content-encoding',
  'content-type',
  'content-range',
  'authorization',
  'cookie',
  'set-cookie',
]);

/** @param raw names and values in turn, as Node gives them */
export function fieldsOf(raw: readonly string[]): Fields {
  return Array.from({ length: Math.floor(raw.length / 2) }, (_, index) => [raw[index * 2] ?? '', raw[index * 2 + 1] ?? '']);
}

export const rawOf = (fields: Fields): string[] => fields.flat();

/** Every value of a field. @param name lower case */
export function valuesOf(fields: Fields, name: string): readonly string[] {
  return fields.filter((field) => field[0].toLowerCase() === name).map((field) => field[1]);
}

/** The elements of a list (RFC 9110, 5.6.1), lower case. @param name lower case */
export function listOf(fields: Fields, name: string): readonly string[] {
  return valuesOf(fields, name)
    .flatMap((value) => value.split(','))
    .map((element) => element.trim().toLowerCase())
    .filter((element) => element !== '');
}

/** @param names lower case */
export function without(fields: Fields, ...names: readonly string[]): Fields {
  return fields.filter(([name]) => !names.includes(name.toLowerCase()));
}

/** What goes on to the far side: nothing that is between two neighbours, and of `TE` only that trailers are welcome. */
export function endToEnd(fields: Fields): Fields {
  const named = new Set(listOf(fields, 'connection'));
  return fields.filter(([name, value]) => {
    const lower = name.toLowerCase();
    if (lower === 'te') return value.trim().toLowerCase() === 'trailers';
    return !hopByHop.has(lower) && !named.has(lower);
  });
}

/** What of a trailer goes on. */
export const trailing = (fields: Fields): Fields =>
  fields.filter(([name]) => !name.startsWith(':') && !neverTrailing.has(name.toLowerCase()));
