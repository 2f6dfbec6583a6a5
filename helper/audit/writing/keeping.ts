/**
 * What follows the lines of a chain: they are synced, then a checkpoint of them is signed, then the seed of their epoch takes the place
 * of the one before. In that order, in the background, one round after the other; a crash in between is made up for on opening.
 */
import type { FileHandle } from 'node:fs/promises';
import type { Clock } from '../../base/clock.ts';
import { appendNote, type Anchor } from './anchors.ts';
import { keepChainState, type ChainState } from './chain-state.ts';
import { signCheckpoint } from '../form/checkpoint.ts';
import { syncFolder, type OwnHost } from '../keys/own-file.ts';
import type { ChainEnd } from './sealing.ts';
import type { UserKeys } from '../keys/user-keys.ts';

export interface KeepingTools {
  readonly host: OwnHost;
  /** LASSO's home folder: keys and checkpoints lie below it */
  readonly home: string;
  /** folder of records */
  readonly folder: string;
  readonly sandbox: string;
  readonly keys: UserKeys;
  readonly clock: Pick<Clock, 'now'>;
  readonly onCheckpoint: (note: string) => void;
  /** told of what failed in the background; it is tried again */
  readonly onTrouble: (error: unknown) => void;
  /** age of the first line without a checkpoint at which one is signed, in milliseconds */
  readonly checkpointMs: number;
}

/** lines without a checkpoint at most, but for those that come while one is made */
const uncoveredLimit = 10_000;

export class Keeper {
  readonly #tools: KeepingTools;
  #state: ChainState;
  #note: string | undefined;
  /** lines the newest checkpoint covers */
  #covered: number;
  #end: ChainEnd;
  #handle: FileHandle;
  #syncedFolderFor: FileHandle | undefined;
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> | undefined;

  constructor(tools: KeepingTools, state: ChainState, anchor: Anchor | undefined, end: ChainEnd, handle: FileHandle) {
    this.#tools = tools;
    this.#state = state;
    this.#note = anchor?.note;
    this.#covered = anchor?.checkpoint.size ?? 0;
    this.#end = end;
    this.#handle = handle;
  }

  /** Lines up to `end` are in the file of `handle`, and all before it are synced. */
  grown(end: ChainEnd, handle: FileHandle, newEpoch: boolean): void {
    this.#end = end;
    this.#handle = handle;
    if (newEpoch || this.#covered === 0 || this.#uncovered >= uncoveredLimit) this.#soon();
    else this.#later();
  }

  /** The note that covers every line there is, made if need be. Rejects with the system's error. */
  async now(): Promise<string> {
    await this.rest();
    while (this.#uncovered > 0) {
      await this.#begin();
      await this.rest();
    }
    return this.#note ?? '';
  }

  /** Waits for what is under way. */
  async rest(): Promise<void> {
    while (this.#working) await this.#working.catch(() => undefined);
  }

  /** Covers everything and keeps how the chain was left; `closed` where that was in order. Rejects with the system's error. */
  async close(closed: ChainState['closed']): Promise<void> {
    clearTimeout(this.#timer);
    await this.now();
    clearTimeout(this.#timer);
    if (closed !== undefined) await this.#keep({ ...this.#present(), closed });
  }

  get #uncovered(): number {
    return this.#end.seq + 1 - this.#covered;
  }

  #later(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#soon();
    }, this.#tools.checkpointMs).unref();
  }

  #soon(): void {
    if (this.#working) return;
    this.#begin().catch((error: unknown) => {
      this.#tools.onTrouble(error);
      this.#later();
    });
  }

  /** One round; whoever asks while one is under way waits for that. */
  #begin(): Promise<void> {
    if (this.#working) return this.#working;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const working = this.#round().finally(() => {
      this.#working = undefined;
    });
    this.#working = working;
    return working.then(() => {
      // What came meanwhile waits its own time, but for an epoch's end.
      if (this.#end.epoch !== this.#state.epoch) this.#soon();
      else if (this.#uncovered > 0) this.#later();
    });
  }

  async #round(): Promise<void> {
    const { host, folder, sandbox, home, keys } = this.#tools;
    const end = this.#end;
    const handle = this.#handle;
    const present = this.#present();
    await handle.datasync();
    if (this.#syncedFolderFor !== handle) await syncFolder(host, folder);
    this.#syncedFolderFor = handle;
    if (end.seq + 1 > this.#covered) {
      const note = this.#sign(end);
      await appendNote(home, sandbox, note);
      this.#covered = end.seq + 1;
      this.#note = note;
      this.#tools.onCheckpoint(note);
    }
    if (present.epoch === this.#state.epoch && this.#state.begun) return;
    const first = !this.#state.begun;
    await this.#keep(present);
    if (first) await keys.begun(present.index, sandbox);
  }

  #present(): ChainState {
    return { index: this.#state.index, epoch: this.#end.epoch, seed: this.#end.seed, begun: true };
  }

  async #keep(state: ChainState): Promise<void> {
    const { host, home, sandbox } = this.#tools;
    await keepChainState(host, home, sandbox, state);
    const before = this.#state;
    this.#state = state;
    if (before.epoch !== state.epoch) before.seed.fill(0);
  }

  #sign({ seq, digest, lineEpoch }: ChainEnd): string {
    const { sandbox, keys, clock } = this.#tools;
    const at = clock.now().toISOString();
    return signCheckpoint({ sandbox, size: seq + 1, digest, index: this.#state.index, epoch: lineEpoch, at }, keys.signer);
  }
}
