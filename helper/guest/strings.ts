/** NUL-ended strings, as the guest sends them: hostile text, in which bytes that are not UTF-8 stay visible as U+FFFD. */

/** Null when the last one has no end. */
export function stringsOf(bytes: Buffer): readonly string[] | null {
  if (bytes.length === 0) return [];
  return bytes.at(-1) === 0 ? bytes.toString('utf8', 0, bytes.length - 1).split('\0') : null;
}
