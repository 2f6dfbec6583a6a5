/**
 * A shell that is started only to run one text, as agents, build tools and `system(3)` do: `sh -c TEXT`. All it does is in the text, which is
 * judged word by word, so the lists of a profile speak about what is in it and not about the shell. Pure.
 */
import { type Argument, isKnown } from './argument.ts';

const shell = /^((\/usr(\/local)?)?\/bin\/)?(sh|bash|dash)$/;
/** a login's also obeys start-up files of the home; what those start is judged as it starts, like everything else */
const option = /^-(c|lc|cl)$/;
const longestText = 65_536;

/** Whether these are the words of such a start, and nothing else: no further options, no operands. */
export function isShellText(argv: readonly Argument[]): boolean {
  const [program, how, text] = argv;
  if (argv.length !== 3 || program === undefined || how === undefined || text === undefined) return false;
  return shell.test(program.text) && option.test(how.text) && isKnown(text) && text.text.trim() !== '' && text.text.length <= longestText;
}
