/** The list of chains on the disk: only ever longer, each line synced before it counts, and none is rewritten. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errnoOf } from '../../base/atomic-file.ts';
import { LassoError } from '../../protocol/errors.ts';
import { ledgerLine, readLedger, type LedgerEntry } from './chain-ledger.ts';
import { openFlags, readOwnFile, syncFolder, unsafe, type OwnHost } from './own-file.ts';

/** longest list that is read, in bytes: about two million lines */
const limitBytes = 256 * 1024 * 1024;

export class LedgerFile {
  readonly #host: OwnHost;
  readonly #file: string;
  #last: string;
  #bytes: number;
  #next: number;

  private constructor(
    host: OwnHost,
    file: string,
    { last, bytes, next }: { readonly last: string; readonly bytes: number; readonly next: number },
  ) {
    this.#host = host;
    this.#file = file;
    this.#last = last;
    this.#bytes = bytes;
    this.#next = next;
  }

  /** Opens it, or begins it at its first line. @throws LassoError RECORD_INVALID */
  static async open(host: OwnHost, file: string): Promise<LedgerFile> {
    const text = (await readOwnFile(host, file, 'The list of chains', { limitBytes }))?.toString('latin1') ?? '';
    const { entries, last, bytes, brokenAt } = readLedger(text);
    if (brokenAt !== undefined)
      throw unsafe('The list of chains', file, `is damaged in line ${brokenAt}`, 'Restore it from where it was last whole.');
    const next = entries.reduce((most, { index }) => Math.max(most, index + 1), 0);
    return new LedgerFile(host, file, { last, bytes, next });
  }

  /** index after the highest that it names */
  get next(): number {
    return this.#next;
  }

  /** Settles when the line is on the disk. @throws LassoError RECORD_FAILED */
  async append(seed: Uint8Array, entry: LedgerEntry): Promise<void> {
    const line = ledgerLine(seed, entry, this.#last);
    try {
      const handle = await open(this.#file, constants.O_RDWR | constants.O_CREAT | openFlags(this.#host), 0o600);
      try {
        // What a crash tore off was never counted.
        await handle.truncate(this.#bytes);
        await handle.write(line, this.#bytes, 'latin1');
        await handle.sync();
      } finally {
        await handle.close();
      }
      if (this.#bytes === 0) await syncFolder(this.#host, dirname(this.#file));
    } catch (error) {
      throw new LassoError(
        'RECORD_FAILED',
        `The list of chains cannot be written (${errnoOf(error) ?? String(error)}): ${this.#file}`,
        'Make room or repair the disk, then try again.',
        { cause: error },
      );
    }
    this.#last = line.slice(0, -1);
    this.#bytes += line.length;
    this.#next = Math.max(this.#next, entry.index + 1);
  }
}
