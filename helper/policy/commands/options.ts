/**
 * Arguments read the way a program reads them: options in any spelling (joined short ones, values attached or apart, long names cut
 * short, `--no-` that takes back), operands, and what cannot be told. The rules are those of getopt_long(3). Linear, never throws.
 */
import { type Argument, maybeOption, unknown } from './argument.ts';
import { type Grammar, type Role, roles } from './row.ts';

export interface Option {
  /** the first name the grammar gives it, or the name as written */
  readonly name: string;
  readonly role: Role;
  readonly value: Argument | undefined;
  readonly at: Argument;
  /** whether the grammar knows it */
  readonly known: boolean;
}

export interface Reading {
  /** in the order they are written, without those that were taken back */
  readonly options: readonly Option[];
  readonly operands: readonly Argument[];
  /** arguments that may be options, and which nobody knows */
  readonly unclear: readonly Argument[];
}

/** a grammar whose options were read */
export interface ReadableGrammar extends Grammar {
  readonly names: OptionNames;
}

export interface Manner {
  readonly posix?: true | undefined;
  readonly oneDash?: true | undefined;
  readonly exact?: true | undefined;
  readonly until?: string | undefined;
}

/** Reads `argv`, the program itself not included. */
export function readOptions(argv: readonly Argument[], grammar: ReadableGrammar, manner: Manner): Reading {
  const { names } = grammar;
  const final = new Set(manner.until?.split(' '));
  const options: Option[] = [];
  const operands: Argument[] = [];
  const unclear: Argument[] = [];
  let at = 0;
  for (; at < argv.length; at++) {
    const argument = argv[at];
    if (argument === undefined) break;
    const { text } = argument;
    if (text === '--') {
      at++;
      break;
    }
    if (maybeOption(argument)) unclear.push(argument);
    if (!text.startsWith('-') || text === '-') {
      operands.push(argument);
      if (manner.posix === true || endsOptions(grammar, operands.length)) {
        at++;
        break;
      }
      continue;
    }
    const read =
      text.startsWith('--') || manner.oneDash === true
        ? readLong(argument, argv[at + 1], names, manner)
        : readShort(argument, argv[at + 1], names);
    options.push(...read.options);
    if (read.tookNext) at++;
    if (read.options.some(({ name }) => final.has(name))) {
      at++;
      break;
    }
  }
  for (; at < argv.length; at++) {
    const argument = argv[at];
    if (argument !== undefined) operands.push(argument);
  }
  return { options: withoutTakenBack(options), operands, unclear };
}

/** the options of a grammar by name */
export interface OptionNames {
  /** name → [first name of the option, role] */
  readonly exact: ReadonlyMap<string, readonly [string, Role]>;
  readonly long: readonly string[];
}

/** Reads the lines of a grammar's options. A role nobody knows is taken for the most careful one. */
export function optionNames(lines: readonly string[] = []): OptionNames {
  const exact = new Map<string, readonly [string, Role]>();
  for (const line of lines) {
    const colon = line.indexOf(': ');
    const role = roles.find((known) => known === line.slice(0, colon)) ?? 'hides';
    for (const option of line.slice(colon + 2).split(' ')) {
      const names = option.split(',');
      for (const name of names) if (!exact.has(name)) exact.set(name, [names[0] ?? name, role]);
    }
  }
  return { exact, long: [...exact.keys()].filter((name) => name.length > 1) };
}

/** A command of its own begins where the roles say so, and the options of the program before it end there. */
function endsOptions({ operands = [] }: Grammar, count: number): boolean {
  const role = operands[Math.min(count, operands.length) - 1];
  const next = operands[count];
  return role === 'command' || role === 'shell-rest' || next === 'command' || next === 'shell-rest';
}

interface Read {
  readonly options: readonly Option[];
  readonly tookNext: boolean;
}

const takesValue = (role: Role): boolean => role !== 'flag' && role !== 'inert' && role !== 'hides';

function readLong(argument: Argument, next: Argument | undefined, names: OptionNames, manner: Manner): Read {
  const body = argument.text.replace(/^--?/, '');
  const equals = body.indexOf('=');
  const written = equals < 0 ? body : body.slice(0, equals);
  const found = names.exact.get(written) ?? (manner.exact === true ? undefined : abbreviated(written, names));
  const [name, role] = found ?? [written, 'flag' as const];
  const known = found !== undefined;
  if (equals >= 0)
    return { options: [{ name, role, value: tail(argument, body.slice(equals + 1)), at: argument, known }], tookNext: false };
  const takes = takesValue(role) && next !== undefined;
  return { options: [{ name, role, value: takes ? next : undefined, at: argument, known }], tookNext: takes };
}

/** Where several options begin like that, the one that does most decides: the program would refuse, and nothing is lost. */
function abbreviated(written: string, names: OptionNames): readonly [string, Role] | undefined {
  if (written.length === 0) return undefined;
  const candidates = names.long.filter((name) => name.startsWith(written)).map((name) => names.exact.get(name));
  const rank = (entry: readonly [string, Role] | undefined): number =>
    entry === undefined || entry[1] === 'flag' ? 0 : entry[1] === 'text' ? 1 : 2;
  return candidates.sort((a, b) => rank(b) - rank(a))[0];
}

function readShort(argument: Argument, next: Argument | undefined, names: OptionNames): Read {
  const letters = argument.text.slice(1);
  const options: Option[] = [];
  for (let at = 0; at < letters.length; at++) {
    const letter = letters[at] ?? '';
    // Such as `-C=`, which is a letter with an attached value, or `-9`, which is a value itself.
    if (letter === unknown)
      return { options: [...options, { name: unknown, role: 'flag', value: undefined, at: argument, known: false }], tookNext: false };
    const found = names.exact.get(letter);
    const [name, role] = found ?? [letter, 'flag' as const];
    if (!takesValue(role)) {
      options.push({ name, role, value: undefined, at: argument, known: found !== undefined });
      continue;
    }
    const rest = letters.slice(at + 1);
    const value = rest === '' ? next : tail(argument, rest);
    return { options: [...options, { name, role, value, at: argument, known: true }], tookNext: rest === '' && next !== undefined };
  }
  return { options, tookNext: false };
}

const tail = (argument: Argument, text: string): Argument => ({ ...argument, text });

/** `--no-force` takes an earlier `--force` back. */
function withoutTakenBack(options: readonly Option[]): readonly Option[] {
  const back = options.findLastIndex(({ name }) => name.startsWith('no-'));
  if (back < 0) return options;
  const lastBack = new Map<string, number>();
  options.forEach(({ at, name }, index) => {
    const written = at.text.replace(/^--/, '');
    if (name.startsWith('no-')) lastBack.set(name.slice(3), index);
    if (written.startsWith('no-')) lastBack.set(written.slice(3), index);
  });
  return options.filter(({ name, at }, index) => {
    const long = at.text.startsWith('--') ? at.text.slice(2) : name;
    return index >= Math.max(lastBack.get(name) ?? -1, lastBack.get(long) ?? -1);
  });
}
