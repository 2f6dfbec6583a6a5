/**
 * Every record of this user that is open for writing, each by one writer. It joins a chain's files, keys and checkpoints when one is
 * opened; a chain whose parts do not agree is never continued, and never begun again in silence.
 */
import { readFile } from 'node:fs/promises';
import type { Clock } from '../../base/clock.ts';
import type { Disposable } from '../../base/lifetime.ts';
import type { Folders } from '../../base/platform.ts';
import { LassoError } from '../../protocol/errors.ts';
import { mendNotes, newestAnchor } from './anchors.ts';
import { beginChainState, chainStateFile, readChainState, type ChainState } from './chain-state.ts';
import { Keeper } from './keeping.ts';
import { OpenRecord, type ChainOptions, type SandboxRecord } from './log.ts';
import { resume } from './opening.ts';
import type { OwnHost } from '../keys/own-file.ts';
import { chainEntry, endInEpoch } from './sealing.ts';
import { invalid, opening, type ChainPlace } from './tail.ts';
import type { UserKeys } from '../keys/user-keys.ts';

export interface StoreOptions {
  readonly host: OwnHost;
  readonly folders: Pick<Folders, 'home' | 'audit'>;
  readonly keys: UserKeys;
  readonly clock: Pick<Clock, 'now' | 'monotonicMs'>;
  /** version of the helper, said in the first line of every process */
  readonly version: string;
  /** told of what failed in the background; it is tried again */
  readonly onTrouble?: (sandbox: string, error: unknown) => void;
  /** time between a write and its fdatasync at most (default 1000), age at which an epoch ends (15 minutes), and of the first line
   * without a checkpoint at which one is signed (a minute), in milliseconds */
  readonly times?: { readonly syncMs?: number; readonly epochMs?: number; readonly checkpointMs?: number };
}

export interface RecordStore {
  /** Opens or begins the record of a sandbox. @throws LassoError RECORD_FAILED, RECORD_INVALID */
  open(sandbox: string, options: ChainOptions): Promise<SandboxRecord>;
  /** Keeps an open record in another way from the next line on. */
  change(sandbox: string, options: ChainOptions): void;
  /** Called when lines are in the file, at most once in a short while for a sandbox. */
  onGrown(listener: (sandbox: string) => void): Disposable;
  /** Called when a checkpoint is signed and kept. */
  onCheckpoint(listener: (sandbox: string, note: string) => void): Disposable;
}

/** pause between two words about one growing record, in milliseconds */
const grownMs = 20;

/** The records of the user whose keys these are. The caller holds the lock of the store. */
export function recordStore(options: StoreOptions): RecordStore {
  return new Store(options);
}

class Store implements RecordStore {
  readonly #options: StoreOptions;
  #boot: Promise<string> | undefined;
  /** what is open, or being opened */
  readonly #open = new Map<string, OpenRecord | undefined>();
  readonly #growing = new Set<string>();
  readonly #grown = new Set<(sandbox: string) => void>();
  readonly #signed = new Set<(sandbox: string, note: string) => void>();

  constructor(options: StoreOptions) {
    this.#options = options;
  }

  async open(sandbox: string, options: ChainOptions): Promise<SandboxRecord> {
    const { folders, host } = this.#options;
    const place: ChainPlace = { folder: folders.audit, sandbox, uid: host.uid };
    if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(sandbox)) throw invalid(sandbox, 'this is no sandbox id');
    if (this.#open.has(sandbox))
      throw new LassoError('RECORD_FAILED', `The record of ${sandbox} is open already`, 'Each record has one writer.');
    this.#open.set(sandbox, undefined);
    try {
      const record = await this.#opened(place, options);
      this.#open.set(sandbox, record);
      return record;
    } catch (error) {
      this.#open.delete(sandbox);
      throw error;
    }
  }

  change(sandbox: string, options: ChainOptions): void {
    const record = this.#open.get(sandbox);
    if (record) record.options = options;
  }

  onGrown(listener: (sandbox: string) => void): Disposable {
    return listening(this.#grown, listener);
  }

  onCheckpoint(listener: (sandbox: string, note: string) => void): Disposable {
    return listening(this.#signed, listener);
  }

  async #opened(place: ChainPlace, options: ChainOptions): Promise<OpenRecord> {
    const { folders, host, keys, clock, version, times } = this.#options;
    const { sandbox } = place;
    const { home } = folders;
    const kept = await readChainState(host, home, sandbox);
    const anchor = await newestAnchor(home, sandbox, keys.publicKey);
    if (kept?.begun === true && !anchor) throw invalid(home, `the checkpoints of ${sandbox} are missing`, 'Put them back as they were.');
    if (!kept && anchor) throw invalid(home, `the key of ${sandbox} is missing`, 'Put it back as it was.');
    if (anchor) await mendNotes(home, sandbox);
    const resumed = await resume(place, { state: kept, anchor });
    const { handle } = resumed.file;
    try {
      const state = kept ?? (await this.#newChain(sandbox));
      const end = resumed.end.seq < 0 ? endInEpoch({ ...resumed.end, seed: state.seed }) : resumed.end;
      const keeping = { host, home, folder: place.folder, sandbox, keys, clock, checkpointMs: times?.checkpointMs ?? 60_000 };
      const keeper = new Keeper(
        {
          ...keeping,
          onCheckpoint: (note) => this.#tellSigned(sandbox, note),
          onTrouble: (error) => this.#options.onTrouble?.(sandbox, error),
        },
        ...([state, anchor, end, handle] as const),
      );
      const { helper, boot } = { helper: version, boot: await (this.#boot ??= bootId()) };
      const { index } = state;
      const first =
        resumed.after === undefined
          ? chainEntry('begun', { index, fingerprint: keys.fingerprint, publicKey: keys.publicKey, helper, boot })
          : chainEntry('opened', { helper, boot, after: resumed.after });
      const record = new OpenRecord(
        {
          ...{ place, options, clock, keeper, opening: first, syncMs: times?.syncMs ?? 1000, epochMs: times?.epochMs ?? 900_000 },
          onGrown: () => this.#tellGrown(sandbox),
          onClosed: () => this.#open.delete(sandbox),
        },
        { ...resumed, end },
      );
      // A chain that only goes on says so with its next line: a helper that comes and goes writes nothing.
      if (resumed.after === undefined || resumed.torn) await record.begin();
      return record;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Keys of a chain that has none. They are on the disk before its first line is. */
  async #newChain(sandbox: string): Promise<ChainState> {
    const { folders, keys } = this.#options;
    const { index, seed } = await keys.nextChain(sandbox);
    const state: ChainState = { index, epoch: 0, seed, begun: false };
    try {
      beginChainState(folders.home, sandbox, state);
    } catch (error) {
      throw opening(chainStateFile(folders.home, sandbox), error);
    }
    return state;
  }

  #tellGrown(sandbox: string): void {
    if (this.#grown.size === 0 || this.#growing.has(sandbox)) return;
    this.#growing.add(sandbox);
    setTimeout(() => {
      this.#growing.delete(sandbox);
      for (const listener of this.#grown) listener(sandbox);
    }, grownMs).unref();
  }

  #tellSigned(sandbox: string, note: string): void {
    for (const listener of this.#signed) listener(sandbox, note);
  }
}

function listening<T>(listeners: Set<T>, listener: T): Disposable {
  listeners.add(listener);
  return { dispose: () => void listeners.delete(listener) };
}

/** Tells one run of this machine from the next; empty where the system says nothing. */
async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'latin1').catch(() => '')).trim();
}
