/**
 * The beginning of what a command writes, for its record. It only listens: whoever carries the output neither waits for it nor
 * notices it, and what is left out can still be recognised by its digest.
 */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { RecordValue } from '../../protocol/record.ts';

/** bytes of each stream that are kept */
export const sampleBytes = 4096;
/** longest run without a space at a cut that is left out whole: it may be half of a credential, and then nothing would know it */
const cutWordLength = 512;

export interface OutputSample {
  /** What has been written so far; streams that wrote nothing are left out. */
  taken(): { readonly [stream: string]: RecordValue };
}

export function sampleOutput(stdout: Readable, stderr: Readable | null): OutputSample {
  const samples = [['stdout', sample(stdout)] as const, ...(stderr === null ? [] : [['stderr', sample(stderr)] as const])];
  return {
    taken: () => Object.fromEntries(samples.flatMap(([name, taken]) => taken().map((value) => [name, value] as const))),
  };
}

/** None or one value. */
function sample(stream: Readable): () => readonly RecordValue[] {
  const kept: Buffer[] = [];
  const digest = createHash('sha256');
  let room = sampleBytes;
  let bytes = 0;
  stream.on('data', (piece: Buffer) => {
    bytes += piece.length;
    digest.update(piece);
    if (room <= 0) return;
    kept.push(Buffer.from(piece.subarray(0, room)));
    room -= piece.length;
  });
  return () => {
    if (bytes === 0) return [];
    const whole = Buffer.concat(kept).toString('utf8');
    if (bytes <= sampleBytes) return [{ text: whole, bytes }];
    const lastWord = /\S{0,512}$/.exec(whole.slice(-cutWordLength))?.[0] ?? '';
    return [{ text: whole.slice(0, whole.length - lastWord.length), bytes, sha256: digest.copy().digest('hex') }];
  };
}
