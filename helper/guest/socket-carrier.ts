/**
 * Streams as connections of their own, each opened by the guest with a token used once. The end of a connection alone is not
 * the end of stdin: END and RESET are said on the control connection too, so that a dead helper is never taken for one.
 */
import { Duplex } from 'node:stream';
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { frameType, tokenBytes } from '../protocol/guest.ts';
import { endUnread, type Carrier, type GuestStream } from './carrier.ts';
import { deferred, type Deferred } from './deferred.ts';
import { encodeFrame } from './encode.ts';
import { ProtocolError } from './frames.ts';
import type { StreamTokens } from './requests.ts';
import { SocketConnection } from './socket-connection.ts';

type Done = (error?: Error | null) => void;

class SocketStream extends Duplex implements GuestStream {
  readonly #control: Duplex;
  readonly #socket: Socket;
  readonly #id: number;
  #retired = false;
  #over = false;
  #writing: Promise<void> | null = null;

  constructor(control: Duplex, socket: Socket, id: number) {
    // Both sides may be over long before the process is: only a caller's own destroy() hangs up on it.
    super({ allowHalfOpen: true, autoDestroy: false });
    this.#control = control;
    this.#socket = socket;
    this.#id = id;
    socket.on('data', (bytes: Buffer) => {
      if (!this.push(bytes)) socket.pause();
    });
    const over = (): void => this.abandon();
    // An error here is the guest having closed its end; what it said before has been read by then.
    socket.on('end', over).on('error', over).on('close', over);
    socket.pause();
    // An empty stream may have ended while its process was still being started.
    if (socket.readableEnded || socket.destroyed) this.abandon();
  }

  abandon(): void {
    if (this.#over) return;
    this.#over = true;
    this.push(null);
    if (this.#retired) endUnread(this);
  }

  async retire(): Promise<void> {
    this.#retired = true;
    endUnread(this);
    await this.#writing;
  }

  #say(type: typeof frameType.END | typeof frameType.RESET): void {
    if (!this.#retired && this.#control.writable) this.#control.write(encodeFrame(type, this.#id));
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    if (this.#retired || !this.#socket.writable) return done();
    this.#writing = new Promise((resolve) => {
      // A failed write is a process that no longer listens; its end is told by the guest.
      this.#socket.write(chunk, () => {
        this.#writing = null;
        resolve();
        done();
      });
    });
  }

  override _read(): void {
    if (!this.#over) this.#socket.resume();
  }

  override _final(done: Done): void {
    this.#socket.end();
    this.#say(frameType.END);
    done();
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#say(frameType.RESET);
    this.#over = true;
    this.#socket.destroy();
    done(error);
  }
}

interface Expected {
  readonly stream: number;
  readonly arrived: Deferred<Socket>;
}

export interface SocketCarrier extends Carrier {
  /** Takes a connection that presented this token (hex); false when nobody waits for it. */
  arrive(token: string, socket: Socket): boolean;
  /** streams that are expected and have not come */
  readonly expected: () => number;
}

/** Carries a link over a control connection and whatever stream connections the listener passes to `arrive`. */
export function socketCarrier(
  control: Socket,
  options: { readonly streamTimeoutMs: number; readonly close: () => Promise<void> },
): SocketCarrier {
  const byToken = new Map<string, Expected>();
  const byStream = new Map<number, { readonly token: string; readonly expected: Expected }>();
  const expectOne = (stream: number): Buffer => {
    const token = randomBytes(tokenBytes);
    const expected: Expected = { stream, arrived: deferred() };
    byToken.set(token.toString('hex'), expected);
    byStream.set(stream, { token: token.toString('hex'), expected });
    return token;
  };
  const drop = (stream: number): void => {
    const entry = byStream.get(stream);
    if (!entry) return;
    byStream.delete(stream);
    byToken.delete(entry.token);
    entry.expected.arrived.reject(new Error('stream is no longer expected'));
    entry.expected.arrived.promise.then(
      (socket) => socket.destroy(),
      () => undefined,
    );
  };
  const arrival = async (stream: number): Promise<Socket> => {
    const entry = byStream.get(stream);
    if (!entry) throw new Error('stream is not expected');
    const timer = setTimeout(() => entry.expected.arrived.reject(new Error('the guest opened no stream')), options.streamTimeoutMs);
    try {
      return await entry.expected.arrived.promise;
    } finally {
      clearTimeout(timer);
      byStream.delete(stream);
      byToken.delete(entry.token);
    }
  };
  return {
    control,
    expect: (process): StreamTokens => ({ main: expectOne(process * 2), errors: expectOne(process * 2 + 1) }),
    open: async (stream) => new SocketStream(control, await arrival(stream), stream),
    forget: (process) => [process * 2, process * 2 + 1].forEach(drop),
    expectConnection: expectOne,
    openConnection: async (id) => new SocketConnection(control, await arrival(id), id, options.streamTimeoutMs),
    forgetConnection: drop,
    expected: () => byToken.size,
    arrive: (token, socket) => {
      const expected = byToken.get(token);
      if (!expected) return false;
      byToken.delete(token);
      expected.arrived.resolve(socket);
      return true;
    },
    accept: () => {
      throw new ProtocolError('the guest multiplexes on a socket link');
    },
    dispose: async () => {
      for (const stream of [...byStream.keys()]) drop(stream);
      control.destroy();
      await options.close();
    },
  };
}
