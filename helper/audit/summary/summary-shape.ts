/** What a summary of a record says: counts, times and texts, all of it hostile text until it is escaped. No value of a secret is in it. */
import type { Bar } from '../reading/histogram.ts';
import type { Top } from './tally.ts';

/** how often, and which records say so */
export interface Evidence {
  readonly count: number;
  readonly first?: number;
  readonly last?: number;
  /** the first few numbers */
  readonly sample: readonly number[];
}

export type EvidenceName =
  | 'starts'
  | 'ends'
  | 'people'
  | 'policies'
  | 'judgedCommands'
  | 'blockedCommands'
  | 'judgedConnections'
  | 'blockedConnections'
  | 'blockedNames'
  | 'secretsUsed'
  | 'secretsRefused'
  | 'questions'
  | 'answers'
  | 'refusedByPeople'
  | 'stoppedByPeople'
  | 'guard'
  | 'outside'
  | 'files'
  | 'limits'
  | 'gaps'
  | 'clocks'
  | 'epochs';

export interface When {
  firstAt: string;
  lastAt: string;
  firstSeq: number;
}

export interface Blocked extends When {
  readonly kind: 'command' | 'connection' | 'name' | 'secret' | 'file' | 'guard';
  readonly what: string;
  readonly rule: string;
  readonly origin: string;
  readonly reason: string;
}

export interface ProgramUse {
  started: number;
  blocked: number;
}

export interface Ran {
  succeeded: number;
  failed: number;
  blocked: number;
  unknown: number;
  durationMs: number;
  longestMs: number;
}

export interface HostUse {
  readonly ports: Set<string>;
  readonly methods: Map<string, number>;
  readonly programs: Set<string>;
  allowed: number;
  blocked: number;
  failed: number;
  bytesUp: number;
  bytesDown: number;
}

export interface SecretUse extends When {
  readonly secret: string;
  readonly host: string;
  used: number;
  failed: number;
  refused: number;
}

export interface Noted extends When {
  readonly what: string;
  readonly why: string;
}

/** one thing that happened, in its order */
export interface Step {
  readonly seq: number;
  readonly at: string;
  readonly who: string;
  readonly what: string;
  readonly more: string;
}

export interface Asked {
  readonly seq: number;
  readonly at: string;
  readonly what: string;
  readonly why: string;
  answer: string;
  by: string;
  waitedMs: number | undefined;
}

export interface Start {
  readonly seq: number;
  readonly at: string;
  readonly who: string;
  readonly facts: readonly (readonly [label: string, value: string])[];
}

/** the first and the last of many, in order */
export interface Ends<T> {
  readonly items: readonly T[];
  readonly left: number;
}

export interface RecordSummary {
  readonly sandbox: string;
  readonly files: readonly string[];
  readonly bytes: number;
  readonly records: number;
  /** lines that are no records */
  readonly skipped: number;
  readonly firstAt?: string;
  readonly lastAt?: string;
  readonly firstSeq?: number;
  readonly lastSeq?: number;
  readonly name: string;
  readonly types: Top<null>;
  readonly outcomes: Top<null>;
  readonly actors: Top<null>;
  readonly versions: Top<null>;
  readonly bars: readonly Bar[];
  readonly barMs: number;
  readonly starts: Ends<Start>;
  readonly course: Ends<Step>;
  readonly policies: Ends<Step>;
  readonly commands: {
    readonly asked: number;
    readonly terminals: number;
    readonly started: number;
    readonly blocked: number;
    readonly ran: Top<Ran>;
    readonly programs: Top<ProgramUse>;
    readonly exits: Top<null>;
    readonly durationMs: number;
  };
  /** `flooded`: refusals that are counted in a line that stands for several */
  readonly blocked: { readonly count: number; readonly flooded: number; readonly rows: Top<Blocked> };
  readonly network: {
    readonly allowed: number;
    readonly blocked: number;
    readonly bytesUp: number;
    readonly bytesDown: number;
    readonly hosts: Top<HostUse>;
    readonly names: Top<Noted>;
    readonly forwards: Top<null>;
  };
  readonly secrets: { readonly given: readonly string[]; readonly uses: Top<SecretUse>; readonly redacted: number };
  readonly filesChanged: { readonly count: number; readonly rows: Top<Noted> };
  readonly limits: Top<Noted>;
  readonly guard: Top<Noted>;
  readonly approvals: { readonly rows: Ends<Asked>; readonly answers: Top<null>; readonly open: number };
  readonly chain: { readonly gaps: Ends<Step>; readonly restarts: number; readonly unfinished: number; readonly epochs: number };
  readonly evidence: Readonly<Record<EvidenceName, Evidence>>;
}
