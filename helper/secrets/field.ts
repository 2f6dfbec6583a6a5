/**
 * One field of a JSON document by its dotted path, `tokens.access`, or by a JSON pointer, `/auths/registry.example/auth`
 * (RFC 6901), and when it says it expires. The document is hostile text; nothing of it is ever repeated in a reason.
 */

export type FoundField =
  | { readonly ok: true; readonly value: string; /** milliseconds since 1970 */ readonly expiresMs?: number }
  | { readonly ok: false; readonly reason: string };

/** names under which the programs that write logins say when they expire, beside the value */
const expiryNames = ['expiresAt', 'expires_at', 'expiry', 'expiry_date', 'expires', 'expiration'] as const;
const minimumMs = 100_000_000_000;

export function fieldOf(text: string, field: string): FoundField {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, reason: 'it is not JSON' };
  }
  let holder: unknown;
  for (const step of stepsOf(field)) {
    holder = value;
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step))
      return { ok: false, reason: `it has no field ${field}` };
    value = (value as Readonly<Record<string, unknown>>)[step];
  }
  if (typeof value !== 'string' && typeof value !== 'number') return { ok: false, reason: `its field ${field} is no text` };
  const expiresMs = expiryOf(holder);
  return { ok: true, value: String(value), ...(expiresMs === undefined ? {} : { expiresMs }) };
}

function stepsOf(field: string): readonly string[] {
  if (!field.startsWith('/')) return field.split('.');
  return field
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Seconds or milliseconds since 1970, or a date; anything else says nothing. */
function expiryOf(holder: unknown): number | undefined {
  if (typeof holder !== 'object' || holder === null) return undefined;
  const name = expiryNames.find((each) => Object.hasOwn(holder, each));
  const said: unknown = name === undefined ? undefined : (holder as Readonly<Record<string, unknown>>)[name];
  if (typeof said === 'number' && said > 0) return said < minimumMs ? said * 1000 : said;
  const time = typeof said === 'string' ? Date.parse(said) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
