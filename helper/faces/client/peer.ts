/**
 * The asking side of JSON-RPC 2.0 with `Content-Length` framing, and no more of it than a client of the helper needs: the
 * command line loads this on every start, where a general library would be half of its time.
 */
import type { Socket } from 'node:net';
import { FrameParser } from '../rpc/frames.ts';

/** an error as the helper sent it; its data is judged by whoever asked */
export class PeerError extends Error {
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, data: unknown) {
    super(message);
    this.name = 'PeerError';
    this.code = code;
    this.data = data;
  }
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** longest answer that is taken, in bytes */
const answerLimitBytes = 512 * 1024 * 1024;

export class Peer {
  readonly #socket: Socket;
  readonly #frames = new FrameParser(answerLimitBytes);
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Map<string, (params: unknown) => void>();
  #last = 0;
  #over = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.once('close', () => this.dispose());
  }

  /** @throws PeerError as the helper answered; Error when the connection is over */
  async request(method: string, params: unknown, signal?: AbortSignal): Promise<unknown> {
    const id = (this.#last += 1);
    const cancel = (): void => this.#send({ method: '$/cancelRequest', params: { id } });
    try {
      return await new Promise<unknown>((resolve, reject) => {
        if (this.#over) throw new Error('the connection is over');
        this.#waiting.set(id, { resolve, reject });
        this.#send({ id, method, params });
        signal?.addEventListener('abort', cancel, { once: true });
      });
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  onNotification(method: string, listener: (params: unknown) => void): void {
    this.#listeners.set(method, listener);
  }

  /** Ends the waiting of all that was asked; the socket is the caller's. */
  dispose(): void {
    this.#over = true;
    for (const { reject } of this.#waiting.values()) reject(new Error('the connection is over'));
    this.#waiting.clear();
  }

  #send(message: Readonly<Record<string, unknown>>): void {
    if (this.#over || this.#socket.destroyed) return;
    const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
    this.#socket.write(Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]));
  }

  #take(chunk: Buffer): void {
    try {
      for (const body of this.#frames.push(chunk)) this.#hear(JSON.parse(body.toString('utf8')));
    } catch {
      // A helper that breaks the framing cannot be understood any more.
      this.#socket.destroy();
    }
  }

  #hear(message: unknown): void {
    if (typeof message !== 'object' || message === null) return;
    if ('method' in message && typeof message.method === 'string') {
      this.#listeners.get(message.method)?.('params' in message ? message.params : undefined);
      return;
    }
    const id = 'id' in message && typeof message.id === 'number' ? message.id : undefined;
    const waiting = id === undefined ? undefined : this.#waiting.get(id);
    if (id === undefined || !waiting) return;
    this.#waiting.delete(id);
    if ('error' in message && message.error !== undefined) waiting.reject(errorIn(message.error));
    else waiting.resolve('result' in message ? message.result : undefined);
  }
}

function errorIn(error: unknown): PeerError {
  if (typeof error !== 'object' || error === null) return new PeerError(-32_603, 'unknown error', undefined);
  const code = 'code' in error && typeof error.code === 'number' ? error.code : -32_603;
  const message = 'message' in error && typeof error.message === 'string' ? error.message : 'unknown error';
  return new PeerError(code, message, 'data' in error ? error.data : undefined);
}
