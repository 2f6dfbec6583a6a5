/**
 * Programs that LASSO itself puts into a sandbox: its guest, the agents, and the shell that asks a hook's question. They lie where nothing inside can write, so their path
 * stands for their code; they start whatever a profile's lists say, as a person's own shell does, and what they start is judged. Pure.
 */
import { guestPaths } from '../../protocol/guest.ts';

/** an agent's own interpreter runs the agent, and is otherwise an interpreter like any other */
const interpreter = /\/node$/;
/** options with which an agent starts itself anew; none of them brings code */
const plainOption = /^--(max-old-space-size=\d{1,7}|no-warnings(=\w+)?|no-deprecation|expose-gc)$/;

/** Whether a path, every link resolved, is such a program. The text may be hostile. */
export const isProvided = (path: string): boolean => isBelow(path) && !interpreter.test(path);

/** what agents start their hooks with: their settings are LASSO's, and the text is this one */
const hook = /^\/\.lasso\/guest guard [a-z]{1,20} \|\| exit 2$/;
const shells = /^(\/usr)?\/bin\/(sh|bash|dash)$/;

/** Whether this very start is one of such a program, by the file it leads to. */
export function isProvidedStart({ file, argv }: { readonly file: string; readonly argv: readonly string[] }): boolean {
  if (isOtherUse(file, argv[1])) return false;
  if (isProvided(file) || (argv.length === 3 && argv[1] === '-c' && shells.test(file) && hook.test(argv[2] ?? ''))) return true;
  if (!isBelow(file)) return false;
  const script = argv.slice(1).find((word) => !plainOption.test(word));
  return script !== undefined && isProvided(script);
}

/** Whether it would start LASSO's guest for anything but a hook's question: the rest of what it can is for the helper alone. */
export const isOtherUse = (path: string, firstWord: string | undefined): boolean => path === guestPaths.program && firstWord !== 'guard';

const isBelow = (path: string): boolean =>
  (path === guestPaths.program || path.startsWith(`${guestPaths.agents}/`)) &&
  !path.split('/').some((step) => step === '..' || step === '.');
