/**
 * A container's stdio as one duplex stream: what is written goes to pid 1's stdin, what is read is its stdout. The engine
 * multiplexes stdout and stderr behind 8-byte headers; stderr is only kept as last words. Hostile input: sizes are checked.
 */
import { Duplex } from 'node:stream';

export interface AttachedStdio {
  readonly stdio: Duplex;
  /** tail of what pid 1 said outside the link */
  words(): string;
}

const headerBytes = 8;
const wordsLimit = 4096;

/** `keepOutput` false: stdout is not carried, only kept as last words (the link is a socket). */
export function attachedStdio(raw: NodeJS.ReadWriteStream, carryOutput: boolean): AttachedStdio {
  let words = '';
  const remember = (chunk: Buffer): void => {
    words = (words + chunk.toString('utf8')).slice(-wordsLimit);
  };
  const stdio = new Duplex({
    allowHalfOpen: true,
    read: () => raw.resume(),
    write: (chunk: Buffer, _encoding, done) => {
      if (raw.write(chunk)) done();
      else raw.once('drain', () => done());
    },
    final: (done) => {
      raw.end();
      done();
    },
    destroy: (error, done) => {
      if (raw instanceof Duplex) raw.destroy();
      done(error);
    },
  });
  const parse = demultiplexer(
    (chunk) => (carryOutput ? stdio.push(chunk) : (remember(chunk), true)),
    (chunk) => (remember(chunk), true),
  );
  raw.on('data', (chunk: Buffer) => {
    if (!parse(chunk) && carryOutput) raw.pause();
  });
  const over = (): void => {
    if (!stdio.destroyed && !stdio.readableEnded) stdio.push(null);
  };
  raw.on('end', over);
  raw.on('close', over);
  raw.on('error', () => stdio.destroy());
  stdio.on('error', () => undefined);
  if (!carryOutput) raw.resume();
  return { stdio, words: () => words.trim() };
}

/**
 * Parser of the engine's frames: type, three zero bytes, big-endian length, payload. Payload is passed on as it comes, uncopied.
 * Returns false when a receiver asked to wait.
 */
export function demultiplexer(output: (chunk: Buffer) => boolean, errors: (chunk: Buffer) => boolean): (chunk: Buffer) => boolean {
  const header = Buffer.alloc(headerBytes);
  let have = 0;
  let left = 0;
  return (chunk) => {
    let offset = 0;
    let more = true;
    while (offset < chunk.length) {
      if (left > 0) {
        const end = Math.min(offset + left, chunk.length);
        const part = chunk.subarray(offset, end);
        left -= part.length;
        offset = end;
        more = (header[0] === 2 ? errors(part) : output(part)) && more;
        continue;
      }
      const copied = chunk.copy(header, have, offset, offset + headerBytes - have);
      have += copied;
      offset += copied;
      if (have === headerBytes) {
        left = header.readUInt32BE(4);
        have = 0;
      }
    }
    return more;
  };
}
