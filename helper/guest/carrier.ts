/**
 * What a link needs of the way its bytes go: a connection for control frames, and a stream for each end of a process. Two ways
 * exist, `socket-carrier.ts` and `multiplex.ts`; nothing above them knows which.
 */
import type { Duplex } from 'node:stream';
import type { GuestFrame } from './frames.ts';
import type { StreamTokens } from './requests.ts';

/** one end of a process as the helper holds it */
export interface GuestStream extends Duplex {
  /** The process is gone: later writes vanish; settles when nothing more will be sent to the guest. */
  retire(): Promise<void>;
  /** The link is gone: ends the readable side where nothing else would. */
  abandon(): void;
}

/**
 * A connection as the helper holds it. `end()` and the end of its readable side are said and heard as END; whatever else ends
 * it is a reset: `destroy()` resets it inside, and one that breaks is destroyed with ECONNRESET.
 */
export interface ConnectionStream extends Duplex {
  /** The guest sends no more. */
  finish(): void;
  /** It is gone inside, or the link is: destroys it, and the guest is not told. */
  broken(error: Error): void;
}

export interface Carrier {
  /** control frames travel here */
  readonly control: Duplex;
  /** tokens to send with the request that makes the guest open these streams */
  expect(process: number): StreamTokens;
  /** Settles with the stream when the guest has opened it; rejects when it never does. */
  open(stream: number): Promise<GuestStream>;
  /** Gives up on streams that were expected and are no longer. */
  forget(process: number): void;
  /** The token to send with the request that makes the guest open the stream of a connection. */
  expectConnection(id: number): Buffer;
  /** Settles with its stream when the guest has opened it; rejects when it never does, and then it is no longer expected. */
  openConnection(id: number): Promise<ConnectionStream>;
  forgetConnection(id: number): void;
  /** Takes a frame meant for a stream. @throws ProtocolError */
  accept(frame: Extract<GuestFrame, { type: 'data' | 'window' | 'end' }>): void;
  dispose(): Promise<void>;
}

/**
 * Lets a stream that holds nothing come to its end although nobody reads it: a caller that ignores stderr still learns of the
 * exit. Not before whoever just got the process had a turn to listen.
 */
export function endUnread(stream: GuestStream): void {
  setImmediate(() => {
    if (!stream.destroyed && stream.readableLength === 0) stream.read(0);
  });
}

/** What a connection that did not end by itself ends with. */
export function connectionReset(message: string): Error {
  return Object.assign(new Error(message), { code: 'ECONNRESET' });
}
