/**
 * Connections from inside, each asked about before a byte of it is read, and into the sandbox's loopback. One ends once, and
 * whoever was given its stream always hears of that; what fails is refused or reset.
 */
import { Duplex } from 'node:stream';
import type { Log } from '../base/log.ts';
import { LassoError } from '../protocol/errors.ts';
import { connectionIds, frameType } from '../protocol/guest.ts';
import { connectionReset, type Carrier, type ConnectionStream } from './carrier.ts';
import { deferred, type Deferred } from './deferred.ts';
import { encodeFrame } from './encode.ts';
import { ProtocolError } from './frames.ts';
import type { ConnectionAnswer, ConnectionQuestion, GuardGate, GuardQuestion, NetworkGate } from './network.ts';
import { encodeConnectOpen, encodeConnectRefuse, encodeForward } from './network-frames.ts';

/** most connections at once, those that are being thought about among them; twice what a guest's table holds */
const connectionLimit = 4096;
const underWayLimit = 2048;
/** most hooks of agents at once, which a guest keeps to */
const guardLimit = 64;
const idLimit = 0x1_0000_0000;

export interface ConnectionFacts {
  /** absent: the guest asks about none */
  readonly gate: NetworkGate | undefined;
  /** absent: no hook of an agent is answered */
  readonly guard: GuardGate | undefined;
  readonly log: Log;
  readonly carrier: Carrier;
  readonly write: (frame: Buffer) => void;
}

interface Connection {
  /** null: still asked about, or being opened */
  stream: ConnectionStream | null;
  /** the guest said END before its stream was there */
  ended: boolean;
  /** of one from inside: nobody waits for an answer any more */
  readonly gone?: AbortController;
  /** of one into the sandbox: the guest's answer */
  readonly forwarded?: Deferred<number>;
}

export class Connections {
  readonly #facts: ConnectionFacts;
  readonly #all = new Map<number, Connection>();
  #underWay = 0;
  #guards = 0;
  #nextId: number = connectionIds.helper;
  /** why nothing more can be connected */
  #over: LassoError | null = null;

  constructor(facts: ConnectionFacts) {
    this.#facts = facts;
  }

