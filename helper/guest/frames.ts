/**
 * Frames of the guest. Everything it sends is hostile input: it is cut and checked here, and what does not fit the protocol
 * exactly ends the link. Must never trust a length, and never keep more than one frame.
 */
import {
  askerLimitBytes,
  dataLimitBytes,
  execLimitBytes,
  frameHeaderBytes,
  frameLimitBytes,
  frameType,
  guestProtocolVersion,
} from '../protocol/guest.ts';
import { type ExecFrame, decodeAgain, decodeAsk, decodeChanged, decodeGone, decodeOther } from './exec.ts';
import { type FileFrame, decodeFileRefused, decodeFileSeen } from './files.ts';
import { type NetworkFrame, decodeConnectAsk, decodeForwarded, decodeNameAsk, decodeNetwork, decodeReset } from './network-frames.ts';

/** a frame from the guest, decoded */
export type GuestFrame =
  | { readonly type: 'hello'; readonly flags: number; readonly processes: readonly HelloProcess[] }
  | { readonly type: 'pong'; readonly bytes: Buffer }
  | { readonly type: 'started'; readonly id: number; readonly pid: number }
  | { readonly type: 'failed'; readonly id: number; readonly stage: number; readonly errno: number }
  | { readonly type: 'exited'; readonly id: number; readonly kind: 'exited' | 'signalled'; readonly status: number; readonly core: boolean }
  | { readonly type: 'data'; readonly id: number; readonly bytes: Buffer }
  | { readonly type: 'window'; readonly id: number; readonly bytes: number }
  | { readonly type: 'end'; readonly id: number }
  | ExecFrame
  | FileFrame
  | NetworkFrame;

export interface HelloProcess {
  readonly id: number;
  readonly pid: number;
  /** spawnFlag bits */
  readonly flags: number;
}

/** What a guest sent is not the protocol; the link ends. */
export class ProtocolError extends Error {}

/** Cuts a byte stream into frames, whatever the chunks. After it threw once it is not to be used again. */
export class FrameParser {
  readonly #onFrame: (frame: GuestFrame) => void;
  /** start of a frame whose rest is still to come */
  #kept = Buffer.allocUnsafe(frameHeaderBytes);
  #keptBytes = 0;
  #neededBytes = frameHeaderBytes;

  constructor(onFrame: (frame: GuestFrame) => void) {
    this.#onFrame = onFrame;
  }

