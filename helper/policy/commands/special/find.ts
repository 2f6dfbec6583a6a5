/** find: an expression that starts programs, writes and removes files (find(1), findutils). */
import { type Argument, argumentAt, wildcard } from '../argument.ts';
import type { Consequence } from '../consequence.ts';

const runs = new Set(['-exec', '-execdir', '-ok', '-okdir']);
const writes = new Set(['-fls', '-fprint', '-fprint0', '-fprintf']);
/** tests that pick files by name, and those that pick by something else */
const byName = /^-(name|iname|path|ipath|wholename|regex|iregex|lname)$/;
const byOther = /^-(mtime|mmin|atime|amin|ctime|cmin|newer\w*|size|empty|inum|links)$/;
/** what turns a choice into its opposite, or adds another */
const widening = /^(!|-not|-o|-or|,)$/;
const withValue =
  /^-(name|iname|path|ipath|wholename|iwholename|regex|iregex|type|xtype|mtime|mmin|atime|amin|ctime|cmin|newer\w*|size|mindepth|maxdepth|perm|lname|ilname|inum|links|user|group|uid|gid|fstype|printf|samefile|used|regextype|files0-from)$/;

/** What a find does, its name not included. `found`: the files it would come across, as arguments with marks. */
export function findConsequences(argv: readonly Argument[]): {
  readonly consequences: readonly Consequence[];
  readonly found: readonly Argument[];
} {
  const begin = argv.findIndex(({ text }) => /^[-(!,]/.test(text) && !/^-([HLP]|O\d|D)$/.test(text));
  const head = begin < 0 ? argv : argv.slice(0, begin);
  const starts = head.filter(({ text }) => !text.startsWith('-'));
  const expression = begin < 0 ? [] : argv.slice(begin);
  const consequences: Consequence[] = starts.map((path) => ({ does: 'read', path }));
  const places = starts.length > 0 ? starts : argv.slice(0, 1).map((place) => argumentAt('.', place));
  const found = places.map((start) => ({ ...start, text: below(start.text, expression) }));
  // With `-type f` everything below is found, but not the start itself: as bad for removing, not for the rest.
  const typed =
    expression.some(({ text }, index) => text === '-type' && expression[index + 1]?.text === 'f') &&
    found.every(({ text }, index) => text === places[index]?.text);
  for (let at = 0; at < expression.length; at++) {
    const argument = expression[at];
    if (argument === undefined) break;
    if (runs.has(argument.text)) {
      const { argv: command, end } = commandFrom(expression, at + 1);
      const removes = /^(rm|unlink|shred|truncate|mv|sh|bash)$/.test(command[0]?.text ?? '');
      const each = typed && !removes ? found.map((file) => ({ ...file, text: `${file.text}/found/${wildcard}` })) : found;
      if (command.length > 0)
        consequences.push(...each.slice(0, 8).map((file) => ({ does: 'command' as const, argv: filledIn(command, file) })));
      at = end;
    } else if (argument.text === '-delete')
      consequences.push(...found.map((path) => ({ does: 'command' as const, argv: [argumentAt('rm', argument), path] })));
    else if (writes.has(argument.text)) {
      const path = expression[++at];
      if (path !== undefined) consequences.push({ does: 'write', path });
    } else if (withValue.test(argument.text)) at++;
    else if (argument.splits || argument.text.startsWith('\0'))
      consequences.push({ does: 'hides', why: 'What find does here is not in the text; write its expression out.', at: argument });
  }
  return { consequences, found };
}

/** What would be found below a start: files of a name, files of any name, or all there is, and then the start itself stands for it. */
function below(start: string, expression: readonly Argument[]): string {
  const folder = `${start.replace(/\/+$/, '')}/found`;
  if (expression.some(({ text }) => widening.test(text))) return start;
  const at = expression.findIndex(({ text }) => text === '-name' || text === '-iname');
  const name = at < 0 ? undefined : expression[at + 1]?.text;
  if (name !== undefined && !/^\**$/.test(name)) return `${folder}/${name.replace(/[*?[]/g, wildcard)}`;
  return expression.some(({ text }) => byOther.test(text) || (byName.test(text) && name === undefined)) ? `${folder}/${wildcard}` : start;
}

function commandFrom(expression: readonly Argument[], from: number): { readonly argv: readonly Argument[]; readonly end: number } {
  let at = from;
  while (at < expression.length) {
    const text = expression[at]?.text;
    if (text === ';' || (text === '+' && expression[at - 1]?.text.includes('{}') === true)) break;
    at++;
  }
  return { argv: expression.slice(from, at), end: at };
}

const filledIn = (command: readonly Argument[], file: Argument): readonly Argument[] =>
  command.map((argument) => (argument.text.includes('{}') ? { ...argument, text: argument.text.replaceAll('{}', file.text) } : argument));
