/** Where a command of the command line runs: its streams, environment and folder, as arguments so that tests can give others. */
import type { ReadStream } from 'node:tty';
import type { Readable, Writable } from 'node:stream';

export interface Console {
  readonly stdin: Readable & Partial<Pick<ReadStream, 'isTTY' | 'setRawMode'>> & { readonly fd?: number };
  readonly stdout: Terminal;
  readonly stderr: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** absolute */
  readonly cwd: string;
  readonly now: () => Date;
}

export type Terminal = Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number; readonly fd?: number };

export type Colour = 'red' | 'green' | 'yellow' | 'cyan' | 'dim' | 'bold';
export type Paint = (colour: Colour, text: string) => string;

const codes = { red: 31, green: 32, yellow: 33, cyan: 36, dim: 2, bold: 1 } as const satisfies Readonly<Record<Colour, number>>;

/** Colours where a person sees them: on a terminal, unless NO_COLOR or TERM=dumb says otherwise. */
export function paintFor(stream: { readonly isTTY?: boolean }, environment: Console['environment']): Paint {
  const wanted = stream.isTTY === true && (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb';
  return wanted ? (colour, text) => `\u001b[${codes[colour]}m${text}\u001b[0m` : (_, text) => text;
}

export interface Size {
  readonly rows: number;
  readonly columns: number;
}

/** Size of a terminal, 24 by 80 for what is none. */
export function sizeOf({ rows, columns }: Terminal): Size {
  const fit = (value: number | undefined, usual: number): number =>
    Math.min(1000, Math.max(1, value === undefined || value === 0 ? usual : value));
  return { rows: fit(rows, 24), columns: fit(columns, 80) };
}
