/**
 * A line of a record as it is shown: every field is hostile text until verified and stays data after that, so control and
 * direction characters are made visible and lengths are bounded. A line that is no record is shown as such. Pure.
 */
import type { PageDetails, PageMember, PageRow } from '../../helper/protocol/record-page.ts';
import type { RecordView } from '../../helper/protocol/record-operations.ts';
import { isRecord } from '../failure.ts';
import { clipped, shortened, visible } from '../visible.ts';

/** longest text of a cell in the list, in UTF-16 units */
const cellLimit = 400;
/** longest value in the details */
const valueLimit = 20_000;
/** longest line shown whole */
const jsonLimit = 200_000;
/** members of one record that are shown one by one */
const memberLimit = 400;

/** members that are about the line, not about what was done; they come last */
const late: ReadonlySet<string> = new Set(['v', 'epoch', 'mono', 'sandbox', 'prev', 'mac']);

type Fields = Readonly<Record<string, unknown>>;

export function rowOf(row: number, { line, text }: Pick<RecordView, 'line' | 'text'>): PageRow {
  const fields = parse(text);
  if (fields === undefined) {
    const what = visible(shortened(text, cellLimit));
    return { row, seq: `line ${line}`, time: '', type: '', action: '', outcome: '', what, more: 'This line is no record.', broken: true };
  }
  const { seq, ts, type, action, outcome, target, detail } = fields;
  return {
    row,
    seq: cell(seq, 20),
    time: timeOf(cell(ts, 40)),
    type: cell(type, 40),
    action: cell(action, 80),
    outcome: cell(outcome, 20),
    what: cell(target, cellLimit),
    more: moreOf(isRecord(detail) ? detail : {}),
    broken: false,
  };
}

/** Everything a record says. `file` is shown without its folders. */
export function detailsOf(row: number, { file, line, text }: RecordView): PageDetails {
  const fields = parse(text);
  const place = `${visible(file.split(/[\\/]/).at(-1) ?? '')}, line ${line}`;
  if (fields === undefined) {
    const title = 'This line is no record';
    return { row, place, title, outcome: '', reason: '', members: [], json: visible(clipped(text, jsonLimit)) };
  }
  const { type, action, outcome, detail } = fields;
  const said = isRecord(detail) ? detail : {};
  const [rule, origin] = [said['rule'], originOf(text)];
  const members: PageMember[] = [];
  const entries = Object.entries(fields);
  for (const [name, value] of [...entries.filter(([each]) => !late.has(each)), ...entries.filter(([each]) => late.has(each))])
    collect(name, value, members);
  return {
    row,
    place,
    title: `${cell(type, 40)} ${cell(action, 80)}`.trim(),
    outcome: cell(outcome, 20),
    reason: cell(said['reason'], valueLimit),
    members,
    ...(typeof rule === 'string' || origin !== undefined
      ? { rule: { text: [cell(rule, 200), origin].filter(Boolean).join(', '), opens: origin !== undefined } }
      : {}),
    json: visibleLines(clipped(JSON.stringify(fields, null, 2), jsonLimit)),
  };
}

/** Where the rule was written that a record names: `standard.toml:16`. */
export function originOf(text: string): string | undefined {
  const detail = parse(text)?.['detail'];
  const origin = isRecord(detail) ? detail['origin'] : undefined;
  return typeof origin === 'string' && /^[\w.@+-]{1,120}\.toml:\d{1,7}$/.test(origin) ? origin : undefined;
}

/** `2026-01-01 00:00:00.000`, easier on the eye; anything else stays as it is. */
export const timeOf = (iso: string): string => iso.replace(/^(\d{4}-\d{2}-\d{2})T([\d:.]+)Z$/, '$1 $2');

function moreOf(detail: Fields): string {
  const { reason } = detail;
  if (typeof reason === 'string') return cell(reason, cellLimit);
  const said = Object.entries(detail)
    .slice(0, 12)
    .map(([name, value]) => `${visible(shortened(name, 40))} ${cell(value, 160)}`);
  return shortened(said.join(' · '), cellLimit);
}

/** Objects become one member for each of theirs, named by the way there; lists stay together. */
function collect(name: string, value: unknown, members: PageMember[], depth = 0): void {
  if (members.length >= memberLimit) return;
  if (isRecord(value) && !Array.isArray(value) && depth < 4 && Object.keys(value).length > 0) {
    for (const [key, inner] of Object.entries(value)) collect(`${name}.${shortened(key, 80)}`, inner, members, depth + 1);
  } else members.push({ name: visible(name), value: cell(value, valueLimit) });
}

/** Only what stands on a line of its own is a record. */
function parse(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) && !Array.isArray(value) && typeof value['type'] === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Bounded first, so that the work is too. */
function cell(value: unknown, limit: number): string {
  const text = typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
  return visible(clipped(text, limit));
}

const visibleLines = (text: string): string => text.split('\n').map(visible).join('\n');
