/**
 * A face's connection to the helper: found or started, versions agreed on, every verb a typed call. Nothing heavy is imported
 * here (no zod), because the command line pays for it on every start.
 */
import type { Socket } from 'node:net';
import type { LassoEvent, Progress, rpcNames } from '../../protocol/events.ts';
import { LassoError } from '../../protocol/errors.ts';
import type { HelperOperationName, OperationInput, OperationResult, rpcMethod } from '../../protocol/operations.ts';
import type { Disposable } from '../../base/lifetime.ts';
import { knock, type Announcement } from './announcement.ts';
import { errorOf } from './failure.ts';
import { HelperSearch, unreachable, type FindOptions } from './find.ts';
import { Peer } from './peer.ts';
import { formatPreface, type ClientFace } from './preface.ts';

export interface ConnectOptions extends FindOptions {
  readonly version: string;
  /** digest of the caller's bundle */
  readonly build: string;
  /** longest wait for a helper, in milliseconds (default 15 s) */
  readonly timeoutMs?: number;
  /** use an older helper that still runs sandboxes, so that they can be seen and stopped */
  readonly acceptOutdated?: boolean;
  readonly face?: ClientFace;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** progress of this call; its parameters must be able to carry `request` */
  readonly onProgress?: (progress: Progress) => void;
}

export interface HelperConnection {
  readonly socketPath: string;
  /** the helper's, which differ from ours only when an outdated one was accepted */
  readonly version: string;
  readonly build: string;
  readonly pid: number;
  /** settles when the connection is over, for whatever reason */
  readonly closed: Promise<void>;
  /** @throws LassoError as the helper threw it; HELPER_UNREACHABLE when the connection is lost */
  call<N extends HelperOperationName>(name: N, params: OperationInput<N>, options?: CallOptions): Promise<OperationResult<N>>;
  onEvent(listener: (event: LassoEvent) => void): Disposable;
  /** A byte stream the helper knows by `token` (64 hex digits); half-closed by `end()`. */
  openStream(token: string): Promise<Socket>;
  dispose(): void;
}

// Typed as the table's own words without importing the table, which would load zod.
const eventMethod: (typeof rpcNames)['event'] = 'lasso/event';
const progressMethod: (typeof rpcNames)['progress'] = 'lasso/progress';
const methodOf = <N extends HelperOperationName>(name: N): ReturnType<typeof rpcMethod<N>> => `lasso/${name}`;

/** @throws LassoError HELPER_UNREACHABLE, HELPER_OUTDATED, HELPER_DIRECTORY_UNSAFE, CANCELLED */
export async function connectHelper(options: ConnectOptions): Promise<HelperConnection> {
  const deadlineMs = performance.now() + (options.timeoutMs ?? 15_000);
  const search = new HelperSearch(options, deadlineMs);
  for (;;) {
    const { announcement, socket } = await search.find();
    socket.write(formatPreface({ kind: 'rpc', token: announcement.token, face: options.face ?? 'cli' }));
    const connection = new Connection(announcement, socket);
    const met = await meet(connection, options, deadlineMs).catch((error: unknown) => {
      connection.dispose();
      throw error;
    });
    if (met === 'agreed') return connection;
    connection.dispose();
    if (performance.now() > deadlineMs) throw await unreachable(options, 'The helper did not answer in time.');
  }
}

/** `again`: that helper has left, or is leaving; look once more. */
async function meet(connection: Connection, options: ConnectOptions, deadlineMs: number): Promise<'agreed' | 'again'> {
  const late = AbortSignal.timeout(Math.max(1, Math.ceil(deadlineMs - performance.now())));
  const signal = options.signal ? AbortSignal.any([options.signal, late]) : late;
  try {
    const theirs = await raced(connection.call('hello', { version: options.version, build: options.build }), signal);
    if (theirs.build === options.build && theirs.version === options.version) return 'agreed';
    if (theirs.sandboxes > 0) {
      if (options.acceptOutdated === true) return 'agreed';
      throw outdated(theirs, options);
    }
    await raced(connection.call('quit', {}), signal);
    await raced(connection.closed, signal);
    return 'again';
  } catch (error) {
    options.signal?.throwIfAborted();
    if (late.aborted) throw await unreachable(options, 'The helper did not answer in time.');
    if (error instanceof LassoError && error.code === 'HELPER_UNREACHABLE') return 'again';
    throw error;
  }
}

