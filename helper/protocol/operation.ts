/** The shape of a verb: what it takes, what it gives, what it may change, and how it looks on a command line. */
import type { z } from 'zod';

/** what a verb may change: nothing, something, or how safe things are */
export type Effect = 'read' | 'write' | 'weaken';

export type Runner = 'helper' | 'face';

/** how a verb looks on the command line */
export interface CommandShape {
  /** words after `lasso`, `audit view` */
  readonly name: string;
  readonly aliases?: readonly string[];
  /** parameters given by position, in order */
  readonly positionals?: readonly string[];
  /** parameter that takes every word after `--` (or after the positionals) */
  readonly rest?: string;
  /** parameter that may stand in for the rest; one of both must be given */
  readonly restUnless?: string;
  /** one-letter options: letter → parameter */
  readonly short?: Readonly<Record<string, string>>;
  /** parameters the CLI fills in by itself and never shows */
  readonly hidden?: readonly string[];
  /** understands --json / --quiet */
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly examples: readonly string[];
  /** exit statuses that mean more than success or failure */
  readonly exits?: readonly (readonly [status: number, meaning: string])[];
}

/** how a verb looks to a client of the Model Context Protocol */
export interface ToolShape {
  /** name of the tool, `sandbox_exec` */
  readonly name: string;
  /** what it is for, to a model that chooses among tools */
  readonly description: string;
  /** parameters the model may give; all others are this server's own: it was started for one folder and one profile */
  readonly parameters: readonly string[];
  /** `sandbox` may be left out, which it may not otherwise: then it is the one the server keeps, made where there is none */
  readonly ownSandbox?: boolean;
}

export interface Operation<P extends z.ZodObject = z.ZodObject, R extends z.ZodType = z.ZodType, W extends Runner = Runner> {
  readonly summary: string;
  readonly effect: Effect;
  /** who carries it out: the helper, or the face itself from other operations */
  readonly runs: W;
  readonly cli?: CommandShape;
  /** tools that carry it out; a verb that changes how safe things are has none */
  readonly mcp?: readonly ToolShape[];
  readonly params: P;
  readonly result: R;
}

/** Keeps the exact types of a verb. */
export const operation = <P extends z.ZodObject, R extends z.ZodType, W extends Runner>(value: Operation<P, R, W>): Operation<P, R, W> =>
  value;
