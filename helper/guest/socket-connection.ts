/**
 * A connection of the sandbox as the helper holds it, over a stream connection of its own. The end of that one alone proves
 * nothing, since a dead guest ends it too: only with the guest's END is it an end, and without it a reset.
 */
import { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { frameType } from '../protocol/guest.ts';
import { connectionReset, type ConnectionStream } from './carrier.ts';
import { encodeFrame } from './encode.ts';

type Done = (error?: Error | null) => void;

export class SocketConnection extends Duplex implements ConnectionStream {
  readonly #control: Duplex;
  readonly #socket: Socket;
  readonly #id: number;
  readonly #endTimeoutMs: number;
  /** nothing more comes over the socket; whether that is an end is said by END */
  #drained = false;
  #heardEnd = false;
  #saidEnd = false;
  #broken = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(control: Duplex, socket: Socket, id: number, endTimeoutMs: number) {
    super({ allowHalfOpen: true });
    this.#control = control;
    this.#socket = socket;
    this.#id = id;
    this.#endTimeoutMs = endTimeoutMs;
    // A connection that breaks is its taker's to notice, and never brings the helper down.
    this.on('error', () => undefined);
    const lost = (): void => {
      if (!this.#drained) this.destroy(connectionReset('the sandbox reset the connection'));
    };
    socket.on('data', (bytes: Buffer) => {
      if (!this.push(bytes)) socket.pause();
    });
    socket.on('end', () => this.#drain()).on('error', lost);
    socket.on('close', lost).pause();
    if (socket.readableEnded) this.#drain();
    else if (socket.destroyed) setImmediate(lost);
  }

  finish(): void {
    this.#heardEnd = true;
    this.#end();
  }

  broken(error: Error): void {
    this.#broken = true;
    this.destroy(error);
  }

  #drain(): void {
    if (this.#drained || this.destroyed) return;
    this.#drained = true;
    this.#end();
    if (this.#heardEnd) return;
    // END comes over another connection, so it may come later, but not much.
    this.#timer = setTimeout(() => this.destroy(connectionReset('the connection broke in the sandbox')), this.#endTimeoutMs).unref();
  }

  #end(): void {
    if (!this.#drained || !this.#heardEnd || this.destroyed) return;
    clearTimeout(this.#timer);
    this.push(null);
  }

  #say(type: typeof frameType.END | typeof frameType.RESET): void {
    if (!this.#broken && this.#control.writable) this.#control.write(encodeFrame(type, this.#id));
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#socket.write(chunk, done);
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _final(done: Done): void {
    // Said when all is on its way, so that what a dying helper leaves half written is never taken for the whole.
    this.#socket.end(() => {
      if (!this.destroyed) {
        this.#saidEnd = true;
        this.#say(frameType.END);
      }
      done();
    });
  }

  override _destroy(error: Error | null, done: Done): void {
    clearTimeout(this.#timer);
    if (!this.#heardEnd || !this.#saidEnd) this.#say(frameType.RESET);
    this.#socket.destroy();
    done(error);
  }
}
