/** Values as TOML writes them, on one line: for proposals and hints, never for files. */

export function literal(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value).replaceAll('\u007f', '\\u007f');
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object' || value === null) return String(value);
  const pairs = Object.entries(value).map(([key, inner]: [string, unknown]) => `${keyText(key)} = ${literal(inner)}`);
  return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
}

export const keyText = (name: string): string => (/^[A-Za-z0-9_-]+$/.test(name) ? name : literal(name));
