/** A body on its way: piece by piece as it comes, no faster than the taker takes it, looked at while it passes. */
import type { Readable, Writable } from 'node:stream';

/** What a body passes through. Whatever `push` throws ends the flow. */
export interface Through {
  /** @returns what of it may go on now */
  push(piece: Buffer): Buffer;
  /** @returns what of what was held back may go on when nothing follows for a moment */
  pause?(): Buffer;
  /** @returns what was held back until the end */
  end?(): Buffer;
}

/** how long nothing must follow for a moment to be one */
const momentMs = 25;

/**
 * Lets a body flow until its end; `sink` is not ended. Afterwards neither is listened to any more.
 * @returns bytes that came
 * @throws what `source`, `sink` or `through` failed with, or that one of them went away early
 */
export function flow(source: Readable, sink: Writable, through?: Through): Promise<number> {
  return new Promise((resolve, reject) => {
    let bytes = 0;
    let moment: NodeJS.Timeout | undefined;
    const settle = (error?: Error): void => {
      clearTimeout(moment);
      source.off('data', onData).off('end', onEnd).off('error', settle).off('close', onClose);
      sink.off('drain', onDrain).off('error', settle).off('close', onClose);
      if (error === undefined) return resolve(bytes);
      source.pause();
      reject(error);
    };
    const pass = (piece: Buffer): void => {
      if (piece.length > 0 && !sink.write(piece)) source.pause();
    };
    const guarded = (act: () => void): void => {
      try {
        act();
      } catch (error) {
        settle(error instanceof Error ? error : new Error(String(error)));
      }
    };
    const onData = (piece: Buffer): void => {
      bytes += piece.length;
      guarded(() => {
        pass(through === undefined ? piece : through.push(piece));
        clearTimeout(moment);
        const pause = through?.pause?.bind(through);
        if (pause !== undefined) moment = setTimeout(() => guarded(() => pass(pause())), momentMs);
      });
    };
    const onEnd = (): void =>
      guarded(() => {
        pass(through?.end?.() ?? Buffer.alloc(0));
        settle();
      });
    const onClose = (): void => settle(new Error('the connection went away'));
    const onDrain = (): void => void source.resume();
    if (source.errored !== null || sink.destroyed || (source.destroyed && !source.readableEnded)) return onClose();
    source.on('data', onData).on('end', onEnd).on('error', settle).on('close', onClose);
    sink.on('drain', onDrain).on('error', settle).on('close', onClose);
    if (source.readableEnded) onEnd();
    else source.resume();
  });
}
