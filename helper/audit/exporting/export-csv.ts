/**
 * Records as CSV (RFC 4180) for spreadsheets. A field that a spreadsheet would take for a formula gets an apostrophe before it, as
 * OWASP's page on CSV injection asks; so it is not, byte for byte, what is on record. JSON lines are.
 */
import { textIn, type ExportForm, type ExportLine } from './export-line.ts';

type Column = readonly [name: string, value: (line: ExportLine) => unknown];

const member =
  (name: string): Column[1] =>
  ({ record }) =>
    record?.[name];
const within =
  (outer: string, name: string): Column[1] =>
  ({ record }) =>
    textIn(record?.[outer], name);

const columns: readonly Column[] = [
  ['seq', member('seq')],
  ['time', member('ts')],
  ['sandbox', member('sandbox')],
  ['type', ({ record }) => record?.['type'] ?? 'unreadable'],
  ['action', member('action')],
  ['outcome', member('outcome')],
  ['actor', within('actor', 'kind')],
  ['face', within('actor', 'face')],
  ['user', within('actor', 'user')],
  ['target', ({ record, text }) => (record === undefined ? text : record['target'])],
  ['reason', within('detail', 'reason')],
  ['rule', within('detail', 'rule')],
  ['detail', member('detail')],
  ['file', ({ file }) => file],
  ['line', ({ line }) => line],
];

export const csvForm: ExportForm = {
  head: row(columns.map(([name]) => name)),
  each: (line) => row(columns.map(([, value]) => cell(value(line)))),
  between: '',
  foot: '',
};

function row(cells: readonly string[]): string {
  return `${cells.join(',')}\r\n`;
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const safe = formula.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** what spreadsheets take for the beginning of a formula, in both widths, also behind white space that they skip */
const formula = /^[\s\u0000-\u001f]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;
