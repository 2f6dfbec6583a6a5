/** Letters, dashes, dots and encodings that make a text look like something it is not. */
import type { Argument } from './argument.ts';

const dashes = /^[‐-―−⁃﹘﹣－]+(?=[A-Za-z])/;
const dots = /[․‥…．。｡]/g;
const slashes = /[⁄∕⧸／＼⧵﹨]/g;
const invisible = /[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2060-\u2064\u3164\ufeff\uffa0]/;
/** Cyrillic and Greek letters that are drawn like Latin ones (Unicode confusables, UTS 39) */
const drawnAlike: ReadonlyMap<string, string> = new Map(
  Object.entries({
    а: 'a',
    е: 'e',
    о: 'o',
    р: 'p',
    с: 'c',
    у: 'y',
    х: 'x',
    і: 'i',
    ј: 'j',
    ѕ: 's',
    һ: 'h',
    ԁ: 'd',
    ԛ: 'q',
    ԝ: 'w',
    к: 'k',
    м: 'm',
    т: 't',
    г: 'r',
    п: 'n',
    ո: 'n',
    ս: 'u',
    ɡ: 'g',
    ı: 'i',
    ο: 'o',
    α: 'a',
    ν: 'v',
    ρ: 'p',
    τ: 't',
    κ: 'k',
    ι: 'i',
    υ: 'u',
    в: 'b',
    ѵ: 'v',
    ӏ: 'l',
  }),
);

/** What the name of a program poses as: a name of plain letters it is not, or undefined. */
export function posesAs(name: string): string | undefined {
  if (isPlain(name)) return undefined;
  const folded = Array.from(name.normalize('NFKC'))
    .map((letter) => drawnAlike.get(letter) ?? letter)
    .join('')
    .replace(new RegExp(invisible, 'g'), '')
    .trim();
  return folded !== name && isPlain(folded) && /^[\w.+/-]+$/.test(folded) ? folded : undefined;
}

/** Why an argument deceives, or undefined. `isText`: it is a message, which may hold any letters. */
export function deceit(argument: Argument, isText: boolean): string | undefined {
  const { text } = argument;
  if (text.includes('%') && encodedClimb(text)) return 'It hides “../” behind percent signs; write the path plainly.';
  if (isPlain(text) || isText) return undefined;
  if (dashes.test(text) && !/\s/.test(text)) return 'It begins with a dash that only looks like “-”; type “-”.';
  const folded = text.replace(dots, (dot) => (dot === '…' ? '...' : dot === '‥' ? '..' : '.')).replace(slashes, '/');
  if (folded !== text && /(^|\/)\.\.(\/|$)/.test(folded)) return 'It contains letters that only look like “../”; write the path plainly.';
  return undefined;
}

/** `%2e%2e%2f` and the like, also encoded twice. */
function encodedClimb(text: string): boolean {
  const once = decoded(text);
  if (once === text) return false;
  return /(^|[/\\])\.\.([/\\]|$)/.test(once) || /(^|[/\\])\.\.([/\\]|$)/.test(decoded(once));
}

const decoded = (text: string): string =>
  text.replace(
    /%(25)*(2e|2f|5c|c0%ae|c0%af)/gi,
    (_, __, code: string) => ({ '2e': '.', '2f': '/', '5c': '\\', 'c0%ae': '.', 'c0%af': '/' })[code.toLowerCase()] ?? '',
  );

/** Whether a name is of ASCII alone; what is not, nobody can read for certain. */
export function isPlain(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7e) return false;
  return true;
}
