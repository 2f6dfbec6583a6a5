/** Makes text that others wrote safe to look at: control and direction characters become visible. Pure. */

/** One line stays one line. */
export const visible = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (sign) => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`);

/** At most `limit` characters, the cut shown. */
export const shortened = (text: string, limit: number): string => (text.length <= limit ? text : `${text.slice(0, limit - 1)}…`);
