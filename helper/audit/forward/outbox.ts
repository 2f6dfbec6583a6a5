/**
 * Everybody who is told of records, of all chains of this user. Settings and places outlive the helper and the sandbox: what is not
 * told yet is told by the next helper. It never writes a record and never holds up whoever does.
 */
import { isDeepStrictEqual } from 'node:util';
import type { ForwardFacts } from './contract.ts';
import { courierOf } from './couriers.ts';
import { notesEnd } from './notes.ts';
import { Sender, type Notice, type SenderPlaces } from './sender.ts';
import { sinkId, type SinkSettings } from './settings.ts';
import { chainEnd, chainStart } from './spool.ts';
import { loadStates, removeState, saveState, type SinkState } from './state.ts';

export interface OutboxOptions {
  readonly places: SenderPlaces;
  readonly facts: ForwardFacts;
}

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #senders = new Map<string, Map<string, Sender>>();
  #turn: Promise<void> = Promise.resolve();
  /** told what is to be on record about receivers */
  onNotice: (notice: Notice) => void = () => undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Goes on where a helper before left off. @param alive chains that are still written; the others get what is left, and are done */
  resume(alive: ReadonlySet<string>): Promise<void> {
    return this.#inTurn(async () => {
      for (const state of await loadStates(this.#options.places.outbox, this.#options.facts.log)) {
        if (this.#of(state.sandbox).has(sinkId(state.sink))) continue;
        const sender = this.#begin(state);
        if (!alive.has(state.sandbox)) sender.end();
      }
    });
  }

  /**
   * From now on exactly these are told of a chain. Whoever was before keeps its place; who is new begins with the chain, or with what
   * comes now; who is no longer named is told nothing more, and what was not told is said. Rejects with the system's error.
   */
  direct(sandbox: string, sinks: readonly SinkSettings[], from: 'start' | 'now'): Promise<void> {
    return this.#inTurn(async () => {
      const { places } = this.#options;
      const wanted = new Map(sinks.map((sink) => [sinkId(sink), sink]));
      const present = this.#of(sandbox);
      for (const [id, sender] of [...present]) {
        const sink = wanted.get(id);
        if (isDeepStrictEqual(sink, sender.state.sink)) continue;
        await sender.dispose();
        present.delete(id);
        if (sink === undefined) await this.#drop(sender.state);
        else await this.#start({ ...sender.state, sink });
      }
      for (const [id, sink] of wanted) {
        if (present.has(id)) continue;
        const cursor = from === 'start' ? chainStart : await chainEnd(places.audit, sandbox);
        const notes = from === 'start' ? 0 : await notesEnd(places.checkpoints, sandbox);
        await this.#start({ version: 1, sandbox, sink, cursor, notes });
      }
    });
  }

  /** A chain has more lines or checkpoints. */
  grown(sandbox: string): void {
    for (const sender of this.#senders.get(sandbox)?.values() ?? []) sender.grown();
  }

  /** A chain is not written any more; its last line and checkpoint are there. */
  end(sandbox: string): Promise<void> {
    return this.#inTurn(() => {
      for (const sender of this.#senders.get(sandbox)?.values() ?? []) sender.end();
      return Promise.resolve();
    });
  }

  /** Receivers that are being told something now, and answer. */
  get busy(): number {
    return this.#all.filter(({ busy }) => busy).length;
  }

  /** Waits until everybody who answers is told everything, `graceMs` at most, and stops. */
  async close(graceMs: number): Promise<void> {
    const { clock } = this.#options.facts;
    const untilMs = clock.monotonicMs() + graceMs;
    await this.#turn;
    while (this.busy > 0 && clock.monotonicMs() < untilMs) await clock.sleep(20);
    await Promise.all(this.#all.map((sender) => sender.dispose()));
  }

  get #all(): readonly Sender[] {
    return [...this.#senders.values()].flatMap((senders) => [...senders.values()]);
  }

  #of(sandbox: string): Map<string, Sender> {
    const senders = this.#senders.get(sandbox) ?? new Map<string, Sender>();
    this.#senders.set(sandbox, senders);
    return senders;
  }

  /** On the disk first: a helper killed now must know of it. */
  async #start(state: SinkState): Promise<void> {
    await saveState(this.#options.places.outbox, state);
    this.#begin(state);
  }

  #begin(state: SinkState): Sender {
    const id = sinkId(state.sink);
    const tell = (notice: Notice): void => this.onNotice(notice);
    const sender = new Sender(state, courierOf(state.sink, this.#options.facts), { ...this.#options, tell });
    const senders = this.#of(state.sandbox);
    senders.set(id, sender);
    void sender.done.then(() => {
      if (senders.get(id) === sender) senders.delete(id);
    });
    return sender;
  }

  async #drop(state: SinkState): Promise<void> {
    const { places } = this.#options;
    await removeState(places.outbox, state);
    const end = await chainEnd(places.audit, state.sandbox);
    if (end.seq <= state.cursor.seq) return;
    const { sandbox, sink } = state;
    this.onNotice({
      sandbox,
      sink,
      what: 'lost',
      message: 'the profile does not name it any more',
      first: state.cursor.seq + 1,
      last: end.seq,
    });
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}
