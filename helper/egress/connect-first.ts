/**
 * The first of several addresses that answers (RFC 8305, 5): tried one after the other, each with a head start. Only addresses that
 * were handed in are ever tried.
 */
import type { Duplex } from 'node:stream';
import type { ResolvedAddress } from './contract.ts';

export interface Connected {
  readonly stream: Duplex;
  readonly address: string;
}

/** most addresses of one name that are tried */
const attemptLimit = 16;

/** Addresses in the order they are tried: families take turns, the first one's family first (RFC 8305, 4). */
export function interleaved(addresses: readonly ResolvedAddress[]): readonly ResolvedAddress[] {
  const first = addresses[0]?.family;
  const [own, other] = [addresses.filter(({ family }) => family === first), addresses.filter(({ family }) => family !== first)];
  return own.flatMap((address, index) => [address, ...other.slice(index, index + 1)]).concat(other.slice(own.length));
}

/**
 * Connects to one of them.
 * @param connect makes one attempt, and gives up when its signal fires
 * @param headStartMs how long an attempt runs alone before the next begins
 * @throws what the last attempt failed with, or the signal's reason
 */
export function connectFirst(
  addresses: readonly ResolvedAddress[],
  connect: (address: string, signal: AbortSignal) => Promise<Duplex>,
  headStartMs: number,
  signal: AbortSignal,
): Promise<Connected> {
  const waiting = interleaved(addresses).slice(0, attemptLimit);
  const others = new AbortController();
  return new Promise((resolve, reject) => {
    let running = 0;
    let settled = false;
    let headStart: NodeJS.Timeout | undefined;
    const settle = (): void => {
      settled = true;
      clearTimeout(headStart);
      signal.removeEventListener('abort', stop);
      others.abort();
    };
    const stop = (): void => {
      settle();
      reject(signal.reason instanceof Error ? signal.reason : new Error('cancelled'));
    };
    const failed = (error: unknown): void => {
      running -= 1;
      if (settled) return;
      if (waiting.length > 0) next();
      else if (running === 0) {
        settle();
        reject(error instanceof Error ? error : new Error('it could not be connected to'));
      }
    };
    const next = (): void => {
      clearTimeout(headStart);
      const address = waiting.shift()?.address;
      if (address === undefined) return;
      running += 1;
      connect(address, others.signal).then((stream) => {
        // One that lost the race, or was no longer wanted.
        if (settled) return void stream.on('error', () => undefined).destroy();
        settle();
        resolve({ stream, address });
      }, failed);
      headStart = setTimeout(next, headStartMs);
    };
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    else if (waiting.length === 0) {
      settle();
      reject(new Error('there is no address'));
    } else next();
  });
}
