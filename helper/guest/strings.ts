/** NUL-ended strings, as the guest sends them: hostile text, in which bytes that are not UTF-8 stay visible as U+FFFD. */

/** Null when the last one has no end. */
export function stringsOf(bytes: Buffer): readonly string[] | null {
  if (bytes.length === 0) return [];
  return bytes.at(-1) === 0 ? bytes.toString('utf8', 0, bytes.length - 1).split('\0') : null;
}

/** fields whose bytes are told, and how long each may be: beyond that a digest of the whole has to do */
const tellLimit = 16;
const tellLengthBytes = 512;

/**
 * The bytes of those strings that are not UTF-8, by the names of their fields: ASCII as it is but for `\\`, every other byte as
 * `\xHH`, so that nothing of them is lost. Undefined where there are none, which is almost always.
 */
export function bytesOf(bytes: Buffer, decoded: readonly string[], names: readonly string[]): Readonly<Record<string, string>> | undefined {
  if (!decoded.some((word) => word.includes('\uFFFD'))) return undefined;
  const told: Record<string, string> = {};
  let at = 0;
  for (const [index, word] of decoded.entries()) {
    const end = bytes.indexOf(0, at);
    const raw = bytes.subarray(at, end < 0 ? bytes.length : end);
    at = end + 1;
    if (!word.includes('\uFFFD') || raw.length > tellLengthBytes || Buffer.from(word).equals(raw)) continue;
    told[names[index] ?? `argv/${index - names.length}`] = escaped(raw);
    if (Object.keys(told).length >= tellLimit) break;
  }
  return Object.keys(told).length === 0 ? undefined : told;
}

const escaped = (raw: Buffer): string =>
  raw.toString('latin1').replace(/[\\\x80-\xff]/g, (char) => (char === '\\' ? '\\\\' : `\\x${char.charCodeAt(0).toString(16)}`));
