/**
 * One file of a record while it is written: all of a batch is in it or nothing is. It is written to only while it is as it was
 * left, and synced within a second.
 */
import { fstatSync, ftruncateSync, writeSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { errnoOf } from '../../base/atomic-file.ts';
import { LassoError } from '../../protocol/errors.ts';
import type { OpenFile } from './tail.ts';

/** bytes written at once without leaving the thread: a start waits for its record, and the disk's cache takes this in microseconds */
const promptBytes = 16_384;

export class RecordFile {
  readonly path: string;
  readonly name: string;
  readonly handle: FileHandle;
  readonly #syncMs: number;
  #bytes: number;
  #syncing: NodeJS.Timeout | undefined;
  /** a failed write may have left part of a line, or a failed sync lost one */
  #suspect = false;
  #closed = false;

  /** @param syncMs time between a write and its fdatasync at most, in milliseconds */
  constructor({ path, name, handle, bytes }: OpenFile, syncMs: number) {
    this.path = path;
    this.name = name;
    this.handle = handle;
    this.#bytes = bytes;
    this.#syncMs = syncMs;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * The file must be as this writer left it; a second writer or a removed file is never written over.
   * @throws LassoError RECORD_FAILED; rejects with the system's error
   */
  async ready(): Promise<void> {
    const status = fstatSync(this.handle.fd);
    if (status.nlink === 0) throw failure(this.path, 'the file was removed while in use');
    if (!this.#suspect && status.size !== this.#bytes) throw failure(this.path, 'somebody else changed the file');
    if (!this.#suspect) return;
    ftruncateSync(this.handle.fd, this.#bytes);
    await this.handle.datasync();
    this.#suspect = false;
  }

  /** Settles when all of it is in the file, synced if wanted. Rejects with the system's error: then none of it is. */
  async write(bytes: Buffer, synced: boolean): Promise<void> {
    try {
      for (let done = 0; done < bytes.length;)
        done += bytes.length <= promptBytes ? writeSync(this.handle.fd, bytes, done) : (await this.handle.write(bytes, done)).bytesWritten;
      if (synced) await this.handle.datasync();
    } catch (error) {
      this.#suspect = true;
      this.#cutBack();
      throw error;
    }
    this.#bytes += bytes.length;
    if (!synced) this.#syncSoon();
  }

  /** Closes it, without a sync. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#syncing);
    await this.handle.close();
  }

  #cutBack(): void {
    try {
      ftruncateSync(this.handle.fd, this.#bytes);
    } catch {
      // Tried again before the next write; until then nothing is appended.
    }
  }

  #syncSoon(): void {
    this.#syncing ??= setTimeout(() => {
      this.#syncing = undefined;
      if (this.#closed) return;
      this.handle.datasync().catch(() => {
        this.#suspect = true;
      });
    }, this.#syncMs).unref();
  }
}

/** What kept a line from being written, as a person is told. */
export function asFailure(file: string, error: unknown): LassoError {
  return error instanceof LassoError ? error : failure(file, reasonOf(error), error);
}

export function failure(file: string, why: string, cause?: unknown): LassoError {
  const hint = 'Nothing runs unrecorded, so it was refused. Make room or repair the disk, then try again.';
  return new LassoError('RECORD_FAILED', `The record cannot be written, ${why}: ${file}`, hint, cause === undefined ? {} : { cause });
}

function reasonOf(error: unknown): string {
  const code = errnoOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'the disk is full';
  if (code === 'EROFS') return 'the file system is read-only';
  return `the system says ${code ?? String(error)}`;
}
