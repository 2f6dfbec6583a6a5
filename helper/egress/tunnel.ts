/**
 * Two streams joined: bytes, half-closed ends, resets and slow readers pass as on a real network. It never looks at what passes,
 * and never ends a connection because it is quiet.
 */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export interface Relayed {
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** who broke it off; `both`: both sides came to their end */
  readonly end: 'both' | 'inside' | 'outside' | 'stopped';
}

/** how long what one side sent before it went away may take to reach the other */
const flushMs = 10_000;

/**
 * Relays until both directions are over, one side is reset, or the signal fires, which resets both. Never rejects.
 * @param head bytes of `inside` that were read already
 */
export function tunnel(inside: Duplex, outside: Duplex, head: Uint8Array, signal: AbortSignal): Promise<Relayed> {
  return new Promise((resolve) => {
    let bytesUp = head.length;
    let bytesDown = 0;
    let end: Relayed['end'] = 'both';
    const settle = (): void => {
      if (!isOver(inside) || !isOver(outside)) return;
      signal.removeEventListener('abort', stop);
      resolve({ bytesUp, bytesDown, end });
    };
    const stop = (): void => {
      end = 'stopped';
      reset(inside);
      reset(outside);
      settle();
    };
    const brokenBy = (side: 'inside' | 'outside'): void => {
      if (end === 'both') end = side;
    };
    signal.addEventListener('abort', stop);
    if (head.length > 0) outside.write(head);
    join(inside, outside, (bytes) => (bytesUp += bytes), {
      over: settle,
      broken: () => brokenBy('inside'),
    });
    join(outside, inside, (bytes) => (bytesDown += bytes), {
      over: settle,
      broken: () => brokenBy('outside'),
    });
    if (signal.aborted) stop();
    settle();
  });
}

/** A reset towards the other side, so that nobody takes it for a clean end. */
export function reset(stream: Duplex): void {
  // One that is being shut down cannot be reset, and trying leaks its descriptor; closing it has to do.
  if (stream instanceof Socket && !stream.destroyed && !stream.writableEnded) stream.resetAndDestroy();
  else stream.destroy();
}

/** Both directions have come to their end, or it is gone. */
const isOver = (stream: Duplex): boolean => stream.destroyed || (stream.readableEnded && stream.writableFinished);

function join(
  from: Duplex,
  to: Duplex,
  count: (bytes: number) => void,
  { over, broken }: { readonly over: () => void; readonly broken: () => void },
): void {
  const gone = (): void => {
    if (!(from.readableEnded && from.writableFinished) && !to.destroyed) {
      broken();
      if (from.readableEnded) flush(to);
      else reset(to);
    }
    over();
  };
  from.on('data', (chunk: Buffer) => {
    count(chunk.length);
    if (!to.write(chunk)) from.pause();
  });
  to.on('drain', () => from.resume());
  from.on('end', () => {
    to.end();
    over();
  });
  from.on('finish', over);
  // What failed is told by `close`; the guest's streams close only when they are reset.
  from.on('error', () => from.destroy());
  from.on('close', gone);
  if (from.readableEnded) to.end();
  if (from.destroyed) gone();
  else from.resume();
}

/** The other side is gone after its end: what it said before still arrives, then this one is reset. */
function flush(stream: Duplex): void {
  if (stream.writableFinished) return reset(stream);
  const timer = setTimeout(() => reset(stream), flushMs);
  stream.on('finish', () => reset(stream)).on('close', () => clearTimeout(timer));
  // Nobody reads any more what it still says.
  stream.removeAllListeners('data').resume();
}
