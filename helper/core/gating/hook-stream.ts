/**
 * What agents' hooks say, read from inside a sandbox: bounded in size and time, few at once, so that whoever says much or says it
 * slowly costs little. It understands nothing of what is said.
 */
import type { Duplex } from 'node:stream';
import type { Clock } from '../../base/clock.ts';

/** name of the agent, a line feed, and as much as any hook is given */
const saidLimitBytes = 8 * 1024 * 1024 + 64;
/** how long one may take to say it, in ms */
const saidWithinMs = 10_000;
/** read at the same time; each may hold as many bytes as there may be */
const readAtOnce = 4;
/** between two signs of life while somebody thinks, and for an answer to be taken, in ms */
export const signEveryMs = 3_000;
const takenWithinMs = 5_000;

export class HookStreams {
  readonly #clock: Pick<Clock, 'sleep'>;
  readonly #waiting: (() => void)[] = [];
  #reading = 0;

  constructor(clock: Pick<Clock, 'sleep'>) {
    this.#clock = clock;
  }

  /** All that is said, once there is room to read it. Rejects with a sentence when it is too much, takes too long or breaks off. */
  async said(stream: Duplex, gone: AbortSignal): Promise<string> {
    // Who waits is handed the place of one that is done.
    if (this.#reading >= readAtOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#reading += 1;
    const over = new AbortController();
    try {
      if (gone.aborted) throw new Error('nobody waits for the answer');
      return await Promise.race([whole(stream), this.#late(AbortSignal.any([gone, over.signal]))]);
    } finally {
      over.abort();
      const next = this.#waiting.shift();
      if (next) next();
      else this.#reading -= 1;
    }
  }

  /** Says something and ends the stream; what is not taken is given up. Settles when it is over. */
  async answer(stream: Duplex, text: string): Promise<void> {
    const over = new AbortController();
    stream.once('close', () => over.abort());
    if (stream.destroyed) return;
    stream.end(text);
    await this.#clock.sleep(takenWithinMs, over.signal).catch(() => undefined);
    stream.destroy();
  }

  async #late(signal: AbortSignal): Promise<never> {
    await this.#clock.sleep(saidWithinMs, signal).catch(() => undefined);
    throw new Error('it was not said in time what is asked');
  }
}

function whole(stream: Duplex): Promise<string> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    stream.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes <= saidLimitBytes) {
        parts.push(part);
        return;
      }
      parts.length = 0;
      stream.pause();
      reject(new Error('what was said is too large'));
    });
    stream.once('end', () => resolve(Buffer.concat(parts).toString()));
    stream.once('close', () => reject(new Error('what was said breaks off')));
  });
}
