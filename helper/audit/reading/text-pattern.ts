/**
 * A text searched for in lines as they stand, in any case: what JSON escapes is recognised without parsing. Pure; linear in the
 * line, whatever text and line are.
 */

export interface TextPattern {
  /** Whether the line, given as Latin-1, holds the text once its escapes are read. */
  readonly isIn: (line: string) => boolean;
  /** Where in many lines, from `from` on, something stands that every line holds for which `isIn` is true; -1 for nowhere. */
  readonly find: (text: string, from: number) => number;
}

/** escapes that LASSO never writes, by which a line could hide a text: `\/`, and `\u` for a printable ASCII character */
const needless = /\\(?:\/|u00(?:[2-6][0-9a-f]|7[0-9a-e]))/i;

export function textPattern(text: string): TextPattern {
  const source = Array.from(text, pieceFor).join('');
  const pattern = new RegExp(source, 'i');
  return {
    isIn: (line) => pattern.test(line) || (needless.test(line) && pattern.test(plain(line))),
    find: finding(new RegExp(`${source}|${needless.source}`, 'gi')),
  };
}

/** Searches with a global pattern that matches no newline; what is found is the place of a match's last character. */
export function finding(pattern: RegExp): TextPattern['find'] {
  return (text, from) => {
    pattern.lastIndex = from;
    return pattern.test(text) ? pattern.lastIndex - 1 : -1;
  };
}

/** How one character may stand in a line. */
function pieceFor(character: string): string {
  const escape = shortEscapes.get(character);
  if (escape !== undefined) return escape;
  if (/^[\x20-\x7e]$/.test(character)) return character.replace(/[.*+?^${}()|[\]\\]/, '\\$&');
  const spellings = new Set([character, character.toLowerCase(), character.toUpperCase()]);
  return `(?:${[...spellings].flatMap((spelling) => [escaped(spelling), bytesOf(spelling)]).join('|')})`;
}

/** A quote is both a mark of the line's form and a character in a value. */
const shortEscapes: ReadonlyMap<string, string> = new Map([
  ['"', '\\\\?"'],
  ['\\', '\\\\\\\\'],
  ['\n', '\\\\n'],
  ['\r', '\\\\r'],
  ['\t', '\\\\t'],
  ['\b', '\\\\b'],
  ['\f', '\\\\f'],
]);

const escaped = (text: string): string =>
  text
    .split('')
    .map((unit) => `\\\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');

/** The bytes of its UTF-8, as a line from elsewhere may hold them. */
const bytesOf = (text: string): string => [...Buffer.from(text, 'utf8')].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');

/** The line with needless escapes read, all others left. */
function plain(line: string): string {
  return line.replace(/\\(?:u00([2-7][0-9a-f])|(.))/gi, (whole, code: string | undefined, other: string | undefined) => {
    if (code === undefined) return other === '/' ? '/' : whole;
    const character = String.fromCharCode(Number.parseInt(code, 16));
    return character === '"' || character === '\\' ? `\\${character}` : character === '\u007f' ? whole : character;
  });
}
