/** What running a program with its arguments leads to, as far as its manual tells: programs it starts and files it touches. Values and their makers only. */
import type { Argument } from './argument.ts';

export type Consequence =
  /** a shell reads this line; `operands` are its $0, $1 … */
  | { readonly does: 'shell'; readonly line: Argument; readonly operands?: readonly Argument[] }
  /** another program is started */
  | { readonly does: 'command'; readonly argv: readonly Argument[] }
  /** `change`: of something that is there, its name, mode or owner; `remove`: also when it is emptied; `recursive`: with all below */
  | { readonly does: 'read' | 'write' | 'change' | 'remove'; readonly path: Argument; readonly by?: string }
  /** git makes a repository in this folder */
  | { readonly does: 'repository'; readonly folder: Argument }
  /** an interpreter runs this source */
  | { readonly does: 'code'; readonly code: Argument; readonly language: string }
  /** a variable is set for a program */
  | { readonly does: 'sets'; readonly name: string; readonly value: Argument }
  /** what happens is not in the text; `why` is a sentence a person can act on */
  | { readonly does: 'hides'; readonly why: string; readonly at: Argument }
  | { readonly does: 'forbidden'; readonly why: string; readonly at: Argument; readonly stage: Forbidding };

/** stages at which a program’s own arguments are reason enough to refuse it; the first only where the profile says so */
export type Forbidding = 'workspace-only' | 'credentials' | 'paths' | 'variables' | 'steering' | 'exfiltration';

/** What happens is not in the text. */
export const hides = (why: string, at: Argument): Consequence => ({ does: 'hides', why, at });

/** A command of its own is started, where there is one. */
export const starts = (argv: readonly Argument[]): readonly Consequence[] => (argv.length === 0 ? [] : [{ does: 'command', argv }]);
