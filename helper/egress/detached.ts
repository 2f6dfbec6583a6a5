/**
 * A stream at arm's length: what is written to it goes on a moment later, so that nothing it sets off comes back within the write.
 * Node's HTTP/2 ends the whole process when bytes arrive while it writes; a stream made of JavaScript could do that to it.
 */
import { Socket } from 'node:net';
import { Duplex, finished } from 'node:stream';

/** how long the other side may take to close after the last bytes */
const lingerMs = 5000;

/** The stream itself where the system carries it, else one that stands for it. Destroying that one ends the stream, and resets nothing. */
export function detached(stream: Duplex): Duplex {
  if (stream instanceof Socket) return stream;
  const outer = new Duplex({
    allowHalfOpen: true,
    read: () => void stream.resume(),
    write: (piece: Buffer, _encoding, done) =>
      process.nextTick(() => {
        if (stream.destroyed) done(new Error('the connection went away'));
        else stream.write(piece, () => done());
      }),
    final: (done) => process.nextTick(() => void stream.end(() => done())),
    destroy: (_error, done) => {
      letGo(stream);
      done(null);
    },
  });
  stream.on('data', (piece: Buffer) => {
    if (!outer.push(piece) && !outer.destroyed) stream.pause();
  });
  stream.on('end', () => outer.push(null));
  stream.on('error', () => undefined);
  finished(stream, (error) => {
    if (error != null) outer.destroy();
  });
  stream.pause();
  return outer;
}

function letGo(stream: Duplex): void {
  if (stream.destroyed) return;
  const timer = setTimeout(() => stream.destroy(), lingerMs);
  finished(stream, () => {
    clearTimeout(timer);
    stream.destroy();
  });
  if (!stream.writableEnded) stream.end();
  stream.resume();
}
