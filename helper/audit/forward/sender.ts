/**
 * Tells one receiver of one chain, in order, for as long as it takes: reads on from its cursor, sends, and moves the cursor only
 * when the receiver has accepted. Whatever fails is tried again; nothing is dropped but what can never pass, and that is said.
 */
import type { Courier, ForwardFacts, Item } from './contract.ts';
import { attemptsOf, isFor } from './couriers.ts';
import { waitMs } from './backoff.ts';
import { notesAfter } from './notes.ts';
import type { SinkSettings } from './settings.ts';
import { readOn, type Piece } from './spool.ts';
import { removeState, saveState, type Cursor, type SinkState } from './state.ts';

/** what is to be on record, or at least known, about a receiver */
export interface Notice {
  readonly sandbox: string;
  readonly sink: SinkSettings;
  /** it fails, it is back, it will never be told of some records */
  readonly what: 'failing' | 'back' | 'lost';
  readonly message: string;
  /** numbers of records it is not told of */
  readonly first?: number;
  readonly last?: number;
}

export interface SenderPlaces {
  readonly outbox: string;
  readonly audit: string;
  readonly checkpoints: string;
}

interface Batch {
  readonly items: readonly Item[];
  readonly after: Pick<SinkState, 'cursor' | 'notes'>;
  /** records before these that are not there any more */
  readonly lost?: NonNullable<Piece['lost']>;
  /** there was nothing more to read */
  readonly end: boolean;
}

/** pause in which lines that come one by one are gathered */
const gatherMs = 100;

export class Sender {
  readonly #places: SenderPlaces;
  readonly #facts: ForwardFacts;
  readonly #courier: Courier;
  readonly #tell: (notice: Notice) => void;
  readonly #over = new AbortController();
  readonly #done: Promise<void>;
  #state: SinkState;
  #saved: SinkState | undefined;
  /** read already, for when the cursor gets there */
  #ahead: { readonly from: Cursor; readonly lines: Piece['lines'] } | undefined;
  #wake: () => void = () => undefined;
  #awake = true;
  /** the chain is not written any more: when all is told, this is done */
  #ended = false;
  #failures = 0;
  #most: number;

  constructor(state: SinkState, courier: Courier, options: { places: SenderPlaces; facts: ForwardFacts; tell: (notice: Notice) => void }) {
    this.#state = state;
    this.#courier = courier;
    this.#most = courier.batchItems;
    this.#places = options.places;
    this.#facts = options.facts;
    this.#tell = options.tell;
    this.#done = this.#run();
  }

  get state(): SinkState {
    return this.#state;
  }

  /** Whether something is being told now and no attempt has failed. */
  get busy(): boolean {
    return this.#awake && this.#failures === 0 && !this.#over.signal.aborted;
  }

  /** Resolves when nothing more is told: everything was, after `end`, or it was disposed. */
  get done(): Promise<void> {
    return this.#done;
  }

  /** There is more. */
  grown(): void {
    this.#awake = true;
    this.#wake();
  }

  /** Nothing comes after what there is. */
  end(): void {
    this.#ended = true;
    this.grown();
  }

  /** Stops where it is; what was not accepted is told by whoever goes on. */
  async dispose(): Promise<void> {
    this.#over.abort();
    this.#wake();
    await this.#done;
  }

  async #run(): Promise<void> {
    const isOver = (): boolean => this.#over.signal.aborted;
    while (!isOver()) {
      try {
        if (await this.#step(this.#over.signal)) return;
      } catch (error) {
        if (isOver()) return;
        this.#facts.log.error(`telling a receiver of ${this.#state.sandbox}`, error);
        await this.#rest('its place could not be read or kept');
      }
    }
  }

