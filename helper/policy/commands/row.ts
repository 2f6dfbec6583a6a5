/** How a program reads its arguments, as its manual says: which options take values, and what a value or an operand means. Data only. */

/** what an option’s value or an operand is */
export type Role =
  /** the option takes no value */
  | 'flag'
  /** takes no value; the program then only shows something, whatever else is asked of it */
  | 'inert'
  /** opaque, and never the name of a file */
  | 'text'
  /** opaque, and may name a file that is read */
  | 'read'
  | 'write'
  | 'change'
  | 'remove'
  /** a program the row’s one is to use: a pager, an editor, a transport */
  | 'steers'
  /** a line that a shell, or the program in the manner of a shell, runs */
  | 'shell'
  /** this and all that follows is a command of its own */
  | 'command'
  /** this and all that follows is joined to a line for a shell */
  | 'shell-rest'
  /** source text of the row’s language */
  | 'code'
  /** the program then runs what the text does not show */
  | 'hides'
  /** NAME=VALUE or NAME: a variable */
  | 'variable'
  /** a setting of git, key=value */
  | 'config';

/** Every role, to read the tables by. */
export const roles: readonly Role[] = [
  ...([
    'flag',
    'inert',
    'text',
    'read',
    'write',
    'change',
    'remove',
    'steers',
    'shell',
    'command',
    'shell-rest',
    'code',
    'hides',
    'variable',
    'config',
  ] as const),
];

export interface Grammar {
  /**
   * `role: name,other-name name …` per line: names of one option are separated by commas and have no dashes; a name of one letter is
   * a short option
   */
  readonly options?: readonly string[];
  /** roles of the operands in order, the last for all that follow; default: files that are read */
  readonly operands?: readonly Role[];
  /** role of the last of several operands */
  readonly last?: Role;
  /** the first operand’s role does not apply where one of these options is given */
  readonly unless?: string;
  /** options whose value replaces the role of the last operand, as `cp -t` */
  readonly unlessLast?: string;
}

export interface Row extends Grammar {
  /** separated by spaces */
  readonly names: string;
  /** manual page or reference the row was made from */
  readonly source: string;
  /** options end at the first operand */
  readonly posix?: true;
  /** long options begin with one dash, and short ones are not joined */
  readonly oneDash?: true;
  /** names of long options may not be cut short */
  readonly exact?: true;
  /** options after which everything is handed on to what they name */
  readonly until?: string;
  readonly language?: string;
  /** grammar a table cannot say, kept in special/ */
  readonly special?: string;
  /** subcommand → its grammar; `*` for all others. Options of the row itself come before the subcommand. */
  readonly subcommands?: Readonly<Record<string, Grammar>>;
  /** other names of subcommands */
  readonly also?: Readonly<Record<string, string>>;
}
