/** Lines of a chain for tests of readers, sealed as a writer seals them, with any entries at any time and in any file. */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { chainFileName } from '../../helper/audit/form/chain-files.ts';
import { genesis, sealLine } from '../../helper/audit/form/chain.ts';
import { chainSeed, lineKey } from '../../helper/audit/form/key-schedule.ts';
import type { RecordEntry } from '../../helper/protocol/record.ts';

const key = lineKey(chainSeed(Buffer.alloc(32, 1), 'lines'));
const usual: RecordEntry = { type: 'command', action: 'start', outcome: 'success', actor: { kind: 'agent', face: 'guest' } };
const linesBeginMs = Date.UTC(2026, 0, 1);

export interface TestLine extends Partial<RecordEntry> {
  /** milliseconds after `linesBeginMs`; default: a second for each record before it */
  readonly atMs?: number;
}

export class TestLines {
  readonly folder: string;
  readonly sandbox: string;
  seq = 0;
  number = 1;
  #prev = genesis;

  constructor(folder: string, sandbox = '0123456789ab') {
    this.folder = folder;
    this.sandbox = sandbox;
  }

  get path(): string {
    return join(this.folder, chainFileName(this.sandbox, this.number));
  }

  /** The next line, which is written nowhere. */
  line({ atMs = this.seq * 1000, ...entry }: TestLine = {}): string {
    const ts = new Date(linesBeginMs + atMs).toISOString();
    const place = { sandbox: this.sandbox, seq: this.seq, epoch: 0, ts, mono: this.seq, prev: this.#prev };
    const { line, digest } = sealLine(key, place, { target: `/bin/number-${this.seq}`, ...usual, ...entry });
    this.seq += 1;
    this.#prev = digest;
    return line;
  }

  /** Appends records to the file. */
  add(...lines: readonly TestLine[]): void {
    this.raw(lines.map((line) => `${this.line(line)}\n`).join(''));
  }

  many(count: number, each: (index: number) => TestLine = () => ({})): void {
    this.add(...Array.from({ length: count }, (_, index) => each(index)));
  }

  /** Appends bytes as they are. */
  raw(bytes: string | Buffer): void {
    appendFileSync(this.path, bytes);
  }

  /** What is added from now on goes into the next file. */
  rotate(): void {
    this.number += 1;
  }
}
