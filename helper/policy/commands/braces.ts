/** Brace expansion of the shell, for braces around plain text. */
import { wildcard } from './argument.ts';

/**
 * What a brace expression such as `{a,b{c,d}}` becomes, or undefined where it holds more than plain text or becomes more than
 * `most` words. A range such as `{1..9}` becomes one word with a mark in its place.
 */
export function bracesIn(text: string, most: number): readonly string[] | undefined {
  if (!text.startsWith('{') || !text.endsWith('}') || /["'`$\\]/.test(text)) return undefined;
  if (/^\{(-?\d+|[A-Za-z])\.\.(-?\d+|[A-Za-z])(\.\.-?\d+)?\}$/.test(text)) return [wildcard];
  const alternatives = split(text.slice(1, -1));
  if (alternatives.length < 2) return undefined;
  const words: string[] = [];
  for (const alternative of alternatives) {
    const unfolded = unfold(alternative, most);
    if (unfolded === undefined || words.length + unfolded.length > most) return undefined;
    words.push(...unfolded);
  }
  return words;
}

/** Parts between the commas that stand in no inner braces. */
function split(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let begin = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '{') depth++;
    else if (text[at] === '}') depth--;
    else if (text[at] === ',' && depth === 0) {
      parts.push(text.slice(begin, at));
      begin = at + 1;
    }
  }
  return [...parts, text.slice(begin)];
}

/** Text with at most one brace expression in it. */
function unfold(text: string, most: number): readonly string[] | undefined {
  const open = text.indexOf('{');
  if (open < 0) return [text.replace(/[*?[]/g, wildcard)];
  const close = text.lastIndexOf('}');
  const inner = close < open ? undefined : bracesIn(text.slice(open, close + 1), most);
  return inner?.map((middle) => text.slice(0, open) + middle + text.slice(close + 1));
}
