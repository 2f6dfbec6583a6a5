/**
 * Bytes of a file as text, so that nothing is lost: a byte that is no UTF-8 becomes a lone surrogate, which no UTF-8 text has,
 * and the parser can show it where it stands. The bytes may be hostile; nothing throws, and time is linear.
 */

/** what a byte that is no UTF-8 is added to */
const escapeBase = 0xdc00;

/** A byte order mark is kept. Half a surrogate pair written as UTF-8 and overlong forms are no UTF-8 (RFC 3629). */
export function textOfBytes(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return escaped(bytes);
  }
}

/** Where the first thing stands that cannot be UTF-8, with the byte where it was one. */
export function firstBadCharacter(text: string): { readonly offset: number; readonly byte?: number } | undefined {
  if (text.isWellFormed()) return undefined;
  const offset = text.search(/\p{Surrogate}/u);
  const byte = text.charCodeAt(offset) - escapeBase;
  return byte >= 0x80 && byte <= 0xff ? { offset, byte } : { offset };
}

function escaped(bytes: Uint8Array): string {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const parts: string[] = [];
  let good = 0;
  for (let at = 0; at < bytes.length;) {
    const length = sequenceAt(bytes, at);
    if (length === 0) {
      parts.push(decoder.decode(bytes.subarray(good, at)), String.fromCharCode(escapeBase + (bytes[at] ?? 0)));
      good = at + 1;
    }
    at += Math.max(length, 1);
  }
  return parts.join('') + decoder.decode(bytes.subarray(good));
}

/** Bytes of the character that begins at `at`; 0 where none does. */
function sequenceAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
  for (let next = 1; next < length; next += 1) {
    const byte = bytes[at + next] ?? 0;
    const low = next > 1 ? 0x80 : first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
    const high = next > 1 ? 0xbf : first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
    if (byte < low || byte > high) return 0;
  }
  return length;
}
