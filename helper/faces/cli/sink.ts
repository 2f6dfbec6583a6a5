/**
 * Writes a stream to a descriptor without ever holding up the event loop, so that Ctrl-C is heard while a slow reader makes
 * us wait. At most one piece is on its way; the stream waits for it.
 */
import { write } from 'node:fs';
import type { Readable } from 'node:stream';
import { errnoOf } from '../../base/atomic-file.ts';

/** how long to wait for a descriptor that somebody else made non-blocking, in ms */
const retryMs = 5;

/** `closed`: nobody reads any more */
export type SinkEnd = 'drained' | 'closed';

export interface Sink {
  /** settles when the source is over and all of it was written; rejects for a full disk */
  readonly over: Promise<SinkEnd>;
  /** whether a write is under way, which would also hold up the end of the process */
  readonly busy: () => boolean;
}

export function drainInto(fd: number, source: Readable): Sink {
  let busy = false;
  let ended = false;
  const over = new Promise<SinkEnd>((resolve, reject) => {
    const finish = (): void => {
      ended = true;
      if (!busy) resolve('drained');
    };
    const take = (piece: Buffer): void => {
      busy = true;
      source.pause();
      writeAll(fd, piece, written);
    };
    const written = (error: Error | null): void => {
      busy = false;
      if (!error) {
        if (ended) resolve('drained');
        else source.resume();
        return;
      }
      source
        .off('data', take)
        .on('data', () => undefined)
        .resume();
      const code = errnoOf(error);
      if (code === 'EPIPE' || code === 'EIO' || code === 'ECONNRESET') resolve('closed');
      else reject(error);
    };
    source.on('data', take);
    source.on('error', () => undefined);
    source.once('end', finish).once('close', finish);
  });
  return { over, busy: () => busy };
}

function writeAll(fd: number, piece: Buffer, done: (error: Error | null) => void): void {
  write(fd, piece, (error, bytes) => {
    if (error && errnoOf(error) === 'EAGAIN') setTimeout(writeAll, retryMs, fd, piece, done);
    else if (error) done(error);
    else if (bytes < piece.length) writeAll(fd, piece.subarray(bytes), done);
    else done(null);
  });
}
