/** One use of a program: its arguments read by its row, and what follows from the row alone. */
import type { Argument } from './argument.ts';
import type { Consequence } from './consequence.ts';
import type { Origin } from './origin.ts';
import { type Option, type ReadableGrammar, type Reading, readOptions } from './options.ts';
import type { Role } from './row.ts';
import type { Program } from './rows/table.ts';
import { steered } from './special/steered.ts';

export interface Use {
  readonly program: Program;
  /** the program’s own argument, first of the command */
  readonly name: Argument;
  /** all that follows it */
  readonly argv: readonly Argument[];
  /** the subcommand by its first name; undefined where the program has none or none is given */
  readonly subcommand: string | undefined;
  /** options before the subcommand; the same as `reading` where there is none */
  readonly before: Reading;
  /** options and operands of the subcommand, or of the program */
  readonly reading: Reading;
  readonly grammar: ReadableGrammar;
}

/** what stands at the standard input of a program */
export type Input =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'text'; readonly text: Argument }
  /** names of files, one a line */
  | { readonly kind: 'names'; readonly names: readonly Argument[] }
  /** a file the text names; what is in it is as much told as what is in a script */
  | { readonly kind: 'file' }
  | { readonly kind: 'unknown'; readonly origin?: Origin | undefined };

/** reads a manner of naming that no table says */
export type Special = (use: Use, input: Input) => readonly Consequence[];

export function readUse(program: Program, name: Argument, argv: readonly Argument[]): Use {
  const { subcommands, also } = program;
  if (subcommands === undefined) {
    const reading = readOptions(argv, program, program);
    return { program, name, argv, subcommand: undefined, before: reading, reading, grammar: program };
  }
  const before = readOptions(argv, program, { posix: true, oneDash: program.oneDash });
  const [first, ...rest] = before.operands;
  if (first === undefined) return { program, name, argv, subcommand: undefined, before, reading: before, grammar: program };
  const subcommand = (also !== undefined && Object.hasOwn(also, first.text) ? also[first.text] : undefined) ?? first.text;
  const grammar = subcommands.get(subcommand) ?? subcommands.get('*') ?? program;
  const reading = readOptions(rest, grammar, { oneDash: program.oneDash, exact: program.exact });
  return { program, name, argv, subcommand, before, reading, grammar };
}

export const optionNamed = (reading: Reading, ...names: readonly string[]): Option | undefined =>
  reading.options.find(({ name }) => names.includes(name));

/** What the row says of this use: the options’ values and the operands by their roles. */
export function plainConsequences(use: Use): Consequence[] {
  const { before, reading, grammar, program } = use;
  const options = before === reading ? reading.options : [...before.options, ...reading.options];
  const found: Consequence[] = [];
  if (options.some(({ role }) => role === 'inert')) return found;
  for (const option of options) {
    if (option.role === 'hides') found.push({ does: 'hides', why: hidden(use, option), at: option.at });
    else if (option.value !== undefined) found.push(...ofRole(option.role, [option.value], program, true));
  }
  const roles = rolesOf(grammar, reading);
  for (let at = 0; at < reading.operands.length; at++) {
    const operand = reading.operands[at];
    if (operand === undefined) break;
    const role = roleAt(roles, grammar, reading, at);
    if (role === 'command' || role === 'shell-rest') {
      found.push(...ofRole(role, reading.operands.slice(at), program, false));
      break;
    }
    found.push(...ofRole(role, [operand], program, false));
  }
  return found;
}

const hidden = ({ name }: Use, { at }: Option): string =>
  `“${at.text}” makes ${name.text} run what the text does not show; leave the option out.`;

/** The operands’ roles; the first is dropped where an option stands in for it. */
export function rolesOf({ operands = ['read'], unless }: ReadableGrammar, reading: Reading): readonly Role[] {
  const dropped = unless !== undefined && optionNamed(reading, ...unless.split(' ')) !== undefined;
  const roles = dropped ? operands.slice(1) : operands;
  return roles.length === 0 ? ['read'] : roles;
}

function roleAt(roles: readonly Role[], { last, unlessLast }: ReadableGrammar, reading: Reading, at: number): Role {
  const isLast = at > 0 && at === reading.operands.length - 1 && last !== undefined;
  if (isLast && (unlessLast === undefined || optionNamed(reading, ...unlessLast.split(' ')) === undefined)) return last;
  return roles[Math.min(at, roles.length - 1)] ?? 'text';
}

function ofRole(
  role: Role,
  values: readonly Argument[],
  { language = 'other', program: name }: Program,
  ofOption: boolean,
): readonly Consequence[] {
  const [value] = values;
  if (value === undefined) return [];
  switch (role) {
    case 'read':
    case 'write':
    case 'change':
    case 'remove':
      // As in `strace -o '|command'`: what is written goes to a program.
      if (ofOption && value.text.startsWith('|')) return [{ does: 'shell', line: { ...value, text: value.text.slice(1) } }];
      return [{ does: role, path: value }];
    case 'steers':
      return steered(value, name);
    case 'shell':
      return [{ does: 'shell', line: value }];
    case 'command':
      return ofOption ? [{ does: 'shell', line: value }] : [{ does: 'command', argv: values }];
    case 'shell-rest':
      return [{ does: 'shell', line: joined(values) }];
    case 'code':
      return [{ does: 'code', code: value, language }];
    // What these mean is not the same for any two programs: special/ reads them.
    case 'config':
    case 'variable':
    case 'flag':
    case 'inert':
    case 'hides':
    case 'text':
      return [];
  }
}

/** Arguments joined with spaces, as `eval` and `ssh` join them. */
export function joined(values: readonly Argument[]): Argument {
  const first = values[0];
  const last = values.at(-1);
  const text = values.map((value) => value.text).join(' ');
  const origin = values.find((value) => value.origin !== undefined)?.origin;
  return { text, splits: false, ...(origin === undefined ? {} : { origin }), start: first?.start ?? 0, end: last?.end ?? 0 };
}
