/**
 * A server of no protocol: what a connection begins with says what becomes of it. `keep`: everything is sent back; `sum`: after the
 * end, how much there was; `break`: it is reset after some bytes.
 */
import { createHash } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';

export interface Raw {
  readonly server: Server;
  /** how connections ended, in order: `end` or the code of an error */
  readonly ends: readonly string[];
}

export function makeRaw(): Raw {
  const ends: string[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let ended = 'closed';
    socket.on('error', (error: NodeJS.ErrnoException) => (ended = error.code ?? error.message));
    socket.on('end', () => (ended = 'end'));
    socket.on('close', () => ends.push(ended));
    socket.once('data', (first: Buffer) => serve(socket, first));
  });
  return { server, ends };
}

function serve(socket: Socket, first: Buffer): void {
  const word = first.toString('latin1', 0, 5);
  if (word === 'break') {
    socket.write('some bytes\n', () => socket.resetAndDestroy());
  } else if (word.startsWith('sum')) {
    const hash = createHash('sha256').update(first);
    socket.on('data', (piece: Buffer) => hash.update(piece));
    socket.on('end', () => socket.end(`${hash.digest('hex')}\n`));
  } else {
    socket.write(first);
    socket.on('data', (piece: Buffer) => socket.write(piece));
    socket.on('end', () => socket.end());
  }
}
