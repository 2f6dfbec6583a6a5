/**
 * Rules about arguments in the forms native dialects have: texts with `*`, beginnings of word lists, regular expressions. All of
 * them go by the text of a command and none is a boundary; what a rule means is known to the gate, which the hooks ask.
 */
import type { ArgumentRule } from '../brief.ts';

/** words right behind the program, then options that may stand anywhere behind those; each option with other ways to write it */
interface Shape {
  readonly words: readonly string[];
  readonly options: readonly (readonly string[])[];
}

/** other ways to write an option, by program and the words before it; `*` at the end is whatever is joined to it */
const otherWays: Readonly<Record<string, readonly string[]>> = {
  'git push --force': ['-f', '+*'],
  'git push --delete': ['-d', ':*'],
  'git clean -f': ['-f*', '--force'],
  'git clean --force': ['-f*'],
  'git log -p': ['-u', '--patch'],
  'git branch -D': ['--delete --force'],
  'pip install --target': ['-t', '--target=*'],
};

/** Texts with `*` for any text; a dialect that needs it puts ` *` behind each for the arguments that follow. */
export function globsOf(rule: ArgumentRule): readonly string[] {
  const { words, options } = shapeOf(rule);
  const start = [rule.program, ...words].join(' ');
  return options.reduce<readonly string[]>(
    (texts, ways) => texts.flatMap((text) => ways.flatMap((way) => [`${text} ${way}`, `${text} * ${way}`])),
    [start],
  );
}

/** Lists of words a command begins with; a word in a list of its own has alternatives. Says less than the rule: only what stands right behind. */
export function prefixOf(rule: ArgumentRule): readonly (string | readonly string[])[] {
  const { words, options } = shapeOf(rule);
  const plain = options.map(([first = '', ...ways]) => [first, ...ways.filter((way) => !/[* ]/.test(way))]);
  return [rule.program, ...words, ...plain.map((ways) => (ways.length === 1 ? (ways[0] ?? '') : ways))];
}

/**
 * A regular expression for the text of a command from its beginning on, as it stands in JSON. No group with a quantifier in it has
 * one behind it: Gemini CLI takes such an expression for a slow one and drops it.
 */
export function regexOf(rule: ArgumentRule): string {
  const { words, options } = shapeOf(rule);
  const start = [rule.program, ...words].map(escaped).join('\\s+');
  return `${start}${options.map((ways) => `[^"]*\\s(${ways.map(wayRegex).join('|')})`).join('')}(\\s|"|$)`;
}

/** The same, each list of words as one text. */
export const beginningsOf = (rule: ArgumentRule): readonly string[] =>
  prefixOf(rule).reduce<readonly string[]>(
    (texts, word) =>
      texts.flatMap((text) => (typeof word === 'string' ? [word] : word).map((way) => (text === '' ? way : `${text} ${way}`))),
    [''],
  );

function shapeOf({ program, words }: ArgumentRule): Shape {
  const all = words.split(' ').filter((word) => word !== '');
  const first = all.findIndex((word) => word.startsWith('-') || program === 'chmod');
  const plain = first < 0 ? all : all.slice(0, first);
  const start = [program, ...plain].join(' ');
  const options = first < 0 ? [] : all.slice(first);
  return { words: plain, options: options.map((option) => [option, ...(otherWays[`${start} ${option}`] ?? [])]) };
}

const wayRegex = (way: string): string => (way.endsWith('*') ? `${escaped(way.slice(0, -1))}\\S*` : escaped(way));

/** Text as it stands in a regular expression. */
export const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
