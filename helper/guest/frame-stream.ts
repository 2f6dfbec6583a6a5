/**
 * One of many streams over one connection: DATA under credit, so that a stalled reader stops its own writer and nobody else, and
 * memory stays bounded by the windows whatever the guest does.
 */
import { Duplex } from 'node:stream';
import { dataLimitBytes, frameType, initialWindowBytes } from '../protocol/guest.ts';
import { connectionReset, endUnread, type ConnectionStream, type GuestStream } from './carrier.ts';
import { encodeFrame } from './encode.ts';
import { ProtocolError } from './frames.ts';
import { encodeU32 } from './requests.ts';

type Done = (error?: Error | null) => void;

export class FrameStream extends Duplex implements GuestStream {
  readonly #control: Duplex;
  readonly #id: number;
  readonly #onClose: () => void;
  /** bytes that may still be sent / received */
  #credit = initialWindowBytes;
  #allowance = initialWindowBytes;
  /** received and not yet granted anew */
  #consumedBytes = 0;
  #waiting: { readonly bytes: Buffer; readonly done: Done } | null = null;
  #retired = false;
  #ended = false;

  constructor(control: Duplex, id: number, onClose: () => void, autoDestroy = false) {
    // Both sides may be over long before a process is: only a caller's own destroy() hangs up on it.
    super({ allowHalfOpen: true, autoDestroy });
    this.#control = control;
    this.#id = id;
    this.#onClose = onClose;
  }

  /** Hostile: counts what the guest was granted. */
  receive(bytes: Buffer): void {
    if (this.#ended) throw new ProtocolError('the guest sent more after the end of a stream');
    this.#allowance -= bytes.length;
    if (this.#allowance < 0) throw new ProtocolError('the guest sent more than it was granted');
    this.#consumedBytes += bytes.length;
    if (this.destroyed || this.push(bytes)) this.#grant();
  }

  /** The guest sends no more. */
  finish(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (!this.destroyed) this.push(null);
    if (this.#retired) endUnread(this);
  }

  grow(bytes: number): void {
    this.#credit = Math.min(this.#credit + bytes, initialWindowBytes);
    const waiting = this.#waiting;
    if (!waiting) return;
    this.#waiting = null;
    this.#send(waiting.bytes, waiting.done);
  }

  abandon(): void {
    this.#dropWaiting();
    this.finish();
  }

  retire(): Promise<void> {
    this.#dropWaiting();
    endUnread(this);
    return Promise.resolve();
  }

  #dropWaiting(): void {
    this.#retired = true;
    this.#waiting?.done();
    this.#waiting = null;
  }

  #grant(): void {
    if (this.#consumedBytes < initialWindowBytes / 4 || this.#retired || !this.#control.writable) return;
    this.#control.write(encodeU32(frameType.WINDOW, this.#id, this.#consumedBytes));
    this.#allowance += this.#consumedBytes;
    this.#consumedBytes = 0;
  }

  #send(bytes: Buffer, done: Done): void {
    if (this.#retired || !this.#control.writable) return done();
    let rest = bytes;
    while (rest.length > 0 && this.#credit > 0) {
      const part = rest.subarray(0, Math.min(rest.length, this.#credit, dataLimitBytes));
      rest = rest.subarray(part.length);
      this.#credit -= part.length;
      const frame = encodeFrame(frameType.DATA, this.#id, part);
      if (rest.length === 0) this.#control.write(frame, () => done());
      else this.#control.write(frame);
    }
    if (rest.length > 0) this.#waiting = { bytes: rest, done };
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    if (chunk.length === 0) return done();
    this.#send(chunk, done);
  }

  override _read(): void {
    this.#grant();
  }

  override _final(done: Done): void {
    if (!this.#retired && this.#control.writable) this.#control.write(encodeFrame(frameType.END, this.#id));
    done();
  }

  override _destroy(error: Error | null, done: Done): void {
    if (!this.#retired && this.#control.writable) this.#control.write(encodeFrame(frameType.RESET, this.#id));
    this.#dropWaiting();
    this.#onClose();
    done(error);
  }
}

/** A connection's stream: over when both sides are, and a link that is gone resets it. */
export class FrameConnection extends FrameStream implements ConnectionStream {
  #heardEnd = false;
  #saidEnd = false;

  constructor(control: Duplex, id: number, onClose: () => void) {
    super(control, id, onClose, true);
    // A connection that breaks is its taker's to notice, and never brings the helper down.
    this.on('error', () => undefined);
  }

  override finish(): void {
    this.#heardEnd = true;
    super.finish();
  }

  broken(error: Error): void {
    void this.retire();
    this.destroy(error);
  }

  override abandon(): void {
    this.broken(connectionReset('the link to the sandbox is gone'));
  }

  override _final(done: Done): void {
    this.#saidEnd = true;
    super._final(done);
  }

  override _destroy(error: Error | null, done: Done): void {
    // The guest knows already.
    if (this.#heardEnd && this.#saidEnd) void this.retire();
    super._destroy(error, done);
  }
}
