/** `ask_args`: uses of a program that wait for a person’s yes, read by the same meaning as those that are refused. */
import { matchOf } from './blocked.ts';
import { type Docket, doubt, question, type Span } from './docket.ts';
import { isForbiddenAs, isPermittedAs, type ProgramName } from './names.ts';
import type { Use } from './use.ts';

/** Holds one use of a program against what the profile asks about. */
export function judgeAsked(use: Use, name: ProgramName, docket: Docket, range: Span): void {
  for (const [program, patterns] of docket.rules.askedArguments) {
    if (!isForbiddenAs(program, name) || isExcepted(use, name, docket)) continue;
    for (const [index, pattern] of patterns.entries()) {
      const any = pattern.trim() === '*';
      const match = any ? 'yes' : matchOf(pattern, use);
      const said = any ? program : `${program} ${pattern}`;
      if (match === 'yes')
        question(
          docket,
          'asked-arguments',
          `The profile asks a person before “${said}”; wait for the answer, or do without.`,
          range,
          `commands.ask_args.${program}[${index}]`,
        );
      else if (match === 'maybe')
        doubt(docket, `Whether this is “${said}”, which a person is asked about, is not in the text; write the arguments out.`, range);
    }
  }
}

/** Only these very words: an argument that holds a blank can be meant by no exception. */
function isExcepted({ argv }: Use, name: ProgramName, { rules }: Docket): boolean {
  const words = argv.map(({ text, splits }) => (splits || /\s/.test(text) ? undefined : text));
  return [...rules.unaskedArguments].some(
    ([program, lists]) =>
      isPermittedAs(program, name) &&
      lists.some((list) => words.length > 0 && words.join(' ') === wordsOf(list).join(' ') && !words.includes(undefined)),
  );
}

const wordsOf = (list: string): readonly string[] => list.split(/\s+/).filter((word) => word !== '');