  /** @throws ProtocolError for a connection that is asked about already, or where nobody decides */
  ask(id: number, question: ConnectionQuestion | GuardQuestion): void {
    const { gate } = this.#facts;
    if (!gate && question.kind !== 'guard') throw new ProtocolError('the guest asks about a connection although nobody decides');
    if (this.#all.has(id)) throw new ProtocolError('the guest asks about a connection that is open');
    const full = this.#underWay >= underWayLimit || this.#all.size >= connectionLimit;
    if (full || (question.kind === 'guard' && this.#guards >= guardLimit)) {
      this.#facts.write(encodeConnectRefuse(id, 'LASSO: too many connections at once'));
      return;
    }
    const gone = new AbortController();
    const connection: Connection = { stream: null, ended: false, gone };
    this.#all.set(id, connection);
    this.#underWay += 1;
    const judged = question.kind === 'guard' ? this.#guarded(question) : this.#judge(gate, question, gone.signal);
    void judged.then((answer) => {
      this.#underWay -= 1;
      return this.#answer(id, connection, answer);
    });
  }

  /** The guest sends no more. */
  end(id: number): void {
    const connection = this.#all.get(id);
    if (!connection) return;
    connection.ended = true;
    connection.stream?.finish();
  }

  reset(id: number): void {
    const connection = this.#all.get(id);
    const error = connectionReset('the connection was reset in the sandbox');
    this.#all.delete(id);
    connection?.forwarded?.reject(error);
    connection?.gone?.abort();
    if (connection?.stream) connection.stream.broken(error);
    else this.#facts.carrier.forgetConnection(id);
  }

  /** @throws ProtocolError for a connection nobody asked for */
  forwarded(id: number, errno: number): void {
    if (id >= this.#nextId) throw new ProtocolError('the guest speaks of a connection nobody asked for');
    this.#all.get(id)?.forwarded?.resolve(errno);
  }

  /** @throws LassoError PORT_CLOSED when nothing listens there, LINK_LOST */
  async forward(port: number): Promise<Duplex> {
    const id = this.#freeId();
    const answer = deferred<number>();
    const connection: Connection = { stream: null, ended: false, forwarded: answer };
    this.#all.set(id, connection);
    this.#facts.write(encodeForward(id, port, this.#facts.carrier.expectConnection(id)));
    try {
      const errno = await answer.promise;
      if (errno !== 0) throw portClosed(port, errno);
      return await this.#open(id, connection);
    } catch (error) {
      this.#forget(id, connection);
      throw this.#over ?? (error instanceof LassoError ? error : portClosed(port, 0, error));
    }
  }

  /** The link is over: every connection is reset. */
  lost(error: LassoError): void {
    this.#over = error;
    for (const [id, { stream, forwarded, gone }] of [...this.#all]) {
      forwarded?.reject(error);
      gone?.abort();
      if (stream) stream.broken(connectionReset('the link to the sandbox is gone'));
      else this.#facts.carrier.forgetConnection(id);
    }
    this.#all.clear();
  }

  /** A hook is always heard out, by whoever answers hooks and nobody else. */
  async #guarded(question: GuardQuestion): Promise<ConnectionAnswer> {
    const { guard } = this.#facts;
    if (!guard) return { allow: false, message: 'LASSO: nobody answers hooks here' };
    this.#guards += 1;
    const carry = (stream: Duplex): void => {
      stream.once('close', () => {
        this.#guards -= 1;
      });
      guard(question, stream);
    };
    return { allow: true, carry };
  }

  async #judge(gate: NetworkGate | undefined, question: ConnectionQuestion, gone: AbortSignal): Promise<ConnectionAnswer> {
    try {
      return (await gate?.connect(question, gone)) ?? { allow: false };
    } catch (error) {
      this.#facts.log.error('a connection could not be judged', error);
      return { allow: false, message: 'LASSO: this could not be judged, so it is refused' };
    }
  }

  async #answer(id: number, connection: Connection, answer: ConnectionAnswer): Promise<void> {
    const { carrier, log, write } = this.#facts;
    // It may be gone inside by now, and its number another's.
    const wanted = this.#all.get(id) === connection;
    if (!answer.allow) {
      if (!wanted) return;
      this.#all.delete(id);
      write(encodeConnectRefuse(id, answer.message));
      return;
    }
    if (wanted) write(encodeConnectOpen(id, carrier.expectConnection(id)));
    const opened = wanted ? await this.#open(id, connection).catch(() => null) : null;
    if (wanted && opened === null && this.#forget(id, connection)) write(encodeFrame(frameType.RESET, id));
    const stream = opened ?? goneStream();
    try {
      answer.carry(stream);
    } catch (error) {
      log.error('a connection could not be carried', error);
      stream.destroy();
    }
  }

  /** The stream of a connection that the guest is opening; rejects when it does not, or resets it first. */
  async #open(id: number, connection: Connection): Promise<Duplex> {
    const stream = await this.#facts.carrier.openConnection(id);
    if (this.#all.get(id) !== connection) {
      const gone = connectionReset('the connection was reset in the sandbox');
      stream.broken(gone);
      throw gone;
    }
    connection.stream = stream;
    stream.once('close', () => {
      if (this.#all.get(id) === connection) this.#all.delete(id);
    });
    if (connection.ended) stream.finish();
    return stream;
  }

  /** True when it was still known. */
  #forget(id: number, connection: Connection): boolean {
    if (this.#all.get(id) !== connection) return false;
    this.#all.delete(id);
    this.#facts.carrier.forgetConnection(id);
    return true;
  }

  #freeId(): number {
    if (this.#over) throw this.#over;
    if (this.#nextId >= idLimit) throw new LassoError('LINK_LOST', 'The sandbox takes no more connections.', 'Start it again.');
    const id = this.#nextId;
    this.#nextId += 1;
    return id;
  }
}

/** stands for a connection that was gone before anybody could take it */
function goneStream(): Duplex {
  const stream = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  return stream.on('error', () => undefined).destroy(connectionReset('the connection is gone in the sandbox'));
}

/** errno values of Linux, whatever the host is */
const refused = 111;

function portClosed(port: number, errno: number, cause?: unknown): LassoError {
  const why = errno === refused || errno === 0 ? '' : ` (errno ${errno})`;
  return new LassoError(
    'PORT_CLOSED',
    `Nothing in the sandbox takes connections on port ${port}${why}.`,
    'Start a program in the sandbox that listens there, on its loopback or on every address.',
    cause === undefined ? {} : { cause },
  );
}
