/**
 * One connection to the helper: a socket that opens with our token, then JSON-RPC both for the language features of
 * profiles and for `lasso/…` requests. It holds no state of its own and is never reused after it closed.
 */
import { connect as connectSocket, type Socket } from 'node:net';
import type { CancellationToken } from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import type { LassoEvent, Progress } from '../helper/protocol/events.ts';
import type { HelperOperationName, OperationInput, OperationResult } from '../helper/protocol/operations.ts';
import { Failure } from './failure.ts';
import type { HelperAddress } from './launch.ts';
import type { Disposable } from './lifetime.ts';
import type { Log } from './log.ts';
import { profileDocuments } from './profiles/documents.ts';
import { watchProfileFiles } from './profiles/files.ts';

export interface Listener {
  event(event: LassoEvent): void;
  progress(progress: Progress): void;
  /** told once, when the helper went away without being asked */
  lost(): void;
}

export interface Connection extends Disposable {
  request<N extends HelperOperationName>(
    name: N,
    params: OperationInput<N>,
    cancellation: CancellationToken | undefined,
  ): Promise<OperationResult<N>>;
  /** Sends a text over a stream of its own, which a request has named or will name. @throws Failure */
  send(stream: string, text: string): Promise<void>;
}

/** @throws Failure when nothing answers at the address */
export async function connect(address: HelperAddress, log: Log, listener: Listener): Promise<Connection> {
  // Imported here: it is most of the extension's code, and a window that never uses LASSO never pays for it.
  const { CloseAction, ErrorAction, LanguageClient, RevealOutputChannelOn } = await import('vscode-languageclient/node');
  const socket = await openSocket(address);
  const watchers = watchProfileFiles();
  let disposed = false;
  socket.once('close', () => {
    for (const watcher of watchers) watcher.dispose();
    if (!disposed) listener.lost();
  });
  const client = new LanguageClient('lasso', 'LASSO', () => Promise.resolve({ reader: socket, writer: socket }), {
    documentSelector: profileDocuments(process.env),
    synchronize: { fileEvents: watchers },
    // What the helper quotes comes from profiles that others may have written.
    markdown: { isTrusted: false, supportHtml: false },
    outputChannel: log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => ({ action: CloseAction.DoNotRestart, handled: true }),
    },
  });
  client.onNotification('lasso/event', (event: LassoEvent) => listener.event(event));
  client.onNotification('lasso/progress', (progress: Progress) => listener.progress(progress));
  const dispose = (): void => {
    disposed = true;
    void close(client, socket);
  };
  try {
    await client.start();
  } catch (error) {
    dispose();
    throw error;
  }
  return {
    request: (name, params, cancellation) =>
      cancellation ? client.sendRequest(`lasso/${name}`, params, cancellation) : client.sendRequest(`lasso/${name}`, params),
    send: async (stream, text) => {
      const sending = await openSocket(address, `stream ${stream}`);
      sending.resume();
      sending.end(text);
    },
    dispose,
  };
}

/** @param purpose what the connection is for, as its first line says it */
function openSocket({ socket: path, token }: HelperAddress, purpose = 'rpc editor'): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket(path);
    const fail = (error: Error): void =>
      reject(
        new Failure('The LASSO helper does not answer.', {
          code: 'HELPER_UNREACHABLE',
          hint: 'Try again; if it stays so, the log says more.',
          details: [error.message],
        }),
      );
    socket.once('error', fail);
    socket.once('connect', () => {
      socket.off('error', fail);
      // Later errors are followed by `close`, which is what everybody listens to.
      socket.on('error', () => undefined);
      socket.write(`LASSO/1 ${token} ${purpose}\n`);
      resolve(socket);
    });
  });
}

async function close(client: LanguageClient, socket: Socket): Promise<void> {
  try {
    await client.dispose(1000);
  } catch {
    // A connection that is gone already cannot be closed politely.
  } finally {
    socket.destroy();
  }
}
