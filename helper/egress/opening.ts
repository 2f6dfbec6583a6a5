/**
 * The first bytes of a stream, looked at until they say what they are. Hostile; what is kept is bounded by whoever looks. Bytes
 * that are not used are put back before the stream can notice its end.
 */
import type { Duplex } from 'node:stream';

/** `keepBytes`: how many of the bytes are used up; the rest goes back. `patienceMs`: how long more bytes are waited for; absent: for ever. */
export type Look<T> = { readonly found: T; readonly keepBytes: number } | { readonly atLeastBytes: number; readonly patienceMs?: number };

export type Opened<T> =
  | { readonly state: 'found'; readonly found: T; readonly bytes: Buffer }
  /** `ended`: no more bytes come; `gone`: reset; `stopped`: the signal fired, or patience ran out. `bytes` were read and are not put back. */
  | { readonly state: 'ended' | 'gone' | 'stopped'; readonly bytes: Buffer };

const firstBytes = 1024;

/** Reads until `look` has found what it looks for. `look` is given all bytes so far and says how many it needs before the next look. */
export function readOpening<T>(stream: Duplex, look: (bytes: Buffer) => Look<T>, signal: AbortSignal): Promise<Opened<T>> {
  return new Promise((resolve) => {
    let store = Buffer.allocUnsafe(firstBytes);
    let length = 0;
    let wantedBytes = 1;
    let settled = false;
    let patience: NodeJS.Timeout | undefined;
    const seen = (): Buffer => store.subarray(0, length);
    const settle = (opened: Opened<T>): void => {
      if (settled) return;
      settled = true;
      clearTimeout(patience);
      stream.off('readable', pump).off('end', onEnd).off('close', onGone).off('error', onGone);
      signal.removeEventListener('abort', onStop);
      resolve(opened);
    };
    const keep = (chunk: Buffer): void => {
      if (length + chunk.length > store.length) {
        const larger = Buffer.allocUnsafe(Math.max(store.length * 2, length + chunk.length));
        store.copy(larger, 0, 0, length);
        store = larger;
      }
      chunk.copy(store, length);
      length += chunk.length;
    };
    const pump = (): void => {
      while (!settled) {
        const chunk: unknown = stream.read();
        if (!(chunk instanceof Buffer)) return;
        keep(chunk);
        if (length < wantedBytes) continue;
        const looked = look(seen());
        if ('found' in looked) {
          // In this very tick: after the next the stream may have told its end, and takes nothing back.
          if (looked.keepBytes < length) stream.unshift(Buffer.from(store.subarray(looked.keepBytes, length)));
          return settle({ state: 'found', found: looked.found, bytes: store.subarray(0, looked.keepBytes) });
        }
        wantedBytes = Math.max(looked.atLeastBytes, length + 1);
        clearTimeout(patience);
        patience = looked.patienceMs === undefined ? undefined : setTimeout(onStop, looked.patienceMs);
      }
    };
    const onEnd = (): void => settle({ state: 'ended', bytes: seen() });
    const onGone = (): void => settle({ state: 'gone', bytes: seen() });
    const onStop = (): void => settle({ state: 'stopped', bytes: seen() });
    stream.on('end', onEnd).on('close', onGone).on('error', onGone);
    signal.addEventListener('abort', onStop);
    if (signal.aborted) onStop();
    else if (stream.destroyed) onGone();
    else if (stream.readableEnded) onEnd();
    else {
      stream.on('readable', pump);
      // A listener that was only just taken off keeps the stream from telling of what it already holds.
      pump();
    }
  });
}
