/**
 * Text for a terminal: hostile characters made visible, widths as a terminal counts them, columns aligned. All names,
 * paths and records pass through here, because an agent may have chosen them.
 */

/** Control, bidirectional, invisible and line-breaking characters, and lone surrogates: what could make text look like other text. */
const deceptive =
  /[\p{Cc}\p{Cs}\p{Co}\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e0fff}]/gu;

/** Deceptive characters as `\u{202e}`; everything else unchanged. */
export function visible(text: string): string {
  return text.replace(deceptive, (character) => {
    if (character === '\n') return '\\n';
    if (character === '\t') return '\\t';
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

/** A value as one JSON document that is safe to look at: deceptive characters stay as JSON escapes. */
export function jsonText(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, null, indent);
  return text.replace(deceptive, (character) => (character === '\n' ? '\n' : character.split('').map(unit).join('')));
}

function unit(half: string): string {
  return `\\u${half.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

const zeroWidth = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const wide =
  /^[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{17000}-\u{18aff}\u{1b000}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]$/u;

/** Columns a terminal needs for `text`. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += zeroWidth.test(character) ? 0 : wide.test(character) ? 2 : 1;
  return width;
}

export interface Cell {
  readonly text: string;
  /** how it is shown once its width is known */
  readonly paint?: (text: string) => string;
}

/** Rows in aligned columns, two spaces apart; the last column is not padded. */
export function columns(rows: readonly (readonly Cell[])[]): string {
  const safe = rows.map((row) => row.map((cell) => ({ ...cell, text: visible(cell.text) })));
  const widths: number[] = [];
  for (const row of safe) row.forEach((cell, at) => (widths[at] = Math.max(widths[at] ?? 0, widthOf(cell.text))));
  const line = (row: readonly Cell[]): string =>
    row
      .map(({ text, paint = same }, at) => paint(text) + (at === row.length - 1 ? '' : ' '.repeat((widths[at] ?? 0) - widthOf(text) + 2)))
      .join('')
      .trimEnd();
  return safe.map((row) => `${line(row)}\n`).join('');
}

function same(text: string): string {
  return text;
}

/** How long ago, in the largest unit: `12s`, `3m`, `2h`, `5d`. */
export function ageOf(iso: string, now: Date): string {
  const seconds = Math.max(0, Math.floor((now.getTime() - Date.parse(iso)) / 1000));
  if (Number.isNaN(seconds)) return '?';
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}
