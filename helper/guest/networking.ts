/**
 * A guest's names and connections, on one link. Where nobody decides about them there are none. A guest that asks without
 * hearing the answers loses its link before they fill this process's memory.
 */
import type { Duplex } from 'node:stream';
import type { Log } from '../base/log.ts';
import { LassoError } from '../protocol/errors.ts';
import type { Carrier } from './carrier.ts';
import { Connections } from './connections.ts';
import { deferred } from './deferred.ts';
import { ProtocolError, type GuestFrame } from './frames.ts';
import { Names } from './names.ts';
import type { GuardGate, GuestListens, NetworkGate } from './network.ts';
import type { NetworkFrame } from './network-frames.ts';

/** most answers on their way to a guest; its own tables hold far fewer questions */
const unheardLimit = 8192;

export interface NetworkingFacts {
  /** absent: no name is answered, and no connection from inside carried */
  readonly gate: NetworkGate | undefined;
  /** absent: no hook of an agent is answered */
  readonly guard: GuardGate | undefined;
  readonly log: Log;
  readonly carrier: Carrier;
  readonly isOver: () => boolean;
}

type Taken = NetworkFrame | Extract<GuestFrame, { type: 'data' | 'window' | 'end' }>;

export class Networking {
  readonly #facts: NetworkingFacts;
  readonly #names: Names | null;
  readonly #connections: Connections;
  readonly #told = deferred<undefined>();
  #listens: GuestListens | null = null;
  /** frames written that the guest has not read */
  #unheard = 0;

  constructor(facts: NetworkingFacts) {
    const { gate, guard, log, carrier } = facts;
    const write = (frame: Buffer): void => this.#write(frame);
    this.#facts = facts;
    this.#names = gate ? new Names({ gate, log, write }) : null;
    this.#connections = new Connections({ gate, guard, log, carrier, write });
    if (!gate) this.#told.resolve(undefined);
  }

  get listens(): GuestListens {
    return this.#listens ?? { names: false, proxy: false };
  }

  /** Settles when the guest has told what it listens on; rejects when the link ends before. */
  get ready(): Promise<undefined> {
    return this.#told.promise;
  }

  forget(): void {
    this.#names?.forget();
  }

  /** @throws LassoError PORT_CLOSED, LINK_LOST, UNSUPPORTED where there are no connections */
  async forward(port: number): Promise<Duplex> {
    if (!this.#names)
      throw new LassoError(
        'UNSUPPORTED',
        'This sandbox has no network at all, so none of its ports can be reached.',
        'Start it with a profile that allows some network: `mode` in [network] is not none there.',
      );
    return this.#connections.forward(port);
  }

  /** @throws ProtocolError */
  take(frame: Taken): void {
    if (this.#unheard > unheardLimit) throw new ProtocolError('the guest asks without hearing the answers');
    switch (frame.type) {
      case 'network':
        this.#hear(frame.listens);
        return;
      case 'name-ask':
        if (!this.#names) throw new ProtocolError('the guest asks about a name although nobody decides');
        this.#names.ask(frame.id, frame.question);
        return;
      case 'connect-ask':
        this.#connections.ask(frame.id, frame.question);
        return;
      case 'forwarded':
        this.#connections.forwarded(frame.id, frame.errno);
        return;
      case 'end':
        this.#connections.end(frame.id);
        return;
      case 'reset':
        this.#connections.reset(frame.id);
        return;
      case 'data':
      case 'window':
        this.#facts.carrier.accept(frame);
    }
  }

  lost(error: LassoError): void {
    this.#told.reject(error);
    this.#connections.lost(error);
  }

  #hear(listens: GuestListens): void {
    if (!this.#names) throw new ProtocolError('the guest listens although nobody decides');
    if (this.#listens) throw new ProtocolError('the guest told twice what it listens on');
    this.#listens = listens;
    if (!listens.names) this.#facts.log.warn('the sandbox cannot answer names: port 53 of its loopback cannot be had');
    if (!listens.proxy) this.#facts.log.warn('the proxy of the sandbox cannot listen');
    this.#told.resolve(undefined);
  }

  #write(frame: Buffer): void {
    const { control } = this.#facts.carrier;
    if (this.#facts.isOver() || !control.writable) return;
    this.#unheard += 1;
    control.write(frame, () => {
      this.#unheard -= 1;
    });
  }
}
