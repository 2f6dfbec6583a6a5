/** One text for equal values, whatever the order of their keys: what a digest is made of. */

/** JSON with sorted keys and without fields that are undefined; integers too large for a number are written as they are. */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  if (typeof value !== 'object' || value === null || value instanceof Date) return value === undefined ? 'null' : JSON.stringify(value);
  const pairs = Object.entries(value).filter(([, inner]: [string, unknown]) => inner !== undefined);
  pairs.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${pairs.map(([key, inner]: [string, unknown]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join()}}`;
}
