/**
 * The helper's front door: lets in who knows the token, gives each client a channel with every operation and the language
 * service on it, and tells when nobody is left to serve. It judges form, never meaning, and holds no state of sandboxes.
 */
import type { Socket } from 'node:net';
import { timingSafeEqual } from 'node:crypto';
import type { MessageConnection } from 'vscode-jsonrpc/node';
import type { Log } from '../../base/log.ts';
import type { Folders, Host } from '../../base/platform.ts';
import type { Disposable } from '../../base/lifetime.ts';
import type { OperationHost } from '../../core/operations/contract.ts';
import { rpcNames } from '../../protocol/events.ts';
import { readPreface, type Preface } from '../client/preface.ts';
import { openChannel } from './channel.ts';
import type { HelperClaim } from './claim.ts';
import { registerOperations } from './requests.ts';
import { StreamExchange } from './streams.ts';

/** Answers LSP requests on a connection that also carries operations; returns its undo. `exit` must not end the process. */
export type RegisterLanguage = (connection: MessageConnection) => Disposable;

export interface RpcServerOptions {
  readonly host: Host;
  readonly folders: Pick<Folders, 'log'>;
  readonly version: string;
  readonly build: string;
  readonly claim: HelperClaim;
  readonly core: OperationHost;
  readonly language: RegisterLanguage;
  readonly log: Log;
  /** time without clients and sandboxes before `onIdle`, in milliseconds */
  readonly idleMs: number;
  /** called once: nobody needs this helper any more, or a newer one asked it to leave */
  readonly onIdle: (reason: 'idle' | 'quit') => void;
}

export interface RpcServer extends Disposable {
  readonly socketPath: string;
  /** connected clients */
  readonly clients: number;
  dispose(): void;
}

/** longest wait for a first line, in milliseconds */
const prefaceMs = 10_000;

export function serveRpc(options: RpcServerOptions): RpcServer {
  const { claim, core, log } = options;
  const clients = new Set<Socket>();
  const sockets = new Set<Socket>();
  const streams = new StreamExchange();
  const channels = new Set<MessageConnection>();
  const idle = watchIdle(
    options.idleMs,
    () => clients.size === 0 && core.busy() === 0 && core.unfinished() === 0,
    () => leave('idle'),
  );

  const leave = (reason: 'idle' | 'quit'): void => {
    idle.dispose();
    claim.close();
    options.onIdle(reason);
  };

  const events = core.onEvent((event) => {
    for (const channel of channels) void channel.sendNotification(rpcNames.event, event);
  });

  const admit = (socket: Socket): void => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    greet(socket).catch((error: unknown) => {
      log.error('a connection failed', error);
      socket.destroy();
    });
  };

  const greet = async (socket: Socket): Promise<void> => {
    const preface = await readPreface(socket, prefaceMs);
    if (preface === undefined || !sameToken(preface.token, claim.announcement.token)) {
      socket.destroy();
      return;
    }
    if (preface.kind === 'stream') streams.offer(preface.stream, socket);
    else welcome(socket, preface);
  };

  const welcome = (socket: Socket, preface: Preface & { kind: 'rpc' }): void => {
    const channel = openChannel(socket, log);
    const undo = registerOperations(channel, { ...options, streams, face: preface.face, quit: () => setImmediate(leave, 'quit') });
    const language = options.language(channel);
    clients.add(socket);
    channels.add(channel);
    socket.once('close', () => {
      clients.delete(socket);
      channels.delete(channel);
      void undo.dispose();
      void language.dispose();
    });
    channel.listen();
  };

  claim.serve(admit);
  return {
    socketPath: claim.announcement.socket,
    get clients() {
      return clients.size;
    },
    dispose: () => {
      idle.dispose();
      void events.dispose();
      claim.close();
      streams.dispose();
      for (const socket of sockets) socket.destroySoon();
    },
  };
}

/** Calls `act` once when `idle` has been true at two looks in a row. */
function watchIdle(idleMs: number, idle: () => boolean, act: () => void): { dispose(): void } {
  let before = false;
  const timer = setInterval(() => {
    const now = idle();
    if (now && before) act();
    before = now;
  }, idleMs);
  return { dispose: () => clearInterval(timer) };
}

function sameToken(given: string, expected: string): boolean {
  return given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected));
}
