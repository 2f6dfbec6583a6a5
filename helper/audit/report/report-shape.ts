/**
 * What a report says, before it is Markdown or HTML: a verdict, a few sentences, tables and charts. All texts are as in the record,
 * hostile; whoever writes them out escapes them.
 */
import type { RecordSummary } from '../summary/summary-shape.ts';

export interface Verdict {
  readonly tone: 'good' | 'fair' | 'bad';
  readonly headline: string;
  readonly text: string;
}

export interface Report {
  readonly title: string;
  readonly facts: readonly (readonly [label: string, value: string])[];
  readonly verdict: Verdict;
  readonly sentences: readonly string[];
  readonly sections: readonly Section[];
  /** what nothing is on record about */
  readonly absent: readonly string[];
  readonly limits: readonly string[];
}

export interface Section {
  /** letters and hyphens */
  readonly id: string;
  readonly title: string;
  readonly intro: string;
  readonly chart?: Chart;
  readonly tables: readonly Table[];
}

export interface Table {
  readonly caption: string;
  readonly columns: readonly { readonly title: string; readonly kind?: 'number' | 'time' | 'code' | 'bad' }[];
  readonly rows: readonly (readonly string[])[];
  /** what is not among the rows */
  readonly more?: string;
}

export type Chart =
  | { readonly kind: 'timeline'; readonly title: string; readonly bars: RecordSummary['bars']; readonly barMs: number }
  | {
      readonly kind: 'bars';
      readonly title: string;
      /** what a bar is made of, in the order it is drawn */
      readonly parts: readonly [allowed: string, blocked: string];
      readonly rows: readonly { readonly label: string; readonly allowed: number; readonly blocked: number }[];
    };
