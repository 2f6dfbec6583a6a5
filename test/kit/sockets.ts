/** Sockets on this machine's loopback for tests: connected pairs, servers, and all that somebody says. */
import { once } from 'node:events';
import { createServer, connect, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** what ends with a test */
export interface Ending {
  after(end: () => Promise<void>): void;
}

export interface Pair {
  /** as somebody inside holds it */
  readonly near: Socket;
  /** as it is handed over */
  readonly far: Socket;
}

/** Makes connected sockets, as many as are asked for. */
export async function openPairs(t: Ending): Promise<() => Promise<Pair>> {
  const arrivals: ((socket: Socket) => void)[] = [];
  const port = await openServer(t, (socket) => arrivals.shift()?.(socket));
  const make = async (): Promise<Pair> => {
    const far = new Promise<Socket>((resolve) => arrivals.push(resolve));
    const near = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    t.after(async () => void near.destroy());
    near.on('error', () => undefined);
    return { near, far: await far };
  };
  // One at a time, so that the two ends belong together.
  let last: Promise<unknown> = Promise.resolve();
  return () => {
    const made = last.then(make);
    last = made;
    return made;
  };
}

/** A TCP server that serves each connection so; its port. */
export async function openServer(t: Ending, serve: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    serve(socket);
  });
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return await listening(server);
}

/** The port a server is given on loopback. */
export async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens nowhere');
  return address.port;
}

export interface Heard {
  readonly text: string;
  /** `reset`: it broke before its end */
  readonly end: 'end' | 'reset';
}

/** All that is said until the end, or until it breaks. */
export function heard(stream: Duplex): Promise<Heard> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    const over = (end: Heard['end']): void => resolve({ text: Buffer.concat(parts).toString('latin1'), end });
    stream.on('data', (chunk: Buffer) => parts.push(chunk));
    stream.on('end', () => over('end')).on('close', () => over('reset'));
    if (stream.readableEnded) over('end');
    else if (stream.destroyed) over('reset');
  });
}
