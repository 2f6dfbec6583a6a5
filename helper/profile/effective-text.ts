/**
 * A profile as one TOML file without `extends` that means the same: every effective value, tables in the order of the schema.
 * What it writes is read back to the same values; it judges nothing.
 */
import type { Profile } from '../protocol/profile/profile.ts';

const widthLimit = 120;

/** @param head lines of remarks above the file, without `#` */
export function effectiveText(profile: Profile, head: readonly string[] = []): string {
  const remarks = head.map((line) => `# ${line}\n`).join('');
  return `${remarks}${tableText({ ...profile, extends: undefined }, [])}`;
}

/** One value as TOML; tables are written inline. */
export function valueText(value: unknown): string {
  if (typeof value === 'string') return quotedText(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const pairs = entriesOf(value).map(([key, inner]) => `${keyText(key)} = ${valueText(inner)}`);
  return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
}

/** Values first: in TOML whatever follows a table's header belongs to that table. */
function tableText(table: object, path: readonly string[]): string {
  const entries = entriesOf(table);
  const values = entries.filter(([, value]) => !isTable(value) && !isTableList(value));
  const inner = entries.filter(([, value]) => isTable(value) || isTableList(value));
  const lines = values.map(([key, value]) => `${keyText(key)} = ${Array.isArray(value) ? listText(key, value) : valueText(value)}\n`);
  const header = path.length === 0 || (values.length === 0 && inner.length > 0) ? '' : `\n[${path.map(keyText).join('.')}]\n`;
  const below = inner.map(([key, value]) => {
    const at = [...path, key];
    if (!isTableList(value)) return isTable(value) ? tableText(value, at) : '';
    return value.map((item) => `\n[[${at.map(keyText).join('.')}]]\n${tableText(item, []).trimStart()}`).join('');
  });
  return `${header}${lines.join('')}${below.join('')}`;
}

function listText(key: string, items: readonly unknown[]): string {
  const texts = items.map(valueText);
  const line = `[${texts.join(', ')}]`;
  if (key.length + 3 + line.length <= widthLimit) return line;
  const rows: string[] = [];
  for (const text of texts) {
    const last = rows.at(-1);
    if (last === undefined || last.length + text.length + 4 > widthLimit) rows.push(text);
    else rows[rows.length - 1] = `${last}, ${text}`;
  }
  return `[\n${rows.map((row) => `  ${row},\n`).join('')}]`;
}

function entriesOf(table: object): readonly (readonly [string, unknown])[] {
  return Object.entries(table).filter(([, value]: [string, unknown]) => value !== undefined);
}

function isTable(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function isTableList(value: unknown): value is readonly object[] {
  return Array.isArray(value) && value.length > 0 && value.every(isTable);
}

const keyText = (key: string): string => (/^[A-Za-z0-9_-]+$/.test(key) ? key : quotedText(key));

/** A basic string; JSON escapes all that TOML wants escaped but DEL. */
const quotedText = (text: string): string => JSON.stringify(text).replaceAll('\u007f', '\\u007F');