  /** @throws ProtocolError */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) at = this.#keptBytes === 0 ? this.#whole(chunk, at) : this.#part(chunk, at);
  }

  /** The usual case: the frame lies in the chunk and is handed on without a copy. */
  #whole(chunk: Buffer, at: number): number {
    if (chunk.length - at < frameHeaderBytes) return this.#part(chunk, at);
    const end = at + frameHeaderBytes + checkedLength(chunk, at);
    if (end > chunk.length) return this.#part(chunk, at);
    this.#onFrame(decode(chunk.subarray(at, end)));
    return end;
  }

  #part(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.#neededBytes - this.#keptBytes);
    this.#keptBytes += chunk.copy(this.#kept, this.#keptBytes, at, end);
    if (this.#keptBytes < this.#neededBytes) return end;
    if (this.#neededBytes === frameHeaderBytes) {
      this.#neededBytes += checkedLength(this.#kept, 0);
      const header = this.#kept;
      // A new one for each frame: its payload is handed on.
      this.#kept = Buffer.allocUnsafe(this.#neededBytes);
      header.copy(this.#kept, 0, 0, frameHeaderBytes);
      if (this.#neededBytes > frameHeaderBytes) return end;
    }
    const frame = this.#kept;
    this.#kept = Buffer.allocUnsafe(frameHeaderBytes);
    this.#keptBytes = 0;
    this.#neededBytes = frameHeaderBytes;
    this.#onFrame(decode(frame));
    return end;
  }
}

/** Hostile: refused before a byte of the payload is kept. */
function checkedLength(bytes: Buffer, at: number): number {
  const type = bytes[at] ?? 0;
  const length = bytes.readUInt32BE(at + 5);
  const limit = limits[type] ?? frameLimitBytes;
  if (!(type in decoders)) throw new ProtocolError(`the guest sent a frame of unknown type ${type}`);
  if (length > limit) throw new ProtocolError(`the guest sent a frame of ${length} bytes`);
  return length;
}

/** of types that may hold less than any other frame, in bytes */
const limits: Readonly<Record<number, number>> = {
  [frameType.DATA]: dataLimitBytes,
  [frameType.EXEC_ASK]: execLimitBytes,
  [frameType.NAME_ASK]: askerLimitBytes,
  [frameType.CONNECT_ASK]: askerLimitBytes,
};

type Decoder = (id: number, payload: Buffer) => GuestFrame | null;

const decoders: Readonly<Record<number, Decoder>> = {
  [frameType.HELLO]: decodeHello,
  [frameType.PONG]: (id, payload) => (id === 0 && payload.length === 8 ? { type: 'pong', bytes: payload } : null),
  [frameType.STARTED]: (id, payload) => (payload.length === 4 ? { type: 'started', id, pid: payload.readUInt32BE(0) } : null),
  [frameType.FAILED]: (id, payload) =>
    payload.length === 5 ? { type: 'failed', id, stage: payload.readUInt8(0), errno: payload.readUInt32BE(1) } : null,
  [frameType.EXITED]: decodeExited,
  [frameType.DATA]: (id, payload) => (payload.length > 0 ? { type: 'data', id, bytes: payload } : null),
  [frameType.WINDOW]: (id, payload) => (payload.length === 4 ? { type: 'window', id, bytes: payload.readUInt32BE(0) } : null),
  [frameType.END]: (id, payload) => (payload.length === 0 ? { type: 'end', id } : null),
  [frameType.EXEC_ASK]: decodeAsk,
  [frameType.EXEC_AGAIN]: decodeAgain,
  [frameType.EXEC_CHANGED]: decodeChanged,
  [frameType.EXEC_OTHER]: decodeOther,
  [frameType.EXEC_GONE]: decodeGone,
  [frameType.FILE_REFUSED]: decodeFileRefused,
  [frameType.FILE_SEEN]: decodeFileSeen,
  [frameType.NAME_ASK]: decodeNameAsk,
  [frameType.CONNECT_ASK]: decodeConnectAsk,
  [frameType.FORWARDED]: decodeForwarded,
  [frameType.RESET]: decodeReset,
  [frameType.NETWORK]: decodeNetwork,
};

function decode(bytes: Buffer): GuestFrame {
  const type = bytes.readUInt8(0);
  const frame = decoders[type]?.(bytes.readUInt32BE(1), bytes.subarray(frameHeaderBytes)) ?? null;
  if (frame === null) throw new ProtocolError(`the guest sent a malformed frame of type ${type}`);
  return frame;
}

function decodeHello(id: number, payload: Buffer): GuestFrame | null {
  if (id !== 0 || payload.length < 3 || (payload.length - 3) % 9 !== 0) return null;
  if (payload.readUInt16BE(0) !== guestProtocolVersion)
    throw new ProtocolError(`the guest speaks version ${payload.readUInt16BE(0)}, the helper ${guestProtocolVersion}`);
  const processes: HelloProcess[] = [];
  for (let at = 3; at < payload.length; at += 9)
    processes.push({ id: payload.readUInt32BE(at), pid: payload.readUInt32BE(at + 4), flags: payload.readUInt8(at + 8) });
  const distinct = new Set(processes.map((process) => process.id));
  if (distinct.size !== processes.length || distinct.has(0)) return null;
  return { type: 'hello', flags: payload.readUInt8(2), processes };
}

function decodeExited(id: number, payload: Buffer): GuestFrame | null {
  if (payload.length !== 3) return null;
  const kind = payload.readUInt8(0);
  if (kind > 1) return null;
  return {
    type: 'exited',
    id,
    kind: kind === 0 ? 'exited' : 'signalled',
    status: payload.readUInt8(1),
    core: payload.readUInt8(2) === 1,
  };
}
