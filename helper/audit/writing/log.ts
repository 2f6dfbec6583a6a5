/**
 * One sandbox's record, open for writing: every append is on its way to the disk, in the file, before the promise settles,
 * so a killed helper loses nothing it was told is written. It never rewrites a line, and a failed write leaves no trace.
 */
import type { Clock } from '../../base/clock.ts';
import { LassoError } from '../../protocol/errors.ts';
import type { RecordEntry } from '../../protocol/record.ts';
import type { Keeper } from './keeping.ts';
import type { Resumed } from './opening.ts';
import { RecordFile, asFailure, failure } from './record-file.ts';
import { syncFolder } from '../keys/own-file.ts';
import { removeOldest } from './removal.ts';
import { chainEntry, epochEntry, seal, tornEntry, type ChainEnd, type Moment, type Timed } from './sealing.ts';
import { chainFileName } from '../form/chain-files.ts';
import { openFile, type ChainPlace, type OpenFile } from './tail.ts';

/** what a profile says about how a record is kept */
export interface ChainOptions {
  /** `fsync`: an append settles only when it is synced */
  readonly durability: 'group' | 'fsync';
  /** size at which a file is left for the next one */
  readonly maxFileBytes: number;
  /** older files kept, besides the one that is written */
  readonly olderFiles: number;
}

/** where a chain stands */
export interface RecordHead {
  /** number of the last line, -1 for none */
  readonly seq: number;
  readonly digest: string;
}

export interface SandboxRecord {
  /** the file that is written now */
  readonly file: string;
  readonly head: RecordHead;
  /**
   * Settles with the line's sequence number when the line is in the file. `finishes` is the number of the intent this is the
   * outcome of. @throws LassoError RECORD_FAILED: nothing was written, and what was to happen must not
   */
  append(entry: RecordEntry, finishes?: number): Promise<number>;
  /** A signed note of where the chain stands now, kept with the others. @throws LassoError RECORD_FAILED */
  checkpoint(): Promise<string>;
  /** Writes what waits, syncs, signs, closes. Safe to call again. */
  close(): Promise<void>;
}

export interface WriterTools {
  readonly place: ChainPlace;
  readonly options: ChainOptions;
  readonly clock: Pick<Clock, 'now' | 'monotonicMs'>;
  readonly keeper: Keeper;
  /** first line of a new chain, or of this process in an older one */
  readonly opening: RecordEntry;
  /** called when lines are in the file */
  readonly onGrown: () => void;
  readonly onClosed: () => void;
  /** time between a write and its fdatasync at most, in milliseconds */
  readonly syncMs: number;
  /** age at which an epoch ends, in milliseconds */
  readonly epochMs: number;
}

/** lines written at once at most */
const batchLines = 512;
/** bytes written at once, but for the line that goes past them */
const batchBytes = 4 * 1_048_576;
/** appends that may wait at most; one more is refused, not dropped in silence */
const waitingLimit = 65_536;

interface Waiting extends Timed {
  readonly resolve: (seq: number) => void;
  readonly reject: (error: LassoError) => void;
}

export class OpenRecord implements SandboxRecord {
  readonly #tools: WriterTools;
  /** how it is kept from the next line on */
  options: ChainOptions;
  readonly #queue: Waiting[] = [];
  /** lines of the writer's own that come before the next one */
  #own: readonly RecordEntry[];
  #file: RecordFile;
  #number: number;
  #firstSeq: number;
  #end: ChainEnd;
  /** the next file, when this one ends by naming it and that is not signed yet */
  #left: OpenFile | undefined;
  #written = false;
  #flushing: Promise<void> | undefined;
  #epochTimer: NodeJS.Timeout | undefined;
  #closed: Promise<void> | undefined;

