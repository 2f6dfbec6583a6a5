/**
 * The helper's socket for one sandbox. Everything inside can reach it, so a connection is nobody until it has shown a token:
 * few may wait, for a short time, and what shows a wrong one is told and dropped.
 */
import { timingSafeEqual } from 'node:crypto';
import { chmod, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tokenBytes } from '../protocol/guest.ts';

export interface ListenerOptions {
  /** in a folder that only this user and the sandbox can reach */
  readonly socketPath: string;
  /** 64 hex digits */
  readonly token: string;
  /** true when it becomes the control connection */
  readonly onControl: (socket: Socket) => boolean;
  /** true when somebody waits for this token */
  readonly onStream: (token: string, socket: Socket) => boolean;
  /** how many streams are waited for: as many more may wait to be heard */
  readonly expected: () => number;
  /** told at most once a second: why, and how many connections since the last time */
  readonly onIntruder: (reason: string, count: number) => void;
  readonly waitingTimeoutMs?: number;
}

export interface GuestListener {
  close(): Promise<void>;
}

const waitingLimit = 64;
/** below this age a waiting connection may be the guest's own, whose token is still under way */
const graceMs = 50;
const hardLimit = 256;
const openingBytes = 1 + tokenBytes;
const tellIntervalMs = 1000;

export async function listenForGuest(options: ListenerOptions): Promise<GuestListener> {
  const waiting = new Map<Socket, number>();
  const known = new Set<Socket>();
  const intruder = throttled(options.onIntruder);
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    known.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => known.delete(socket));
    if (!admit(waiting, options.expected())) {
      intruder.tell('too many connections without a token');
      socket.destroy();
      return;
    }
    waiting.set(socket, performance.now());
    readOpening(socket, options.waitingTimeoutMs ?? 2000, (opening) => {
      waiting.delete(socket);
      const reason = opening ? judge(opening, socket, options) : 'a connection without a token';
      if (reason === null) return;
      intruder.tell(reason);
      socket.destroy();
    });
  });
  await rm(options.socketPath, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path: options.socketPath, backlog: 511 }, resolve);
  });
  // The guest may be another user than the helper; who may reach the socket is decided by the folder above.
  await chmod(options.socketPath, 0o666);
  return {
    close: () =>
      new Promise((resolve) => {
        intruder.stop();
        server.close(() => resolve());
        for (const socket of known) socket.destroy();
      }),
  };
}

/** Makes room for one more by dropping the one that waits longest; false when even that may not be done. A guest opens what is expected all at once. */
function admit(waiting: Map<Socket, number>, expected: number): boolean {
  if (waiting.size < waitingLimit + expected) return true;
  const [oldest] = waiting;
  if (oldest && performance.now() - oldest[1] >= graceMs) {
    oldest[0].destroy();
    waiting.delete(oldest[0]);
    return true;
  }
  return waiting.size < hardLimit + expected;
}

/** Hostile: exactly one kind byte and a token, in time; null for anything less. */
function readOpening(socket: Socket, timeoutMs: number, done: (opening: Buffer | null) => void): void {
  let kept: Buffer = Buffer.alloc(0);
  const finish = (opening: Buffer | null): void => {
    clearTimeout(timer);
    socket.off('data', take).off('close', fail).off('end', fail);
    done(opening);
  };
  const fail = (): void => finish(null);
  const take = (chunk: Buffer): void => {
    kept = kept.length === 0 ? chunk : Buffer.concat([kept, chunk]);
    if (kept.length < openingBytes) return;
    socket.pause();
    if (kept.length > openingBytes) socket.unshift(kept.subarray(openingBytes));
    finish(kept.subarray(0, openingBytes));
  };
  const timer = setTimeout(fail, timeoutMs);
  socket.on('data', take).on('close', fail).on('end', fail);
}

/** Why a connection is refused, or null when it was taken. */
function judge(opening: Buffer, socket: Socket, options: ListenerOptions): string | null {
  const kind = String.fromCharCode(opening.readUInt8(0));
  const token = opening.subarray(1);
  if (kind === 'S') return options.onStream(token.toString('hex'), socket) ? null : 'a stream nobody waits for';
  if (kind !== 'C') return 'a connection that does not speak the protocol';
  if (!timingSafeEqual(token, Buffer.from(options.token, 'hex'))) return 'a wrong token';
  return options.onControl(socket) ? null : 'a second control connection';
}

/** A flood of intruders is told as one line a second. */
function throttled(tell: (reason: string, count: number) => void): { tell(reason: string): void; stop(): void } {
  let untold = 0;
  let last = '';
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    timer = undefined;
    if (untold === 0) return;
    const count = untold;
    untold = 0;
    timer = setTimeout(flush, tellIntervalMs).unref();
    tell(last, count);
  };
  return {
    tell: (reason) => {
      untold += 1;
      last = reason;
      if (timer === undefined) flush();
    },
    stop: () => {
      clearTimeout(timer);
      timer = undefined;
      const count = untold;
      untold = 0;
      if (count > 0) tell(last, count);
    },
  };
}
