/** A moment as people type it: an ISO date or time, or an age. Pure; hostile text is an error that says which forms there are. */
import { LassoError } from '../../protocol/errors.ts';

const age = /^(\d{1,9})([smhd])$/;
const iso = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?)?$/;
const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * Milliseconds since 1970. A time without a zone is UTC, as records show it; a bare date is the beginning of its day for
 * `since` and its end for `until`. @throws LassoError BAD_REQUEST naming the option and the forms
 */
export function momentMs(option: 'since' | 'until', text: string, now: Date): number {
  const [, count, unit] = age.exec(text) ?? [];
  if (count !== undefined && (unit === 's' || unit === 'm' || unit === 'h' || unit === 'd'))
    return now.getTime() - Number(count) * unitMs[unit];
  const [, day, minutes, seconds = '00', fraction = '0', zone = 'Z'] = iso.exec(text) ?? [];
  if (day === undefined || !isDay(day)) throw unknown(option, text);
  const begin = Date.parse(`${day}T00:00:00Z`);
  if (minutes === undefined) return option === 'since' ? begin : begin + unitMs.d - 1;
  const at = Date.parse(
    `${day}T${minutes}:${seconds}.${fraction.slice(0, 3).padEnd(3, '0')}${zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')}`,
  );
  if (Number.isNaN(at)) throw unknown(option, text);
  return at;
}

/** Dates such as 2026-02-31 are none. */
function isDay(day: string): boolean {
  const at = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day);
}

function unknown(option: string, text: string): LassoError {
  return new LassoError(
    'BAD_REQUEST',
    `--${option} is no moment: ${text}`,
    'Give an age such as 90s, 15m, 2h or 7d, a date such as 2026-01-31, or a time such as 2026-01-31T14:05 (UTC) or 2026-01-31T14:05:00+01:00.',
  );
}
