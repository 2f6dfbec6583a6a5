/**
 * One chain, for a list that is scrolled: the last page at once, any row, rows of a filter as they are found, what came since. It
 * verifies nothing and trusts nothing: what it returns is hostile text. Between blocks it leaves the event loop free.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { errnoOf } from '../../base/atomic-file.ts';
import type { RecordFilter, RecordRow } from '../../protocol/record-operations.ts';
import type { ChainFile } from '../form/chain-files.ts';
import { ChainSpan, type Pass } from './chain-span.ts';
import { readTail, type TailRow } from './chain-tail.ts';
import { compileFilter } from './filter.ts';
import { FilterCache } from './filter-cache.ts';
import { lineText, linesFrom, type PlacedLine } from './placed-lines.ts';
import type { ReadPlace } from './reading.ts';
import { RowIndex } from './row-index.ts';

export interface Rows {
  readonly rows: RecordRow[];
  readonly total: number;
  readonly complete: boolean;
  readonly records: number;
}

/** text of one answer, in characters; more rows are given when they are asked for */
const answerLimit = 4_194_304;
/** how long an answer waits for rows that may be found yet, in milliseconds */
const patienceMs = 200;
const glanceMs = 10;
/** rows that are read from the end before the chain was looked through */
const tailLimit = 10_000;
/** how often files may be replaced underneath one question */
const attempts = 4;

/** a line and its row among all of the chain */
type CountedLine = PlacedLine & { readonly row: number };

/** what was waited for is no longer kept */
class Forgotten extends Error {}

export class ChainReader {
  readonly #span: ChainSpan;
  readonly #filters = new FilterCache();
  readonly #leads = new Map<Pass, Promise<void>>();
  /** bytes of the chain when a pass last reached its end */
  readonly #reached = new WeakMap<Pass, number>();
  readonly #passes = new Map<() => Pass, Pass>();
  #index: RowIndex;
  #generation = 0;
  #over = false;

  constructor(list: () => Promise<readonly ChainFile[]>) {
    this.#span = new ChainSpan(list);
    this.#index = new RowIndex(this.#span);
  }

  /** bytes of memory that lists of rows take */
  get bytes(): number {
    return this.#filters.bytes + this.#index.bytes;
  }

  /** Ends what is under way; what was found is forgotten with the reader. */
  close(): void {
    this.#over = true;
  }

  /**
   * Rows from `from` (negative: counted from the end), `limit` at most, and fewer where they are long. @throws LassoError
   * BAD_REQUEST for a moment that is none; rejects with the system's error
   */
  rows(filter: RecordFilter, from: number, limit: number, now: Date): Promise<Rows> {
    return this.#steadily(() => (isEmpty(filter) ? this.#allRows(from, limit) : this.#matchingRows(filter, from, limit, now)));
  }

  /** Where the last `count` records of a filter begin. Errors as for `rows`. */
  tailPlace(filter: RecordFilter, count: number, now: Date): Promise<ReadPlace> {
    return this.#steadily(() => this.#tailPlace(filter, count, now));
  }

  async #tailPlace(filter: RecordFilter, count: number, now: Date): Promise<ReadPlace> {
    if (isEmpty(filter)) {
      const tail = this.#isAtEnd(this.#index) || count > tailLimit ? undefined : await readTail(this.#span.spans, count);
      const [first] = tail?.rows ?? [];
      if (first !== undefined) return { number: first.span.file.number, offset: first.offset, line: first.line - 1 };
      await this.#until(this.#index);
      const line = await this.#lineAt(Math.max(0, this.#index.rows - count));
      return line === undefined ? this.#endPlace() : this.#placeOf(line);
    }
    const matches = this.#filters.get(filter, () => compileFilter(filter, now));
    await this.#until(matches);
    const place = matches.places.at(Math.max(0, matches.places.length - count));
    if (place === undefined) return this.#endPlace();
    await this.#until(this.#index, () => this.#index.at > place);
    for await (const line of this.#counted([place])) return this.#placeOf(line);
    return this.#endPlace();
  }

