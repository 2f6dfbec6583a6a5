/** Numbers, times and hostile text as a person reads them. */

/** Control, bidirectional, invisible and line-breaking characters, and lone surrogates: what could make text look like other text. */
const deceptive =
  /[\p{Cc}\p{Cs}\p{Co}\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\u{e0000}-\u{e0fff}]/gu;
const textLimit = 500;

/** Hostile text on one line: deceptive characters as `\u{202e}`, shortened. It is not escaped for any format. */
export function shownText(text: string): string {
  const whole = text.length <= textLimit ? text : `${text.slice(0, textLimit)}…`;
  return whole.replace(deceptive, (character) => {
    if (character === '\n') return '\\n';
    return character === '\t' ? '\\t' : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

/** `1 record`, `1,204 records` */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}

export function countText(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `2026-11-21 15:04:05 UTC` */
export function momentText(iso: string): string {
  const [, day, time] = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)/.exec(iso) ?? [];
  return day === undefined || time === undefined ? iso : `${day} ${time} UTC`;
}

/** The same in a column that says it is UTC: `2026-11-21 15:04:05` */
export function timeText(iso: string): string {
  return momentText(iso).replace(/ UTC$/, '');
}

export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min ${Math.round((ms % 60_000) / 1000)} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days ${hours % 24} h`;
}

export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const step = Math.min(4, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** step).toFixed(1)} ${['B', 'kB', 'MB', 'GB', 'TB'][step] ?? 'TB'}`;
}

/** `a`, `a and b`, `a, b and c` */
export function listText(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1) ?? ''}`;
}

/** Hostile text as text of HTML, between tags and in quoted attributes. */
export function escapedHtml(text: string): string {
  return shownText(text).replace(/[&<>"'`=]/g, (character) => `&#${character.charCodeAt(0)};`);
}
