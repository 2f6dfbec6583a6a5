/** What the command line knows about each verb, as plain data. Made from the table of operations; never written by hand. */
import type { OperationName } from '../../protocol/operations.ts';

export interface Command {
  readonly operation: OperationName;
  /** words after `lasso`, `audit view` */
  readonly name: string;
  readonly aliases: readonly string[];
  readonly summary: string;
  /** parameters given by position, in order */
  readonly positionals: readonly string[];
  /** parameter that takes all words after `--` or after the positionals */
  readonly rest?: string;
  /** parameter that may stand in for `rest`; one of both must be given */
  readonly restUnless?: string;
  /** letter → parameter */
  readonly short: Readonly<Record<string, string>>;
  readonly json: boolean;
  readonly quiet: boolean;
  /** its request can report progress */
  readonly progress: boolean;
  readonly examples: readonly string[];
  /** what single exit statuses mean; empty where 0 is success and anything else is not */
  readonly exits: readonly (readonly [status: number, meaning: string])[];
  readonly parameters: readonly Parameter[];
}

export interface Parameter {
  /** name on the wire, `timeoutSeconds` */
  readonly name: string;
  /** name on the command line without dashes, `timeout-seconds` */
  readonly option: string;
  readonly kind: 'text' | 'list' | 'number' | 'integer' | 'switch';
  readonly required: boolean;
  readonly description: string;
  readonly choices?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly fallback?: string | number | boolean;
}

/** options every command understands */
export const commonOptions = [
  { option: 'json', short: '', description: 'print the result as one JSON document' },
  { option: 'quiet', short: 'q', description: 'print ids only, and no progress' },
  { option: 'help', short: 'h', description: 'explain the command' },
] as const;
