/** How a text may be written inside another: the forms that are looked for in what goes out and what comes back. */

/** shortest form looked for besides the text itself, in bytes; less would be found by chance */
const shortestBytes = 8;

/**
 * The text itself, escaped for URLs and JSON, in hexadecimal digits, and in base64 at each of the three places it may begin in,
 * with the characters at both ends left out that depend on what stands beside it. Longest first, each once.
 */
export function formsOf(text: string): readonly Buffer[] {
  const plain = Buffer.from(text);
  const escaped = encodeURIComponent(text.toWellFormed());
  const json = JSON.stringify(text).slice(1, -1);
  const hex = plain.toString('hex');
  const encoded = [
    escaped,
    escaped.replace(/%../g, (escape) => escape.toLowerCase()),
    escaped.replaceAll('%20', '+'),
    json,
    json.replaceAll('/', '\\/'),
    json.replace(/[<>&']/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`),
    hex,
    hex.toUpperCase(),
    ...[0, 1, 2].flatMap((before) => base64Within(plain, before)),
  ].filter((form) => form.length >= shortestBytes);
  return [...new Set([text, ...encoded])].map((form) => Buffer.from(form)).toSorted((a, b) => b.length - a.length);
}

/** @param before bytes before it, modulo 3 */
function base64Within(bytes: Buffer, before: number): readonly string[] {
  const all = Buffer.concat([Buffer.alloc(before), bytes, Buffer.alloc(2)]).toString('base64');
  const known = all.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
  return [known, known.replaceAll('+', '-').replaceAll('/', '_')];
}

const percent = 0x25;
const backslash = 0x5c;
/** `\uXXXX` is the longest escape */
const longestEscape = 6;
const plainEscapes: Readonly<Record<string, number>> = { '/': 0x2f, '"': 0x22, '\\': 0x5c };

/**
 * Bytes in pieces, with escapes of URLs and JSON resolved one level and line ends left out, so that a text shows whichever of
 * its characters were escaped. For looking only.
 */
export class Unescaper {
  #rest: Buffer = Buffer.alloc(0);

  push(piece: Buffer): Buffer {
    const input = this.#rest.length > 0 ? Buffer.concat([this.#rest, piece]) : piece;
    const output = Buffer.allocUnsafe(input.length);
    let length = 0;
    let at = 0;
    while (at < input.length) {
      const byte = input[at] ?? 0;
      if (byte !== percent && byte !== backslash) {
        if (byte !== 0x0a && byte !== 0x0d) output[length++] = byte;
        at++;
        continue;
      }
      const escape = input.toString('latin1', at, at + longestEscape);
      if (/^(?:%[0-9a-f]?|\\(?:u[0-9a-f]{0,3})?)$/i.test(escape) && at + escape.length === input.length) break;
      const [whole, ofUrl, ofJson, sign] = /^(?:%([0-9a-f]{2})|\\u00([0-9a-f]{2})|\\(.))/is.exec(escape) ?? [escape.slice(0, 1)];
      const digits = ofUrl ?? ofJson;
      const meant = digits === undefined ? (sign === undefined ? byte : plainEscapes[sign]) : Number.parseInt(digits, 16);
      if (meant !== undefined) output[length++] = meant;
      at += whole.length;
    }
    this.#rest = Buffer.from(input.subarray(at));
    return output.subarray(0, length);
  }
}
