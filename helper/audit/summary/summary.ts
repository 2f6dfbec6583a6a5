/**
 * What happened in a sandbox, from its record: one pass over the lines, in memory that does not grow with them. It verifies nothing
 * and trusts nothing; a line that is no record is skipped and counted.
 */
import { Histogram } from '../reading/histogram.ts';
import { eachLine, openForReading } from '../form/lines.ts';
import { CommandSummary } from './summary-commands.ts';
import { CourseSummary } from './summary-course.ts';
import { EvidenceSummary } from './summary-evidence.ts';
import { NetworkSummary } from './summary-network.ts';
import { readSeen, type Seen } from './summary-line.ts';
import type { RecordSummary } from './summary-shape.ts';
import { SundrySummary } from './summary-sundries.ts';
import { whoOf } from './summary-words.ts';
import { Tally } from './tally.ts';

/** a file and how much of it is read: what a writer adds meanwhile is left out */
export interface ReadFile {
  readonly path: string;
  readonly name: string;
  readonly bytes: number;
}

/** Reads a chain's files, oldest first. Rejects with the system's error. */
export async function summarise(sandbox: string, files: readonly ReadFile[], signal?: AbortSignal): Promise<RecordSummary> {
  const summary = new Summary();
  for (const { path, bytes } of files) {
    const handle = await openForReading(path);
    try {
      await eachLine(handle, bytes, ({ bytes: line, ended }) => {
        signal?.throwIfAborted();
        // What follows the last newline is no record.
        if (ended) summary.add(line);
      });
    } finally {
      await handle.close();
    }
  }
  return summary.result(sandbox, files);
}

const exact = 100;

class Summary {
  #records = 0;
  #skipped = 0;
  #first: Seen | undefined;
  #last: Seen | undefined;
  readonly #types = new Tally<null>(exact);
  readonly #outcomes = new Tally<null>(exact);
  readonly #actors = new Tally<null>(exact);
  readonly #bars = new Histogram();
  readonly #commands = new CommandSummary();
  readonly #network = new NetworkSummary();
  readonly #course = new CourseSummary();
  readonly #sundries = new SundrySummary();
  readonly #evidence = new EvidenceSummary();

  add(line: Uint8Array | undefined): void {
    const seen = line === undefined ? undefined : readSeen(line);
    if (!seen) {
      this.#skipped += 1;
      return;
    }
    this.#records += 1;
    this.#first ??= seen;
    this.#last = seen;
    this.#types.add(seen.type, nothing);
    this.#outcomes.add(seen.outcome, nothing);
    this.#actors.add(whoOf(seen), nothing);
    this.#bars.add(seen.atMs, seen.outcome === 'blocked');
    this.#commands.add(seen);
    this.#network.add(seen);
    this.#course.add(seen);
    this.#sundries.add(seen);
    this.#evidence.add(seen);
  }

  result(sandbox: string, files: readonly ReadFile[]): RecordSummary {
    const [first, last] = [this.#first, this.#last];
    return {
      sandbox,
      files: files.map(({ name }) => name),
      bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
      records: this.#records,
      skipped: this.#skipped,
      ...(first ? { firstAt: first.ts, firstSeq: first.seq } : {}),
      ...(last ? { lastAt: last.ts, lastSeq: last.seq } : {}),
      types: this.#types.top(exact),
      outcomes: this.#outcomes.top(exact),
      actors: this.#actors.top(10),
      bars: this.#bars.bars,
      barMs: this.#bars.widthMs,
      ...this.#course.result,
      ...this.#sundries.result,
      commands: this.#commands.result,
      network: this.#network.result,
      evidence: this.#evidence.result,
    };
  }
}

const nothing = (): null => null;
