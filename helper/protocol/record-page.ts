/**
 * What the audit page and the editor tell each other. Types only: each side checks by itself whatever it is told, the editor
 * because the page shows hostile text, the page because anybody may post to a window.
 */
import type { RecordOutcome, RecordType } from './record.ts';

/** which rows the page looks at; all given must agree */
export interface PageFilter {
  /** ISO 8601, not before */
  readonly since?: string;
  /** ISO 8601, not after */
  readonly until?: string;
  readonly types: readonly RecordType[];
  readonly outcomes: readonly RecordOutcome[];
  readonly text?: string;
}

export type PageExport = 'csv' | 'json' | 'jsonl' | 'ocsf' | 'report';

/** what the page may ask for: nothing in it names a file or a sandbox */
export type PageAsk =
  | { readonly kind: 'ready' }
  | { readonly kind: 'rows'; readonly ask: number; readonly filter: PageFilter; readonly from: number; readonly limit: number }
  | { readonly kind: 'details'; readonly ask: number; readonly filter: PageFilter; readonly row: number }
  | { readonly kind: 'overview' }
  | { readonly kind: 'verify' }
  /** where the problem with this number of the last verification lies */
  | { readonly kind: 'find'; readonly problem: number }
  | { readonly kind: 'rule'; readonly filter: PageFilter; readonly row: number }
  | { readonly kind: 'copy'; readonly filter: PageFilter; readonly row: number }
  | { readonly kind: 'export'; readonly filter: PageFilter; readonly format: PageExport };

/** a record as the list shows it: every text is made visible, on one line and of bounded length */
export interface PageRow {
  /** 0-based, among the rows of the filter */
  readonly row: number;
  readonly seq: string;
  readonly time: string;
  readonly type: string;
  readonly action: string;
  readonly outcome: string;
  readonly what: string;
  /** the reason, or what else there is to say */
  readonly more: string;
  /** the line is no record */
  readonly broken: boolean;
}

export interface PageMember {
  readonly name: string;
  readonly value: string;
}

export interface PageDetails {
  readonly row: number;
  /** file and line */
  readonly place: string;
  readonly title: string;
  readonly outcome: string;
  readonly reason: string;
  readonly members: readonly PageMember[];
  /** what the rule is called, and whether its line can be opened */
  readonly rule?: { readonly text: string; readonly opens: boolean };
  /** the line as it is written, indented */
  readonly json: string;
}

export interface PageBar {
  /** ISO 8601 */
  readonly from: string;
  readonly records: number;
  readonly blocked: number;
}

export interface PageOverview {
  readonly name: string;
  readonly sandbox: string;
  /** the sandbox is still there */
  readonly exists: boolean;
  readonly records: number;
  readonly bytes: number;
  readonly files: number;
  readonly firstAt: string;
  readonly lastAt: string;
  readonly types: Readonly<Record<string, number>>;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly bars: readonly PageBar[];
}

export interface PageProblem {
  readonly error: boolean;
  readonly text: string;
  /** file, line and time, where they are known */
  readonly place: string;
  /** there is a row to show */
  readonly shows: boolean;
}

/** what verification found, in words */
export interface PageProof {
  readonly level: 'proven' | 'partly' | 'broken';
  readonly title: string;
  /** which part is proven, and by what */
  readonly parts: readonly string[];
  readonly problems: readonly PageProblem[];
  /** records it looked at */
  readonly records: number;
  /** how long it took, in milliseconds */
  readonly tookMs: number;
}

/** what the page is told */
export type PageNews =
  | {
      readonly kind: 'rows';
      readonly ask: number;
      readonly rows: readonly PageRow[];
      /** rows of the filter known so far */
      readonly total: number;
      readonly complete: boolean;
      readonly records: number;
    }
  | { readonly kind: 'details'; readonly ask: number; readonly details: PageDetails }
  | { readonly kind: 'overview'; readonly overview: PageOverview }
  | { readonly kind: 'proof'; readonly proof: PageProof | undefined }
  | { readonly kind: 'named'; readonly name: string }
  /** row of the whole record */
  | { readonly kind: 'found'; readonly row: number }
  /** something was written, or the helper is there again */
  | { readonly kind: 'stir' }
  | { readonly kind: 'failed'; readonly what: PageAsk['kind']; readonly ask: number; readonly message: string; readonly hint: string }
  | { readonly kind: 'helper'; readonly there: boolean };
