/** All rows by the name of the program, ready to read arguments with. Constant; one row may have several names. */
import { optionNames, type ReadableGrammar } from '../options.ts';
import type { Grammar, Row } from '../row.ts';
import { builds } from './builds.ts';
import { elsewhere } from './elsewhere.ts';
import { files } from './files.ts';
import { git } from './git.ts';
import { network } from './network.ts';
import { shells } from './shells.ts';
import { system } from './system.ts';
import { wrappers } from './wrappers.ts';

export interface Program extends Omit<Row, 'names' | 'subcommands'>, ReadableGrammar {
  /** first name of its row: what rules and special grammars call it */
  readonly program: string;
  readonly subcommands?: ReadonlyMap<string, ReadableGrammar>;
}

const readable = <G extends Grammar>(grammar: G): Omit<G, 'names'> & ReadableGrammar => ({
  ...grammar,
  names: optionNames(grammar.options),
});

function programOf({ names, subcommands, ...row }: Row): Program {
  const { names: options, ...rest } = readable(row);
  const program = { ...rest, names: options, program: names.split(' ')[0] ?? names };
  return subcommands === undefined
    ? program
    : { ...program, subcommands: new Map(Object.entries(subcommands).map(([name, grammar]) => [name, readable(grammar)])) };
}

export const programs: ReadonlyMap<string, Program> = new Map(
  [...wrappers, ...elsewhere, ...shells, ...files, ...network, git, ...builds, ...system].flatMap((row) => {
    const program = programOf(row);
    return row.names.split(' ').map((name) => [name, program] as const);
  }),
);

/** The program that stands for one nobody has a row for: its operands may be files it reads. */
export const anyProgram: Program = programOf({ names: '', source: 'nothing is known', operands: ['read'] });