function outdated(theirs: { readonly version: string; readonly sandboxes: number }, ours: { readonly version: string }): LassoError {
  const what =
    theirs.version === ours.version ? `another build of ${theirs.version}` : `version ${theirs.version}, this is ${ours.version}`;
  const count = theirs.sandboxes === 1 ? '1 sandbox' : `${theirs.sandboxes} sandboxes`;
  return new LassoError(
    'HELPER_OUTDATED',
    `The running helper is ${what}, and still has ${count}.`,
    'Finish what runs there, or run `lasso stop all`; the next command starts the new helper.',
  );
}

function raced<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    if (signal.aborted) aborted();
    signal.addEventListener('abort', aborted, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', aborted));
  });
}

class Connection implements HelperConnection {
  readonly closed: Promise<void>;
  readonly #announcement: Announcement;
  readonly #socket: Socket;
  readonly #peer: Peer;
  readonly #listeners = new Set<(event: LassoEvent) => void>();
  readonly #progress = new Map<string, (progress: Progress) => void>();
  #calls = 0;

  constructor(announcement: Announcement, socket: Socket) {
    this.#announcement = announcement;
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => socket.destroy());
    socket.once('end', () => socket.end());
    this.#peer = new Peer(socket);
    // The helper is this user's own process and of our own version: what it tells is taken as the table types it.
    this.#peer.onNotification(eventMethod, (params) => {
      for (const listener of [...this.#listeners]) listener(params as LassoEvent);
    });
    this.#peer.onNotification(progressMethod, (params) => {
      const progress = params as Progress;
      this.#progress.get(progress.request)?.(progress);
    });
  }

  get socketPath(): string {
    return this.#announcement.socket;
  }
  get version(): string {
    return this.#announcement.version;
  }
  get build(): string {
    return this.#announcement.build;
  }
  get pid(): number {
    return this.#announcement.pid;
  }

  async call<N extends HelperOperationName>(name: N, params: OperationInput<N>, options: CallOptions = {}): Promise<OperationResult<N>> {
    if (options.signal?.aborted === true) throw new LassoError('CANCELLED', 'The request was cancelled.', 'Nothing more to do.');
    const { onProgress, signal } = options;
    const request = `c${(this.#calls += 1)}`;
    if (onProgress) this.#progress.set(request, onProgress);
    try {
      const sent = onProgress ? { ...params, request } : params;
      return (await this.#peer.request(methodOf(name), sent, signal)) as OperationResult<N>;
    } catch (error) {
      throw errorOf(error, signal);
    } finally {
      this.#progress.delete(request);
    }
  }

  onEvent(listener: (event: LassoEvent) => void): Disposable {
    const entry = (event: LassoEvent): void => listener(event);
    this.#listeners.add(entry);
    return { dispose: () => void this.#listeners.delete(entry) };
  }

  async openStream(token: string): Promise<Socket> {
    const answer = await knock(this.#announcement.socket);
    if (answer.kind !== 'open')
      throw new LassoError('HELPER_UNREACHABLE', 'The connection to the helper is lost.', 'Run the command again; it starts a new helper.');
    answer.socket.on('error', () => answer.socket.destroy());
    answer.socket.write(formatPreface({ kind: 'stream', token: this.#announcement.token, stream: token }));
    return answer.socket;
  }

  dispose(): void {
    this.#peer.dispose();
    this.#socket.destroy();
  }
}
