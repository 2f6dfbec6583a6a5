/**
 * One sandbox's record, open for writing: every append is on its way to the disk, in the file, before the promise settles,
 * so a killed helper loses nothing it was told is written. It never rewrites a line, and a failed write leaves no trace.
 */
import { fdatasync, fstatSync, ftruncateSync, write, writeSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { errnoOf } from '../base/atomic-file.ts';
import type { Clock } from '../base/clock.ts';
import { LassoError } from '../protocol/errors.ts';
import type { RecordEntry } from '../protocol/record.ts';
import { sealLine } from './chain.ts';
import { openFile, type OpenFile } from './tail.ts';

export interface RecordOptions {
  /** 0700 folder of the records, made if need be */
  readonly folder: string;
  readonly sandbox: string;
  readonly key: KeyObject;
  readonly clock: Clock;
  /** this user; undefined on Windows */
  readonly uid: number | undefined;
  /** time between a write and its fdatasync at most, in milliseconds (default 1000) */
  readonly syncMs?: number;
}

/** where a chain stands */
export interface RecordHead {
  /** sequence number of the last line, -1 for none */
  readonly seq: number;
  readonly mac: string;
}

export interface SandboxRecord {
  readonly file: string;
  readonly head: RecordHead;
  /**
   * Settles with the line's sequence number when the line is in the file. `finishes` is the number of the intent this is the
   * outcome of. @throws LassoError RECORD_FAILED: nothing was written, and what was to happen must not
   */
  append(entry: RecordEntry, finishes?: number): Promise<number>;
  /** Writes what waits, syncs, closes. Safe to call again. */
  close(): Promise<void>;
}

/** lines written at once at most */
const batchLines = 512;
/** bytes written at once without leaving the thread: a start waits for its record, and the disk's cache takes this in microseconds */
const promptBytes = 16_384;
/** appends that may wait at most; one more is refused, not dropped in silence */
const waitingLimit = 65_536;

const writeBytes = promisify(write);
const syncData = promisify(fdatasync);

interface Waiting {
  readonly entry: RecordEntry;
  readonly ts: string;
  readonly mono: number;
  readonly resolve: (seq: number) => void;
  readonly reject: (error: LassoError) => void;
}

/**
 * Opens or continues `<folder>/<sandbox>.jsonl`. A line torn by a crash is set aside into `<sandbox>.torn-<n>` and the first
 * new line, of type `gap`, says so. @throws LassoError RECORD_FAILED, RECORD_INVALID (last line does not verify)
 */
export async function openRecord(options: RecordOptions): Promise<SandboxRecord> {
  const file = await openFile(options);
  const record = new OpenRecord(options, file);
  if (file.torn !== undefined) {
    await record.append({
      type: 'gap',
      action: 'torn-line',
      outcome: 'unknown',
      actor: { kind: 'system', face: 'helper' },
      detail: { ...file.torn },
    });
  }
  return record;
}

class OpenRecord implements SandboxRecord {
  readonly file: string;
  readonly #options: RecordOptions;
  readonly #handle: FileHandle;
  readonly #queue: Waiting[] = [];
  #head: RecordHead;
  #bytes: number;
  #flushing: Promise<void> | undefined;
  #syncing: NodeJS.Timeout | undefined;
  /** a failed write may have left part of a line, or a failed sync lost one */
  #suspect = false;
  #closed: Promise<void> | undefined;

  constructor(options: RecordOptions, file: OpenFile) {
    this.#options = options;
    this.file = file.path;
    this.#handle = file.handle;
    this.#head = file.head;
    this.#bytes = file.bytes;
  }

  get head(): RecordHead {
    return this.#head;
  }

  append(entry: RecordEntry, finishes?: number): Promise<number> {
    if (this.#closed) return Promise.reject(failure(this.file, 'it is closed', undefined));
    if (this.#queue.length >= waitingLimit) return Promise.reject(failure(this.file, 'too many records wait', undefined));
    const whole = finishes === undefined ? entry : { ...entry, detail: { ...entry.detail, intent: finishes } };
    return new Promise((resolve, reject) => {
      const ts = this.#options.clock.now().toISOString();
      const mono = Math.round(this.#options.clock.monotonicMs() * 1000) / 1000;
      this.#queue.push({ entry: whole, ts, mono, resolve, reject });
      this.#flushing ??= Promise.resolve().then(() => this.#flush());
    });
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.#flushing;
    clearTimeout(this.#syncing);
    try {
      await syncData(this.#handle.fd);
    } catch (error) {
      throw failure(this.file, 'it could not be synced', error);
    } finally {
      await this.#handle.close();
    }
  }

  /** One writer at a time: whoever appends meanwhile is taken along in the next batch. */
  async #flush(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, batchLines);
      try {
        await this.#writeBatch(batch);
      } catch (error) {
        const reason = error instanceof LassoError ? error : failure(this.file, reasonOf(error), error);
        for (const waiting of batch) waiting.reject(reason);
      }
    }
    this.#flushing = undefined;
  }

  async #writeBatch(batch: readonly Waiting[]): Promise<void> {
    this.#check();
    if (this.#suspect) await this.#mend();
    let head = this.#head;
    const lines = batch.map((waiting) => {
      const place = { sandbox: this.#options.sandbox, seq: head.seq + 1, ts: waiting.ts, mono: waiting.mono, prev: head.mac };
      const { line, mac } = sealLine(this.#options.key, place, waiting.entry);
      head = { seq: place.seq, mac };
      return `${line}\n`;
    });
    const first = this.#head.seq + 1;
    const bytes = Buffer.from(lines.join(''), 'latin1');
    try {
      const { fd } = this.#handle;
      for (let done = 0; done < bytes.length;)
        done += bytes.length <= promptBytes ? writeSync(fd, bytes, done) : (await writeBytes(fd, bytes, done)).bytesWritten;
    } catch (error) {
      this.#suspect = true;
      this.#cutBack();
      throw error;
    }
    this.#bytes += bytes.length;
    this.#head = head;
    this.#syncSoon();
    batch.forEach((waiting, index) => waiting.resolve(first + index));
  }

  /** The file must be as this writer left it; a second writer or a removed file is never written over. */
  #check(): void {
    const status = fstatSync(this.#handle.fd);
    if (status.nlink === 0) throw failure(this.file, 'the file was removed while in use', undefined);
    if (!this.#suspect && status.size !== this.#bytes) throw failure(this.file, 'somebody else changed the file', undefined);
  }

  #cutBack(): void {
    try {
      ftruncateSync(this.#handle.fd, this.#bytes);
    } catch {
      // Tried again before the next write; until then nothing is appended.
    }
  }

  async #mend(): Promise<void> {
    ftruncateSync(this.#handle.fd, this.#bytes);
    await syncData(this.#handle.fd);
    this.#suspect = false;
  }

  #syncSoon(): void {
    this.#syncing ??= setTimeout(() => {
      this.#syncing = undefined;
      if (this.#closed) return;
      syncData(this.#handle.fd).catch(() => {
        this.#suspect = true;
      });
    }, this.#options.syncMs ?? 1000).unref();
  }
}

function reasonOf(error: unknown): string {
  const code = errnoOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'the disk is full';
  if (code === 'EROFS') return 'the file system is read-only';
  return `the system says ${code ?? String(error)}`;
}

function failure(file: string, why: string, cause: unknown): LassoError {
  const hint = 'Nothing runs unrecorded, so it was refused. Make room or repair the disk, then try again.';
  return new LassoError('RECORD_FAILED', `The record cannot be written, ${why}: ${file}`, hint, cause === undefined ? {} : { cause });
}
