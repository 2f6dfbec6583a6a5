/** What the command line needs of a connection to the helper. The composition root brings the real one; tests bring their own. */
import type { Duplex } from 'node:stream';
import type { Disposable } from '../../base/lifetime.ts';
import type { LassoEvent, Progress } from '../../protocol/events.ts';
import type { HelperOperationName, OperationInput, OperationName, OperationResult } from '../../protocol/operations.ts';

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

export interface Connection {
  /** @throws LassoError as the helper gave it, or HELPER_UNREACHABLE when the helper is lost meanwhile */
  call<N extends HelperOperationName>(name: N, params: OperationInput<N>, options?: CallOptions): Promise<OperationResult<N>>;
  /** what the helper tells unasked, until the result is disposed of; absent where nothing is told */
  onEvent?(listener: (event: LassoEvent) => void): Disposable;
  /** Another connection, which becomes the byte stream of that token; either side may end its half first. */
  openStream(token: string): Duplex | Promise<Duplex>;
  /** settles when it is over, for whatever reason; absent where it never is */
  readonly closed?: Promise<void>;
  dispose(): void | Promise<void>;
}

/** Connects to this user's helper for that verb, starting it where there is none. */
export type Connect = (operation: OperationName) => Promise<Connection>;
