/**
 * Patterns of files as in `.gitignore` (gitignore(5)), without its “!”: “/” anywhere but at the end anchors, `*`, `?`, `[…]` and `**`
 * as there. What lies in a folder that matches, matches. ASCII case does not count, as some disks ignore it. Other than there, what
 * may lie anywhere does not lie in folders of packages: these bring such files, and nothing obeys them there. The guest has the same
 * matcher in C (`images/guest`), and `test/corpus/files` holds the two together. Paths are hostile: a match takes time in proportion to
 * path times pattern, by going back to the last star only.
 */

/** a pattern, taken apart */
export interface Pattern {
  readonly text: string;
  /** folder by folder */
  readonly steps: readonly Step[];
}
type Step = Name | typeof anyDepth;
/** the name of a file or folder, with what may stand for its parts */
export interface Name {
  /** as it is compared */
  readonly text: string;
  /** undefined where nothing stands for anything */
  readonly plain: string | undefined;
  readonly signs: readonly (Sign | typeof anyLength)[];
}
type Sign = { readonly kind: 'one' } | { readonly kind: 'is'; readonly sign: string } | SignSet;
interface SignSet {
  readonly kind: 'set';
  readonly inverted: boolean;
  readonly ranges: readonly (readonly [first: string, last: string])[];
}
/** any number of folders */
export const anyDepth = '**';
const anyLength = '*';
/** folders that “**” before a name does not stand for */
export const packages: ReadonlySet<string> = new Set(['node_modules', 'site-packages']);

/** Takes a pattern apart. Total: what is no sound set is taken as it is written. */
export function patternOf(text: string): Pattern {
  const bytes = bytesOf(text);
  const inner = bytes.replace(/\/+$/, '');
  const names = inner.split('/').filter((name) => name !== '' && name !== '.');
  const last = names.length - 1;
  // “x/**” is what lies in x, and not x.
  const steps = names.map((name, index) => (name === anyDepth && index < last ? anyDepth : nameOf(name)));
  return { text, steps: names.length === 0 || inner.includes('/') ? steps : [anyDepth, ...steps] };
}

/** The pattern of one path and nothing else. */
export const literalPattern = (path: string): string => `/${path.replace(/[*?[]/g, '[$&]')}`;

/** how one folder of a path is held against one of a pattern */
export type Fits = (step: string, name: Name) => boolean;

/** Whether a path below the workspace, with “/” and without a leading one, or a folder it lies in, matches. */
export function matchesPattern(path: string, pattern: Pattern, fits: Fits = nameFits): boolean {
  return pattern.steps.length > 0 && fitsAll(stepsOf(path), [...pattern.steps, anyDepth], anyDepth, fits, packages);
}

/** The same of the path alone, whatever it lies in. */
export function matchesItself(path: string, { steps }: Pattern, fits: Fits = nameFits): boolean {
  return steps.length > 0 && fitsAll(stepsOf(path), steps, anyDepth, fits, packages);
}

/** Number of the first pattern that a path, or a folder it lies in, matches. */
export function closedBy(path: string, patterns: readonly Pattern[]): number | undefined {
  const index = patterns.findIndex((pattern) => matchesPattern(path, pattern));
  return index < 0 ? undefined : index;
}

/**
 * Whether a path is a folder above something that the pattern names by its whole way: who moves or removes it takes that along.
 * Not so for what may lie anywhere.
 */
export function isAbove(path: string, { steps }: Pattern, fits: Fits = nameFits): boolean {
  const given = stepsOf(path);
  const first = steps[0] === anyDepth ? 2 : 1;
  return steps.slice(first).some((_, index) => fitsAll(given, steps.slice(0, first + index), anyDepth, fits, packages));
}

/** Whether the name of a file or folder is one that the pattern’s name stands for. */
export function nameFits(step: string, { plain, signs }: Name): boolean {
  return plain === undefined ? fitsAll(step, signs, anyLength, signFits) : step === plain;
}

/** A name as it is compared: bytes, in lower case. */
export const stepOf = (name: string): string => lower(bytesOf(name));

/** The folders of a path, and its own name. */
const stepsOf = (path: string): readonly string[] =>
  stepOf(path)
    .split('/')
    .filter((step) => step !== '' && step !== '.');

/** Holds a row against a row with wildcards that stand for any number of its items but those of `barrier`; goes back to the last wildcard only. */
function fitsAll<Item, Want extends object>(
  items: ArrayLike<Item>,
  wanted: readonly (Want | typeof anyDepth | typeof anyLength)[],
  any: typeof anyDepth | typeof anyLength,
  fits: (item: Item, want: Want) => boolean,
  barrier?: ReadonlySet<Item>,
): boolean {
  let [at, want] = [0, 0];
  let back: { at: number; readonly want: number } | undefined;
  while (at < items.length) {
    const [item, next] = [items[at], wanted[want]];
    if (next === any) {
      want += 1;
      if (want === wanted.length) return true;
      back = { at, want };
    } else if (typeof next === 'object' && item !== undefined && fits(item, next)) {
      at += 1;
      want += 1;
    } else if (back && !isAmong(items[back.at], barrier)) {
      back.at += 1;
      [at, want] = [back.at, back.want];
    } else return false;
  }
  while (wanted[want] === any) want += 1;
  return want === wanted.length;
}

const isAmong = <Item>(item: Item | undefined, set: ReadonlySet<Item> | undefined): boolean =>
  item !== undefined && set?.has(item) === true;

function nameOf(text: string): Name {
  if (!/[*?[]/.test(text)) return { text: lower(text), plain: lower(text), signs: [] };
  const signs: (Sign | typeof anyLength)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charAt(at);
    const set = sign === '[' ? setAt(text, at) : undefined;
    if (set) {
      signs.push(set.set);
      at = set.end;
    } else if (sign === '?') signs.push({ kind: 'one' });
    else if (sign !== '*') signs.push({ kind: 'is', sign: lower(sign) });
    else if (signs.at(-1) !== anyLength) signs.push(anyLength);
  }
  return { text: lower(text), plain: undefined, signs };
}

/** A set that opens at `start`; a “]” right after the opening stands for itself. Undefined where it never closes. */
function setAt(text: string, start: number): { readonly set: SignSet; readonly end: number } | undefined {
  const inverted = /[!^]/.test(text.charAt(start + 1));
  const first = start + (inverted ? 2 : 1);
  const end = text.indexOf(']', first + 1);
  if (end < 0) return undefined;
  const ranges: [string, string][] = [];
  for (let at = first; at < end; at += 1) {
    const from = text.charAt(at);
    const isRange = text.charAt(at + 1) === '-' && at + 2 < end;
    ranges.push([from, isRange ? text.charAt(at + 2) : from]);
    if (isRange) at += 2;
  }
  return { set: { kind: 'set', inverted, ranges }, end };
}

function signFits(sign: string, want: Sign): boolean {
  switch (want.kind) {
    case 'one':
      return true;
    case 'is':
      return sign === want.sign;
    case 'set': {
      const both = [sign, sign.replace(/[a-z]/, (letter) => letter.toUpperCase())];
      return both.some((one) => want.ranges.some(([first, last]) => one >= first && one <= last)) !== want.inverted;
    }
  }
}

const lower = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** UTF-8, one sign a byte, as the kernel has names. */
function bytesOf(text: string): string {
  if (/^[\0-\x7f]*$/.test(text)) return text;
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join('');
}
