/** Which announced acts have no outcome yet, over all files of a chain, in bounded memory. */
import type { RecordForm } from '../form/line.ts';

/** an intent nobody wrote the outcome of */
export interface OpenIntent {
  readonly seq: number;
  readonly file: string;
  /** 1-based, in its file */
  readonly line: number;
  readonly type: string;
}

/** intents kept at once at most; later ones are not told */
const intentLimit = 10_000;

export class OpenIntents {
  readonly #open = new Map<number, OpenIntent>();

  take({ intent, seq, type }: RecordForm, file: string, line: number): void {
    if (typeof intent === 'number') this.#open.delete(intent);
    else if (intent === 'opens' && this.#open.size < intentLimit) this.#open.set(seq, { seq, file, line, type });
  }

  /** Oldest first. */
  all(): readonly OpenIntent[] {
    return [...this.#open.values()];
  }
}