  /** A pass over all of the chain, made once and then led on to the end as it is now. Rejects with the system's error. */
  whole<P extends Pass>(make: () => P): Promise<{ readonly pass: P; readonly bytes: number }> {
    return this.#steadily(async () => {
      const known = this.#passes.get(make);
      const pass = known ?? make();
      this.#passes.set(make, pass);
      await this.#until(pass);
      return { pass: pass as P, bytes: this.#span.bytes };
    });
  }

  async #refresh(): Promise<void> {
    await this.#span.refresh();
    if (this.#generation === this.#span.generation) return;
    this.#generation = this.#span.generation;
    this.#index = new RowIndex(this.#span);
    this.#filters.clear();
    this.#passes.clear();
  }

  async #allRows(from: number, limit: number): Promise<Rows> {
    const index = this.#index;
    if (from < 0 && from >= -tailLimit && !this.#isAtEnd(index)) {
      const tail = await readTail(this.#span.spans, -from);
      void this.#lead(index).catch(() => undefined);
      if (tail !== undefined) return estimated(tail.rows, tail.total, -from, limit);
    }
    if (limit === 0) await this.#until(index, undefined, patienceMs);
    else await this.#until(index, () => from >= 0 && index.rows >= from + limit);
    void this.#lead(index).catch(() => undefined);
    const start = from < 0 ? Math.max(0, index.rows + from) : from;
    const rows: RecordRow[] = [];
    let length = 0;
    if (start < index.rows && limit > 0) {
      for await (const line of this.#from(start)) {
        const row = this.#rowOf(line, line.row);
        length += row.text.length;
        if (rows.length > 0 && length > answerLimit) break;
        rows.push(row);
        if (rows.length >= limit || line.row + 1 >= index.rows) break;
      }
    }
    const complete = this.#isAtEnd(index);
    const records = complete ? index.rows : Math.max(index.rows, (await readTail(this.#span.spans, 1))?.total ?? 0);
    return { rows, total: records, complete, records };
  }

  async #matchingRows(filter: RecordFilter, from: number, limit: number, now: Date): Promise<Rows> {
    const index = this.#index;
    const matches = this.#filters.get(filter, () => compileFilter(filter, now));
    await this.#until(matches, () => from >= 0 && limit > 0 && matches.places.length >= from + limit, patienceMs);
    const total = matches.places.length;
    const complete = this.#isAtEnd(matches);
    const start = from < 0 ? Math.max(0, total + from) : from;
    const places = Array.from({ length: Math.max(0, Math.min(limit, total - start)) }, (_, at) => matches.places.at(start + at) ?? 0);
    await this.#until(index, () => index.at > (places.at(-1) ?? -1));
    const rows: RecordRow[] = [];
    let length = 0;
    for await (const line of this.#counted(places)) {
      const row = this.#rowOf(line, start + rows.length);
      length += row.text.length;
      if (rows.length > 0 && length > answerLimit) break;
      rows.push(row);
    }
    const records = this.#isAtEnd(index) ? index.rows : Math.max(index.rows, (await readTail(this.#span.spans, 1))?.total ?? 0);
    return { rows, total, complete, records };
  }

  /** Lines from a row that the index knows. */
  async *#from(row: number): AsyncGenerator<CountedLine> {
    const { place, skip } = this.#index.find(row);
    let at = row - skip;
    for await (const line of linesFrom(this.#span, place)) {
      if (at >= row) yield { ...line, row: at };
      at += 1;
    }
  }

  async #lineAt(row: number): Promise<CountedLine | undefined> {
    if (row >= this.#index.rows) return undefined;
    for await (const line of this.#from(row)) return line;
    return undefined;
  }

  /** The lines at ascending places, each with its row among all. */
  async *#counted(places: readonly number[]): AsyncGenerator<CountedLine> {
    for (let next = 0; next < places.length;) {
      const mark = this.#index.before(places[next] ?? 0);
      let row = mark.row;
      for await (const line of linesFrom(this.#span, mark.place)) {
        if (line.place === places[next]) {
          yield { ...line, row };
          next += 1;
        }
        row += 1;
        // Beyond the next mark it is quicker to look there.
        if (next >= places.length || this.#index.before(places[next] ?? 0).row > row) break;
        if (line.place > (places[next] ?? Infinity)) return;
      }
      if (row === mark.row) return;
    }
  }

  #rowOf({ span, text, bytes, row: among }: CountedLine, row: number): RecordRow {
    return {
      row,
      file: span.file.path,
      line: this.#index.lineOf(among, span),
      text: text === undefined ? `(a line of ${bytes} bytes, longer than any record)` : lineText(text),
    };
  }

  #placeOf({ span, place, row }: CountedLine): ReadPlace {
    return { number: span.file.number, offset: place - span.base, line: this.#index.lineOf(row, span) - 1 };
  }

  #endPlace(): ReadPlace {
    const span = this.#span.spans.at(-1);
    return { number: span?.file.number ?? 1, offset: 0, line: 0 };
  }

  #isAtEnd(pass: Pass): boolean {
    return this.#reached.get(pass) === this.#span.bytes;
  }

  /** Waits until a pass has reached the end, or `enough`, or for `ms`. @throws Forgotten */
  async #until(pass: Pass, enough: () => boolean = () => false, ms = Infinity): Promise<void> {
    for (const end = performance.now() + ms; !this.#isAtEnd(pass) && !enough() && performance.now() < end;) {
      if (this.#over || !this.#isKept(pass)) throw new Forgotten();
      await Promise.race([this.#lead(pass), delay(glanceMs)]);
    }
  }

  /** What is under way when files are replaced, or when others need the room, is begun anew. */
  async #steadily<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#refresh();
        return await work();
      } catch (error) {
        const again = error instanceof Forgotten || errnoOf(error) === 'ENOENT';
        if (!again || this.#over || attempt >= attempts) throw error;
      }
    }
  }

  #lead(pass: Pass): Promise<void> {
    const going = this.#leads.get(pass);
    if (going !== undefined || this.#isAtEnd(pass)) return going ?? Promise.resolve();
    const { bytes } = this.#span;
    // Who looks through it all for another reason counts its rows on the way.
    const beside = [this.#index].filter((index) => index !== pass && index.at === pass.at && !this.#leads.has(index));
    const together = [pass, ...beside];
    const lead = this.#span
      .lead(together, () => !this.#over && this.#isKept(pass))
      .then((whole) => {
        if (whole) for (const one of together) this.#reached.set(one, bytes);
      })
      .finally(() => {
        for (const one of together) this.#leads.delete(one);
      });
    for (const one of together) this.#leads.set(one, lead);
    return lead;
  }

  #isKept(pass: Pass): boolean {
    return pass === this.#index || this.#filters.has(pass) || [...this.#passes.values()].includes(pass);
  }
}

/** Rows counted from the end of a chain that was not looked through yet. */
function estimated(tail: readonly TailRow[], total: number, back: number, limit: number): Rows {
  const start = Math.max(0, total - back);
  const rows: RecordRow[] = [];
  let length = 0;
  for (const { span, line, text } of tail.slice(-back, limit < back ? limit - back : undefined)) {
    length += text.length;
    if (rows.length > 0 && length > answerLimit) break;
    rows.push({ row: start + rows.length, file: span.file.path, line, text: lineText(text) });
  }
  return { rows, total, complete: false, records: total };
}

function isEmpty({ since, until, type, outcome, text = '' }: RecordFilter): boolean {
  return since === undefined && until === undefined && type.length === 0 && outcome.length === 0 && text === '';
}
