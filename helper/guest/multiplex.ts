/**
 * Streams over one stdio connection: DATA under credit, so that a stalled reader stops its own writer and nobody else, and
 * memory stays bounded by the windows whatever the guest does.
 */
import { Duplex } from 'node:stream';
import { dataLimitBytes, frameType, initialWindowBytes, tokenBytes } from '../protocol/guest.ts';
import { endUnread, type Carrier, type GuestStream } from './carrier.ts';
import { ProtocolError, encodeFrame } from './frames.ts';
import { encodeU32 } from './requests.ts';

type Done = (error?: Error | null) => void;

class FrameStream extends Duplex implements GuestStream {
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

  constructor(control: Duplex, id: number, onClose: () => void) {
    // Both sides may be over long before the process is: only a caller's own destroy() hangs up on it.
    super({ allowHalfOpen: true, autoDestroy: false });
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

/** Carries a link over one duplex connection. */
export function multiplexCarrier(control: Duplex): Carrier {
  const streams = new Map<number, { readonly stream: FrameStream; opened: boolean }>();
  const noToken = Buffer.alloc(tokenBytes);
  const add = (id: number): void => {
    streams.set(id, { stream: new FrameStream(control, id, () => streams.delete(id)), opened: false });
  };
  return {
    control,
    expect: (process) => {
      add(process * 2);
      add(process * 2 + 1);
      return { main: noToken, errors: noToken };
    },
    open: (id) => {
      const entry = streams.get(id);
      if (!entry) return Promise.reject(new Error('stream is not expected'));
      entry.opened = true;
      return Promise.resolve(entry.stream);
    },
    forget: (process) => {
      for (const id of [process * 2, process * 2 + 1]) if (streams.get(id)?.opened === false) streams.delete(id);
    },
    accept: (frame) => {
      // One that is gone on this side may still have had bytes under way.
      const stream = streams.get(frame.id)?.stream;
      if (frame.type === 'data') stream?.receive(frame.bytes);
      else if (frame.type === 'window') stream?.grow(frame.bytes);
      else stream?.finish();
    },
    dispose: async () => {
      control.destroy();
      await Promise.resolve();
    },
  };
}
