/** Makes text that others wrote safe to look at: control and direction characters become visible, links stay text. Pure. */

/** One line stays one line. */
export const visible = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (sign) => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`);

/** At most `limit` characters, the cut shown. */
export const shortened = (text: string, limit: number): string => (text.length <= limit ? text : `${text.slice(0, limit - 1)}…`);

/** About `limit` characters with both ends kept, so that nothing hides behind a long beginning; says how much is left out. */
export function clipped(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const head = Math.ceil((limit * 2) / 3);
  const tail = limit - head;
  return `${text.slice(0, head)} …[${text.length - limit} more]… ${text.slice(-tail)}`;
}

/** For messages: there VS Code makes links, of commands too, from `[text](target)`. */
export const unlinked = (text: string): string => text.replaceAll('](', '] (');

/** With a full stop, unless it ends like a sentence already. */
export const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** In quotation marks that nothing inside can end. */
export const quoted = (text: string, limit: number): string => `“${clipped(visible(text), limit).replace(/[“”]/g, '"')}”`;
