/**
 * Gets the rows that are in sight, one question at a time: what was asked before the filter changed is dropped when it comes,
 * and while nothing is missing it asks every now and then whether more was written. It draws nothing.
 */
import type { PageAsk, PageFilter, PageNews, PageRow } from '../../helper/protocol/record-page.ts';
import { Rows, type Stretch } from './rows.ts';

export interface FeedOptions {
  post(ask: PageAsk): void;
  /** something to draw came */
  changed(): void;
  /** runs `work` after a pause in milliseconds; gives its undo */
  later(work: () => void, pauseMs: number): () => void;
}

/** how soon to ask whether more was written: after something came, and when it has been quiet; and how long an answer may take, in milliseconds */
const pausesMs = { busy: 250, recent: 700, quiet: 2000, answer: 20_000 } as const;
/** quiet answers before asking less often */
const quietLimit = 20;

export class Feed {
  readonly #options: FeedOptions;
  readonly #rows = new Rows();
  #filter: PageFilter;
  #total: number | undefined;
  #complete = false;
  #records = 0;
  #sight: Stretch = { from: 0, limit: 0 };
  /** number of the last question */
  #ask = 0;
  /** the question that is out, and whether rows were wanted by it */
  #out: { readonly ask: number; readonly rows: boolean } | undefined;
  #quiet = 0;
  #undo: (() => void) | undefined;

  constructor(filter: PageFilter, options: FeedOptions) {
    this.#filter = filter;
    this.#options = options;
  }

  get filter(): PageFilter {
    return this.#filter;
  }

  /** rows of the filter; undefined until the first answer */
  get total(): number | undefined {
    return this.#total;
  }

  /** the whole record was looked through for `total` */
  get complete(): boolean {
    return this.#complete;
  }

  get records(): number {
    return this.#records;
  }

  get(row: number): PageRow | undefined {
    return this.#rows.get(row);
  }

  nextAsk(): number {
    return (this.#ask += 1);
  }

  /** Begins anew with other rows; the last ones are asked for first. */
  setFilter(filter: PageFilter): void {
    this.#filter = filter;
    this.#rows.clear();
    this.#total = undefined;
    this.#complete = false;
    this.#begin();
  }

  /** Says which rows are in sight. */
  look(sight: Stretch): void {
    this.#sight = sight;
    if (this.#out?.rows !== true && this.#total !== undefined) this.#next();
  }

  /** Asks at once: something was written, or the way to the helper is there again. */
  stir(): void {
    this.#quiet = 0;
    if (this.#total === undefined) this.#begin();
    else if (this.#out === undefined) this.#send(this.#missing() ?? { from: 0, limit: 0 });
  }

  take(news: Extract<PageNews, { kind: 'rows' }>): void {
    if (news.ask !== this.#out?.ask) return;
    const wanted = this.#out.rows;
    this.#out = undefined;
    const grown = news.total !== this.#total || news.complete !== this.#complete || news.records !== this.#records;
    if (this.#total !== undefined && news.total < this.#total) this.#rows.clear();
    this.#total = news.total;
    this.#complete = news.complete;
    this.#records = news.records;
    this.#rows.put(news.rows, this.#sight.from);
    this.#quiet = grown ? 0 : this.#quiet + 1;
    if (grown || news.rows.length > 0) this.#options.changed();
    // What was wanted and did not come is asked for again later, not at once.
    this.#next(wanted && news.rows.length === 0);
  }

  /** The question with this number could not be answered. */
  failed(ask: number): void {
    if (ask !== this.#out?.ask) return;
    this.#out = undefined;
    this.#wait(pausesMs.quiet);
  }

  dispose(): void {
    this.#undo?.();
    this.#undo = undefined;
  }

  #begin(): void {
    this.#send({ from: -100, limit: 100 });
  }

  #missing(): Stretch | undefined {
    return this.#total === undefined ? undefined : this.#rows.missing(this.#sight, this.#total);
  }

  #next(later = false): void {
    const missing = this.#missing();
    if (missing !== undefined && !later) return this.#send(missing);
    this.#wait(!this.#complete ? pausesMs.busy : this.#quiet < quietLimit ? pausesMs.recent : pausesMs.quiet);
  }

  #wait(pauseMs: number): void {
    this.#undo?.();
    this.#undo = this.#options.later(() => {
      if (this.#total === undefined) this.#begin();
      else this.#send(this.#missing() ?? { from: 0, limit: 0 });
    }, pauseMs);
  }

  #send({ from, limit }: Stretch): void {
    const ask = this.nextAsk();
    this.#out = { ask, rows: limit > 0 };
    this.#options.post({ kind: 'rows', ask, filter: this.#filter, from, limit });
    // An answer that never comes must not be waited for for ever.
    this.#wait(pausesMs.answer);
  }
}
