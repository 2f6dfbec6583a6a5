/** Numbers, times and filters as the page says them. Pure. */
import type { PageFilter } from '../../helper/protocol/record-page.ts';

export const number = (value: number): string => value.toLocaleString('en-GB');

export const counted = (value: number, one: string, many = `${one}s`): string => `${number(value)} ${value === 1 ? one : many}`;

/** `1.2 MB` */
export function size(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const value = bytes / 1000 ** step;
  return `${step > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[step] ?? ''}`;
}

/** `2026-01-01 00:00:00` of ISO 8601; anything else stays. */
export const moment = (iso: string): string => iso.replace(/^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.\d+)?Z$/, '$1 $2');

/** From one time to another, the day said once. */
export function stretch(from: string, to: string): string {
  const [begin, end] = [moment(from), moment(to)];
  return begin.slice(0, 10) === end.slice(0, 10) ? `${begin} – ${end.slice(11)}` : `${begin} – ${end}`;
}

export const isNarrowed = ({ types, outcomes, since, until, text }: PageFilter): boolean =>
  types.length > 0 || outcomes.length > 0 || since !== undefined || until !== undefined || text !== undefined;

/** How many rows there are of how many. */
export function tally(total: number | undefined, complete: boolean, records: number, narrowed: boolean): string {
  if (total === undefined) return 'Reading…';
  if (!narrowed) return counted(records, 'record');
  return complete
    ? `${number(total)} of ${counted(records, 'record')}`
    : `Searching… ${number(total)} found of ${counted(records, 'record')}`;
}
