/** The two ways to get a link: wait for a guest on a socket, or take the stdio of one that was just started. */
import type { Duplex } from 'node:stream';
import { LassoError } from '../protocol/errors.ts';
import type { GuestLink } from './contract.ts';
import { Link } from './link.ts';
import { listenForGuest } from './listener.ts';
import { multiplexCarrier } from './multiplex.ts';
import { socketCarrier, type SocketCarrier } from './socket-carrier.ts';
import { deferred } from './deferred.ts';
import type { LinkSettings } from './settings.ts';

export interface SocketLinkOptions extends LinkSettings {
  /** `socket` in a folder of its own that is mounted at guestPaths.linkDirectory */
  readonly socketPath: string;
  /** 64 hex digits; the sandbox's own */
  readonly token: string;
  /** told at most once a second: somebody without the right token knocked `count` times */
  readonly onIntruder: (reason: string, count: number) => void;
  /** how long to wait for the guest's hello; default 30 s */
  readonly helloTimeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface PendingLink {
  /** the link once the guest said hello; rejects with LINK_LOST, TIMED_OUT or CANCELLED, and everything is closed then */
  readonly link: Promise<GuestLink>;
  /** Stops listening; also ends the link when there is one. */
  dispose(): Promise<void>;
}

export interface StdioLinkOptions extends LinkSettings {
  readonly stdio: Duplex;
  readonly helloTimeoutMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Listens, and settles as soon as a guest may be started (or, after a helper's restart, may come back by itself): then await
 * `link`. The listener lives as long as the link.
 */
export async function openSocketLink(options: SocketLinkOptions): Promise<PendingLink> {
  const connected = deferred<Link>();
  const state: { carrier?: SocketCarrier } = {};
  const listener = await listenForGuest({
    socketPath: options.socketPath,
    token: options.token,
    onIntruder: options.onIntruder,
    expected: () => state.carrier?.expected() ?? 0,
    onStream: (token, socket) => state.carrier?.arrive(token, socket) ?? false,
    onControl: (socket) => {
      if (state.carrier) return false;
      state.carrier = socketCarrier(socket, { streamTimeoutMs: 5000, close: () => listener.close() });
      connected.resolve(new Link(state.carrier, options));
      return true;
    },
  });
  const dispose = async (): Promise<void> => {
    connected.reject(cancelled());
    const link = await connected.promise.catch(() => undefined);
    await link?.dispose();
    await listener.close();
  };
  const link = awaitHello(connected.promise, options, dispose);
  // When the guest is gone nobody else may use its door.
  void link.then(
    (open) => open.ended.then(() => listener.close()),
    () => undefined,
  );
  return { link, dispose };
}

/** Takes over the stdio of a guest; rejects as `PendingLink.link` does. */
export function openStdioLink(options: StdioLinkOptions): Promise<GuestLink> {
  const link = new Link(multiplexCarrier(options.stdio), options);
  return awaitHello(Promise.resolve(link), options, () => link.dispose());
}

async function awaitHello(
  connected: Promise<Link>,
  options: { readonly helloTimeoutMs?: number; readonly signal?: AbortSignal },
  dispose: () => Promise<void>,
): Promise<GuestLink> {
  const failed = deferred<never>();
  const timer = setTimeout(() => failed.reject(late()), options.helloTimeoutMs ?? 30_000);
  const abort = (): void => failed.reject(cancelled());
  if (options.signal?.aborted) abort();
  options.signal?.addEventListener('abort', abort, { once: true });
  try {
    const link = await Promise.race([connected, failed.promise]);
    await Promise.race([link.ready, failed.promise]);
    return link;
  } catch (error) {
    await dispose();
    throw error;
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', abort);
  }
}

const late = (): LassoError =>
  new LassoError('TIMED_OUT', 'The sandbox started, but nothing in it answered.', 'Try again; `lasso doctor` checks the engine.');
const cancelled = (): LassoError => new LassoError('CANCELLED', 'The start was cancelled.', 'Start it again when you want it.');
