/**
 * What sending a record on needs of the rest, and what every kind of receiver gives: core passes in connections, trust, secrets
 * by where they come from, time and chance. No value of a secret is ever part of a setting, a message or a file.
 */
import type { Duplex } from 'node:stream';
import type { SecureContext } from 'node:tls';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { SinkSettings } from './settings.ts';

/** one thing that is told: a line of the record, or a checkpoint of it */
export type Item = RecordItem | CheckpointItem;

export interface RecordItem {
  readonly kind: 'record';
  readonly sandbox: string;
  readonly seq: number;
  /** SHA-256 of the line, hex */
  readonly digest: string;
  /** the line as written, without its newline: ASCII, and JSON */
  readonly line: string;
  readonly type: string;
  readonly action: string;
  readonly outcome: string;
  readonly target?: string;
  /** ISO 8601, UTC, milliseconds */
  readonly ts: string;
}

export interface CheckpointItem {
  readonly kind: 'checkpoint';
  readonly sandbox: string;
  /** lines it covers */
  readonly size: number;
  /** the signed note */
  readonly note: string;
  /** ISO 8601, UTC, milliseconds */
  readonly ts: string;
}

/** what came of one attempt */
export type Answer =
  | { readonly accepted: true; readonly message: string; /** what the receiver says it dropped */ readonly refused?: string }
  | {
      readonly accepted: false;
      /** a plain sentence without a full stop */
      readonly message: string;
      /** earliest next attempt, as the receiver asks */
      readonly retryAfterMs?: number;
      /** fewer at once may pass */
      readonly tooLarge?: true;
    };

/** carries items to one receiver; never rejects */
export interface Courier {
  /** most items at once */
  readonly batchItems: number;
  /** most bytes of lines at once, unless a single one has more */
  readonly batchBytes: number;
  deliver(items: readonly Item[], signal: AbortSignal): Promise<Answer>;
}

export interface ForwardFacts {
  readonly clock: Clock;
  /** 0 ≤ value < 1 */
  readonly chance: () => number;
  readonly log: Log;
  /** LASSO's own */
  readonly version: string;
  /** of this machine, as receivers are told */
  readonly hostName: string;
  /** A connection; `web`: through the user's own proxy where they have one. @throws Error with a plain message */
  readonly dial: (to: { readonly host: string; readonly port: number; readonly web: boolean }, signal: AbortSignal) => Promise<Duplex>;
  /** whom a receiver's certificate may be vouched for by: this machine's authorities, and those its user names */
  readonly trust: () => Promise<SecureContext>;
  /** The value a setting names. @throws Error with a plain message that does not hold it */
  readonly secret: (source: string, sink: SinkSettings) => Promise<string>;
  /** Whether a folder may be worked in: none that an agent can write. @throws Error with a plain message */
  readonly requireSafe: (folder: string) => Promise<void>;
  /** variables programs are started with */
  readonly environment: Readonly<Record<string, string | undefined>>;
}
