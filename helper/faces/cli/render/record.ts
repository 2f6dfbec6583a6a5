/**
 * Lines of a record as a person reads them, in columns that stay where they are while more comes. A record is hostile text: shown,
 * never obeyed, and odd lines are shown as they are.
 */
import type { OperationResult } from '../../../protocol/operations.ts';
import type { RecordView } from '../../../protocol/record-operations.ts';
import type { Colour, Paint } from '../console.ts';
import { ageOf, columns, jsonText, visible, widthOf } from './text.ts';
import type { View } from './view.ts';

const outcomeColours: Readonly<Record<string, Colour>> = {
  success: 'green',
  intent: 'dim',
  error: 'red',
  blocked: 'red',
  unknown: 'yellow',
};
/** what stands before a blocked record, for those who see no colour */
const blockedMark = '!';
/** columns of a field that a person reads at once; whoever wants all of it asks for --json */
const fieldLimit = 240;
const widths = { time: 24, what: 20, outcome: 7, target: 40 } as const;

export function recordHead(paint: Paint): string {
  return `${paint('dim', `  ${padded('TIME', widths.time)}  ${padded('TYPE ACTION', widths.what)}  ${padded('OUTCOME', widths.outcome)}  ${padded('TARGET', widths.target)}  REASON`)}\n`;
}

export function recordLines(records: readonly RecordView[], { paint, terminal }: Pick<View, 'paint' | 'terminal'>): string {
  return records.map((view) => recordText(view, paint, terminal)).join('');
}

/** One JSON document a record, on one line: the line itself where it is one. */
export function recordJson({ file, line, text }: RecordView): string {
  const record = parsed(text);
  return `${record === undefined ? jsonText({ unreadable: { file, line, text } }) : /^[\x20-\x7e]*$/.test(text) ? text : jsonText(record)}\n`;
}

function recordText({ file, line, text }: RecordView, paint: Paint, terminal: boolean): string {
  const record = parsed(text);
  const short = (field: string): string => visible(terminal && field.length > fieldLimit ? `${field.slice(0, fieldLimit)}…` : field);
  if (record === undefined) return paint('red', `? ${visible(file)}:${line} is not a record: ${short(text)}`) + '\n';
  const outcome = word(record['outcome']);
  const blocked = outcome === 'blocked';
  const colour = (Object.hasOwn(outcomeColours, outcome) ? outcomeColours[outcome] : undefined) ?? 'yellow';
  const [time, what, target] = [word(record['ts']), `${word(record['type'])} ${word(record['action'])}`, record['target']];
  const cells = [
    padded(visible(time), widths.time),
    padded(short(what), widths.what),
    blocked ? padded('blocked', widths.outcome) : paint(colour, padded(visible(outcome), widths.outcome)),
    padded(target === undefined ? '-' : short(word(target)), widths.target),
    short(reasonOf(record['detail'])),
  ];
  const row = `${blocked ? blockedMark : ' '} ${cells.join('  ')}`.trimEnd();
  return `${blocked ? paint('red', row) : row}\n`;
}

/** Why, where a record says so; else all it tells. */
function reasonOf(detail: unknown): string {
  if (typeof detail !== 'object' || detail === null) return '';
  const entries = new Map<string, unknown>(Object.entries(detail));
  const reason = entries.get('reason');
  if (typeof reason === 'string' && reason !== '') {
    const by = entries.get('origin') ?? entries.get('rule');
    return `${reason}${typeof by === 'string' ? ` (${by})` : ''}`;
  }
  return [...entries].map(([name, value]) => `${name}=${word(value)}`).join(' ');
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function word(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined ? '?' : jsonText(value);
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

export function recordTable({ records }: OperationResult<'auditList'>, { paint, now }: View): string {
  if (records.length === 0) return 'There is no record yet. One begins with each sandbox.\n';
  return columns([
    ['SANDBOX', 'NAME', 'FILES', 'SIZE', 'CHANGED'].map((text) => ({ text, paint: (shown: string) => paint('dim', shown) })),
    ...records.map(({ sandbox, name, files, bytes, changedAt }) => [
      { text: sandbox },
      { text: name ?? '(removed)' },
      { text: String(files.length) },
      { text: sizeText(bytes) },
      { text: `${ageOf(changedAt, now)} ago` },
    ]),
  ]);
}

function sizeText(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${step === 0 ? bytes : (bytes / 1000 ** step).toFixed(1)} ${units[step] ?? ''}`;
}
