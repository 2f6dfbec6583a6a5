/**
 * The host's end of a sandbox's link, whichever way the bytes go. Core spawns through it; nothing else speaks to a guest.
 */
import type { Duplex, Readable } from 'node:stream';
import type { GuestFiles } from './files.ts';
import type { GuestListens } from './network.ts';

export interface SpawnRequest {
  readonly argv: readonly string[];
  /** program to execute; looked up in PATH of `environment` when it holds no slash */
  readonly file: string;
  readonly cwd: string;
  /** the whole environment, not an addition */
  readonly environment: Readonly<Record<string, string>>;
  readonly terminal: { readonly rows: number; readonly columns: number } | null;
  /** false: stdin reads as empty */
  readonly stdin: boolean;
  /** false: stderr goes where stdout goes */
  readonly separateStderr: boolean;
  /** a person's own shell, which the lists of a profile are not about; what it starts is */
  readonly ownShell?: boolean;
  /** LASSO's own reading or writing of one file for somebody outside, which lists of programs are not about */
  readonly ownAct?: boolean;
}

export interface GuestExit {
  readonly kind: 'exited' | 'signalled' | 'lost';
  /** exit code 0..255 or signal number; 0 when lost */
  readonly status: number;
}

export type SignalTarget = 'group' | 'foreground' | 'tree';

export interface GuestProcess {
  readonly id: number;
  /** as seen inside the sandbox */
  readonly pid: number;
  /** terminal, or stdin and stdout; ends when the other side ended it; `end()` is an end of file on stdin */
  readonly stdio: Duplex;
  readonly stderr: Readable | null;
  /** settles when the process is gone and its output has ended or been drained; never rejects */
  readonly exited: Promise<GuestExit>;
  /** `tree` is everything that descends from it: after TERM and KILL `exited` settles when nothing of that is left. */
  signal(signal: number, target: SignalTarget): void;
  resize(rows: number, columns: number): void;
}

/** why a link is over */
export type LinkEnd = { readonly reason: 'shutdown' | 'lost' | 'protocol'; readonly message: string };

export interface GuestLink {
  /** @throws LassoError COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE, BAD_REQUEST (folder), LINK_LOST */
  spawn(request: SpawnRequest): Promise<GuestProcess>;
  /** whether every program start is asked about */
  readonly gated: boolean;
  /** No earlier yes is used again. */
  forgetDecisions(): void;
  /** whether what would change a closed file is refused, present or not */
  readonly closes: boolean;
  /** Tells the guest anew which files are closed and hidden. */
  changeFiles(files: GuestFiles): void;
  /** what the guest listens on for programs inside; nothing where no network was asked for */
  readonly listens: GuestListens;
  /** Every name is asked about again before its next use. */
  forgetNames(): void;
  /**
   * A connection to a port of the sandbox's own loopback.
   * @throws LassoError PORT_CLOSED when nothing listens there, LINK_LOST
   */
  forward(port: number): Promise<Duplex>;
  /** processes a guest still had when it came back after a lost link; streams are open again */
  readonly resumed: readonly GuestProcess[];
  /** Round trip, in milliseconds. */
  ping(): Promise<number>;
  /** Terminates all inside, then the guest; settles when the link is closed. */
  shutdown(graceMs: number): Promise<void>;
  /** settles when the link is over; never rejects */
  readonly ended: Promise<LinkEnd>;
  dispose(): Promise<void>;
}