  /** True when all is done for good. */
  async #step(signal: AbortSignal): Promise<boolean> {
    const woken = new Promise<void>((resolve) => (this.#wake = resolve));
    const ended = this.#ended;
    const batch = await this.#next();
    if (batch.items.length > 0) {
      await this.#deliver(batch, signal);
      return false;
    }
    this.#state = { ...this.#state, ...batch.after };
    this.#tellRemoved(batch);
    if (!batch.end) return false;
    if (ended) {
      await removeState(this.#places.outbox, this.#state);
      return true;
    }
    await this.#save();
    this.#awake = false;
    await woken;
    this.#awake = true;
    if (!this.#ended) await this.#facts.clock.sleep(gatherMs, signal).catch(() => undefined);
    return false;
  }

  async #next(): Promise<Batch> {
    const { sandbox, sink, cursor, notes } = this.#state;
    const read = this.#ahead?.from === cursor ? { lines: this.#ahead.lines } : undefined;
    const { lines, lost }: Piece = read ?? (await readOn(this.#places.audit, sandbox, cursor));
    const items: Item[] = [];
    let after = cursor;
    let bytes = 0;
    for (const line of lines) {
      if (line.item !== undefined && isFor(line.item, sink)) {
        bytes += line.item.line.length;
        if (items.length > 0 && (items.length >= this.#most || bytes > this.#courier.batchBytes)) break;
        items.push(line.item);
      }
      after = line.after;
    }
    const rest = lines.slice(lines.findIndex((line) => line.after === after) + 1);
    this.#ahead = rest.length === 0 ? undefined : { from: after, lines: rest };
    if (lines.length > 0) return { items, after: { cursor: after, notes }, ...(lost ? { lost } : {}), end: false };
    // A checkpoint goes after the lines it is about.
    const noted = (await notesAfter(this.#places.checkpoints, sandbox, notes)).filter(({ item }) => item.size <= cursor.seq + 1);
    const some = noted.slice(0, this.#most);
    return { items: some.map(({ item }) => item), after: { cursor, notes: some.at(-1)?.after ?? notes }, end: noted.length === 0 };
  }

  async #deliver(batch: Batch, signal: AbortSignal): Promise<void> {
    const { items } = batch;
    const answer = await this.#courier.deliver(items, signal);
    if (signal.aborted && !answer.accepted) return;
    if (!answer.accepted) {
      if (answer.tooLarge && items.length > 1) this.#most = Math.max(1, Math.floor(items.length / 2));
      else if (answer.tooLarge) await this.#move(batch, `${answer.message}, so this one was left out`);
      else await this.#rest(answer.message, answer.retryAfterMs);
      return;
    }
    this.#most = Math.min(this.#courier.batchItems, this.#most * 2);
    await this.#move(batch, answer.refused);
  }

  /** What was sent is done with; `lost` says why not all of it was taken. */
  async #move(batch: Batch, lost: string | undefined): Promise<void> {
    const { failingSince, ...state } = this.#state;
    this.#failures = 0;
    this.#state = { ...state, ...batch.after };
    await this.#save();
    const { sandbox, sink } = state;
    if (failingSince !== undefined) this.#tell({ sandbox, sink, what: 'back', message: `it had failed since ${failingSince}` });
    this.#tellRemoved(batch);
    if (lost === undefined) return;
    const numbers = batch.items.flatMap((item) => (item.kind === 'record' ? [item.seq] : []));
    const [first, last] = [numbers[0], numbers.at(-1)];
    this.#tell({ sandbox, sink, what: 'lost', message: lost, ...(first === undefined || last === undefined ? {} : { first, last }) });
  }

  /** Only when the cursor is past them: until then they would be said with every attempt. */
  #tellRemoved({ lost }: Batch): void {
    const { sandbox, sink } = this.#state;
    if (lost) this.#tell({ sandbox, sink, what: 'lost', message: 'the files they were in were removed before they were told', ...lost });
  }

  async #rest(message: string, askedMs?: number): Promise<void> {
    this.#failures += 1;
    const { sandbox, sink } = this.#state;
    if (this.#failures >= attemptsOf(sink) && this.#state.failingSince === undefined) {
      this.#state = { ...this.#state, failingSince: this.#facts.clock.now().toISOString() };
      await this.#save();
      this.#tell({ sandbox, sink, what: 'failing', message });
    }
    const pauseMs = waitMs(this.#failures, this.#facts.chance(), askedMs);
    await this.#facts.clock.sleep(pauseMs, this.#over.signal).catch(() => undefined);
  }

  async #save(): Promise<void> {
    if (this.#saved === this.#state) return;
    const state = this.#state;
    try {
      await saveState(this.#places.outbox, state);
      this.#saved = state;
    } catch (error) {
      // Then more is told again after a restart; the receiver knows what it had by its id.
      this.#facts.log.error(`the place of a receiver of ${state.sandbox} was not kept`, error);
    }
  }
}
