/**
 * One client's connection as a JSON-RPC channel that protects the helper: bounded messages, bounded queues both ways. A
 * client that breaks the rules, or does not read what it is sent, loses its connection and nothing else happens.
 */
import type { Socket } from 'node:net';
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  createMessageConnection,
  type DataCallback,
  type Disposable,
  type Message,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import type { Log } from '../../base/log.ts';
import { FrameParser } from './frames.ts';

/** bytes that may wait for a slow reader before it is given up */
const unsentLimitBytes = 16 * 1024 * 1024;
/** messages read but not yet looked at, past which nothing more is read */
const unhandledLimit = 64;

/** A connection over `socket`; not yet listening. Whatever ends it also destroys the socket. */
export function openChannel(socket: Socket, log: Log): MessageConnection {
  const reader = new BoundedReader(socket, log);
  const connection = createMessageConnection(reader, new BoundedWriter(socket, log), quiet(log), {
    messageStrategy: {
      handleMessage: async (message, next) => {
        reader.handled();
        await next(message);
      },
    },
  });
  connection.onError(() => socket.destroy());
  socket.once('close', () => connection.dispose());
  return connection;
}

class BoundedReader extends AbstractMessageReader {
  readonly #socket: Socket;
  readonly #log: Log;
  readonly #frames = new FrameParser();
  readonly #queue: Buffer[] = [];
  #unhandled = 0;
  #deliver: DataCallback | undefined;

  constructor(socket: Socket, log: Log) {
    super();
    this.#socket = socket;
    this.#log = log;
  }

  override listen(callback: DataCallback): Disposable {
    const onData = (chunk: Buffer): void => this.#take(chunk);
    this.#deliver = callback;
    this.#socket.on('data', onData);
    this.#socket.once('end', () => this.#socket.end());
    this.#socket.once('close', () => this.fireClose());
    this.#socket.resume();
    return { dispose: () => void this.#socket.off('data', onData) };
  }

  /** One delivered message has been taken up. */
  handled(): void {
    this.#unhandled -= 1;
    this.#pump();
  }

  #take(chunk: Buffer): void {
    try {
      this.#queue.push(...this.#frames.push(chunk));
    } catch (error) {
      this.#drop(error instanceof Error ? error.message : 'malformed');
      return;
    }
    this.#pump();
  }

  #pump(): void {
    while (this.#unhandled < unhandledLimit && !this.#socket.destroyed) {
      const body = this.#queue.shift();
      if (body === undefined) {
        this.#socket.resume();
        return;
      }
      this.#unhandled += 1;
      try {
        this.#deliver?.(messageOf(body));
      } catch (error) {
        this.#drop(error instanceof Error ? error.message : 'malformed');
      }
    }
    this.#socket.pause();
  }

  #drop(why: string): void {
    this.#queue.length = 0;
    this.#log.warn(`a client was dropped: ${why.slice(0, 200)}`);
    this.#socket.destroy();
  }
}

/** Hostile input: only what has the shape of a JSON-RPC message goes further. */
function messageOf(body: Buffer): Message {
  const value: unknown = JSON.parse(body.toString('utf8'));
  if (!isMessage(value)) throw new Error('not a JSON-RPC message');
  return value;
}

function isMessage(value: unknown): value is Message {
  if (typeof value !== 'object' || value === null || !('jsonrpc' in value) || value.jsonrpc !== '2.0') return false;
  if ('id' in value && typeof value.id !== 'string' && typeof value.id !== 'number') return false;
  if (!('method' in value)) return 'id' in value && ('result' in value || 'error' in value);
  if (typeof value.method !== 'string') return false;
  if ('params' in value && (typeof value.params !== 'object' || value.params === null)) return false;
  if (value.method !== '$/cancelRequest') return true;
  const params = 'params' in value ? value.params : undefined;
  return typeof params === 'object' && params !== null && 'id' in params;
}

class BoundedWriter extends AbstractMessageWriter {
  readonly #socket: Socket;
  readonly #log: Log;

  constructor(socket: Socket, log: Log) {
    super();
    this.#socket = socket;
    this.#log = log;
  }

  write(message: Message): Promise<void> {
    if (this.#socket.destroyed || this.#socket.writableEnded) return Promise.resolve();
    if (this.#socket.writableLength > unsentLimitBytes) {
      this.#log.warn('a client was dropped: it does not read what it is sent');
      this.#socket.destroy();
      return Promise.resolve();
    }
    const body = Buffer.from(JSON.stringify(message));
    this.#socket.cork();
    this.#socket.write(`Content-Length: ${body.length}\r\n\r\n`, 'latin1');
    this.#socket.write(body);
    this.#socket.uncork();
    return Promise.resolve();
  }

  end(): void {
    this.#socket.end();
  }
}

function quiet(log: Log): {
  error(message: string): void;
  warn(message: string): void;
  info(message: string): void;
  log(message: string): void;
} {
  const short = (message: string): string => message.slice(0, 500);
  return {
    error: (message) => log.warn(`rpc: ${short(message)}`),
    warn: (message) => log.warn(`rpc: ${short(message)}`),
    info: () => undefined,
    log: () => undefined,
  };
}