  constructor(tools: WriterTools, resumed: Resumed) {
    this.#tools = tools;
    this.options = tools.options;
    this.#file = new RecordFile(resumed.file, tools.syncMs);
    this.#number = resumed.number;
    this.#firstSeq = resumed.firstSeq;
    this.#end = resumed.end;
    this.#own = [
      ...(resumed.full ? [chainEntry('continued', { ...resumed.full })] : []),
      tools.opening,
      ...(resumed.torn ? [tornEntry(resumed.torn)] : []),
      ...(resumed.after === undefined ? [] : [epochEntry(resumed.end.epoch)]),
    ];
  }

  get file(): string {
    return this.#file.path;
  }

  get head(): RecordHead {
    return { seq: this.#end.seq, digest: this.#end.digest };
  }

  append(entry: RecordEntry, finishes?: number): Promise<number> {
    if (this.#closed) return Promise.reject(failure(this.file, 'it is closed'));
    if (this.#queue.length >= waitingLimit) return Promise.reject(failure(this.file, 'too many records wait'));
    const whole = finishes === undefined ? entry : { ...entry, detail: { ...entry.detail, intent: finishes } };
    const at = this.#moment();
    return new Promise((resolve, reject) => {
      this.#queue.push({ entry: whole, at, resolve, reject });
      this.#flushing ??= Promise.resolve().then(() => this.#flush());
    });
  }

  /** Writes the lines that open a chain, or go on with one, now and not with the first append. @throws LassoError RECORD_FAILED */
  async begin(): Promise<void> {
    await this.#ownLines(() => []);
  }

  async checkpoint(): Promise<string> {
    while (this.#flushing) await this.#flushing;
    return this.#tools.keeper.now().catch((error: unknown) => {
      throw asFailure(this.file, error);
    });
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.#flushing;
    clearTimeout(this.#epochTimer);
    try {
      let closed: RecordHead | undefined;
      if (this.#written) {
        // The epoch ends with the process: what lies on the disk from now on seals nothing that was written.
        const inOrder = this.#ownLines(() => [...this.#epochLine(), chainEntry('closed')]);
        closed = await inOrder.then(() => this.head).catch(() => undefined);
      }
      await this.#file.handle.datasync();
      await this.#tools.keeper.close(closed);
    } catch (error) {
      throw error instanceof LassoError ? error : failure(this.file, 'it could not be synced', error);
    } finally {
      await this.#left?.handle.close();
      await this.#file.close();
      this.#tools.onClosed();
    }
  }

  /** One writer at a time: whoever appends meanwhile is taken along in the next batch. */
  async #flush(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, batchLines);
      try {
        await this.#writeBatch(batch);
      } catch (error) {
        const reason = asFailure(this.file, error);
        for (const waiting of batch) waiting.reject(reason);
      }
    }
    this.#flushing = undefined;
  }

  /** Writes lines of the writer's own, behind those it owes already. @throws LassoError RECORD_FAILED */
  async #ownLines(more: () => readonly RecordEntry[]): Promise<void> {
    while (this.#flushing) await this.#flushing;
    const owed = this.#own;
    this.#own = [...owed, ...more()];
    if (this.#own.length === 0) return;
    const done = this.#writeOwn().catch((error: unknown) => {
      this.#own = this.#own.filter((entry) => owed.includes(entry));
      throw asFailure(this.file, error);
    });
    this.#flushing = done.then(undefined, () => undefined).then(() => this.#flush());
    await done;
  }

  async #writeOwn(): Promise<void> {
    while (this.#own.length > 0) await this.#writeBatch([]);
  }

  /** Writes what it owes, then as much of the batch as the file has room for; the rest waits again. */
  async #writeBatch(batch: readonly Waiting[]): Promise<void> {
    await this.#file.ready();
    if (this.#left) await this.#enterNext(this.#left);
    // Lines of its own never say a later time than those that were handed over before.
    const now = batch[0]?.at ?? this.#queue[0]?.at ?? this.#moment();
    const own = this.#own.map((entry) => ({ entry, at: now }));
    const room = this.options.maxFileBytes - this.#file.bytes;
    const sealed = seal(this.#tools.place.sandbox, this.#end, [...own, ...batch], room > 0 ? Math.min(room, batchBytes) : batchBytes);
    await this.#file.write(sealed.bytes, this.options.durability === 'fsync');
    this.#own = this.#own.slice(sealed.numbers.length);
    this.#advance(sealed.end);
    const numbers = sealed.numbers.slice(own.length);
    for (const [index, seq] of numbers.entries()) batch[index]?.resolve(seq);
    this.#queue.unshift(...batch.slice(numbers.length));
    // What was asked for is written. A file that cannot be left now stays in use until it can.
    if (this.#file.bytes >= this.options.maxFileBytes && this.#end.seq > this.#firstSeq) await this.#leaveFile().catch(() => undefined);
  }

  /** The lines up to `end` are in the file. */
  #advance(end: ChainEnd): void {
    const newEpoch = end.epoch !== this.#end.epoch;
    this.#end = end;
    this.#written = true;
    this.#tools.keeper.grown(end, this.#file.handle, newEpoch);
    if (newEpoch) {
      clearTimeout(this.#epochTimer);
      this.#epochTimer = undefined;
    }
    this.#timeEpoch();
    this.#tools.onGrown();
  }

  #endEpoch(): void {
    this.#epochTimer = undefined;
    if (this.#closed) return;
    const { epoch } = this.#end;
    // A disk that takes nothing now is tried again; whoever appends meanwhile hears of it.
    this.#ownLines(() => (this.#end.epoch === epoch ? this.#epochLine() : [])).catch(() => this.#timeEpoch());
  }

  #timeEpoch(): void {
    // An epoch without a line has not begun.
    if (this.#closed || this.#end.epochBeganMs === undefined) return;
    this.#epochTimer ??= setTimeout(() => this.#endEpoch(), this.#tools.epochMs).unref();
  }

  #epochLine(): readonly RecordEntry[] {
    return this.#end.epochBeganMs === undefined ? [] : [epochEntry(this.#end.epoch)];
  }

  /** Makes the next file, ends this one by naming it, and syncs and signs that, before anything is written there. */
  async #leaveFile(): Promise<void> {
    const { place } = this.#tools;
    const next = await openFile(place, chainFileName(place.sandbox, this.#number + 1));
    try {
      if (next.bytes + next.unfinished.length > 0) throw failure(next.path, 'somebody else made the file');
      await syncFolder({ uid: place.uid, platform: process.platform }, place.folder);
      const rotated = chainEntry('rotated', { next: next.name });
      const sealed = seal(place.sandbox, this.#end, [{ entry: rotated, at: this.#end.last ?? this.#moment() }]);
      await this.#file.write(sealed.bytes, this.options.durability === 'fsync');
      this.#left = next;
      this.#advance(sealed.end);
    } catch (error) {
      await next.handle.close();
      throw error;
    }
    await this.#enterNext(next);
  }

  async #enterNext(next: OpenFile): Promise<void> {
    const { place, keeper, syncMs } = this.#tools;
    await keeper.now();
    const old = this.#file;
    const lines = this.#end.seq + 1 - this.#firstSeq;
    const full = { previous: old.name, bytes: old.bytes, digest: this.#end.digest, lines };
    this.#file = new RecordFile(next, syncMs);
    this.#number += 1;
    this.#firstSeq = this.#end.seq + 1;
    this.#left = undefined;
    this.#own = [chainEntry('continued', full), ...this.#own];
    await old.close();
    // What cannot be removed now is looked at again when this file is full.
    await removeOldest(place, this.options.olderFiles, (entry) => this.#removing(entry)).catch(() => undefined);
  }

  async #removing(entry: RecordEntry): Promise<void> {
    this.#own = [...this.#own, entry];
    try {
      await this.#writeOwn();
    } catch (error) {
      this.#own = this.#own.filter((other) => other !== entry);
      throw error;
    }
    await this.#file.handle.datasync();
  }

  #moment(): Moment {
    const { clock } = this.#tools;
    return { wallMs: clock.now().getTime(), monotonicMs: Math.round(clock.monotonicMs() * 1000) / 1000 };
  }
}
