/** How much a chain holds, of what, and when: counted in one pass that goes on as the chain grows. Hostile lines are only counted. */
import { recordOutcome, recordType } from '../../protocol/record.ts';
import type { Block } from './blocks.ts';
import type { Pass } from './chain-span.ts';
import { aboutLine } from './filter.ts';
import { Histogram, type Bar } from './histogram.ts';

/** what a line is counted as whose type or outcome no record has */
const other = 'other';
const knownTypes: ReadonlySet<string> = new Set(recordType.options);
const knownOutcomes: ReadonlySet<string> = new Set(recordOutcome.options);
/** more than anybody asks for, so that fewer can be made of them */
const keptBars = 1024;

export class Overview implements Pass {
  at = 0;
  records = 0;
  firstAt: string | undefined;
  lastAt: string | undefined;
  readonly #types = new Map<string, number>();
  readonly #outcomes = new Map<string, number>();
  readonly #histogram = new Histogram(keptBars);

  get types(): Record<string, number> {
    return Object.fromEntries(this.#types);
  }
  get outcomes(): Record<string, number> {
    return Object.fromEntries(this.#outcomes);
  }

  take({ text }: Block): void {
    if (text === undefined) return this.#count(undefined);
    for (let start = 0, end = text.indexOf('\n'); end >= 0; start = end + 1, end = text.indexOf('\n', start))
      this.#count(aboutLine(text.slice(start, end)));
  }

  #count(about: ReturnType<typeof aboutLine>): void {
    this.records += 1;
    raise(this.#types, about !== undefined && knownTypes.has(about.type) ? about.type : other);
    raise(this.#outcomes, about !== undefined && knownOutcomes.has(about.outcome) ? about.outcome : other);
    const atMs = Date.parse(about?.ts ?? '');
    if (about === undefined || Number.isNaN(atMs)) return;
    this.firstAt ??= about.ts;
    this.lastAt = about.ts;
    this.#histogram.add(atMs, about.outcome === 'blocked');
  }

  /** At most `most` bars of the same width, oldest first. */
  bars(most: number): readonly Bar[] {
    const { bars } = this.#histogram;
    const together = Math.ceil(bars.length / most);
    return Array.from({ length: together === 0 ? 0 : Math.ceil(bars.length / together) }, (_, at) => {
      const some = bars.slice(at * together, (at + 1) * together);
      return {
        fromMs: some[0]?.fromMs ?? 0,
        records: some.reduce((sum, { records }) => sum + records, 0),
        blocked: some.reduce((sum, { blocked }) => sum + blocked, 0),
      };
    });
  }
}

function raise(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
