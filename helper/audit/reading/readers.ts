/** The readers of the chains that are looked at: one for each, few at a time, and gone when nobody looks any more. */
import { chainFiles } from '../form/chain-files.ts';
import { ChainReader } from './chain-reader.ts';

const keptReaders = 4;
const idleMs = 120_000;

export class ChainReaders {
  readonly #folder: string;
  readonly #idleMs: number;
  readonly #kept = new Map<string, { readonly reader: ChainReader; readonly idle: NodeJS.Timeout }>();

  /** @param folder of the chains */
  constructor(folder: string, idleAfterMs = idleMs) {
    this.#folder = folder;
    this.#idleMs = idleAfterMs;
  }

  of(sandbox: string): ChainReader {
    const known = this.#kept.get(sandbox);
    const reader = known?.reader ?? new ChainReader(() => chainFiles(this.#folder, sandbox));
    clearTimeout(known?.idle);
    this.#kept.delete(sandbox);
    this.#kept.set(sandbox, { reader, idle: setTimeout(() => this.#drop(sandbox), this.#idleMs).unref() });
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size > keptReaders) this.#drop(oldest);
    return reader;
  }

  /** readers that are kept now */
  get size(): number {
    return this.#kept.size;
  }

  #drop(sandbox: string): void {
    const kept = this.#kept.get(sandbox);
    clearTimeout(kept?.idle);
    kept?.reader.close();
    this.#kept.delete(sandbox);
  }
}
