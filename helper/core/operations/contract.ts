/**
 * What a face asks of the core: one handler for every verb the helper runs, and what each call carries. `hello` and `quit`
 * are about the process, not about sandboxes, so the face that holds the connection answers them.
 */
import type { Duplex } from 'node:stream';
import type { Disposable } from '../../base/lifetime.ts';
import type { LassoEvent, Progress } from '../../protocol/events.ts';
import type { HelperOperationName, OperationParams, OperationResult } from '../../protocol/operations.ts';
import type { Actor } from '../../protocol/record.ts';

export interface OperationContext {
  /** goes into every record this call leads to */
  readonly actor: Actor;
  /** fires with a LassoError (CANCELLED) when the caller cancels or is gone */
  readonly signal: AbortSignal;
  /** Tells progress; costs nothing when the caller did not name its request. */
  readonly emit: (progress: Omit<Progress, 'request'>) => void;
  readonly streams: {
    /**
     * The connection that presented this token, now or within ten seconds; its `end()` half-closes. The taker owns it.
     * @throws LassoError TIMED_OUT, CANCELLED, BAD_REQUEST (token taken twice)
     */
    readonly take: (token: string) => Promise<Duplex>;
  };
}

export type ServedOperationName = Exclude<HelperOperationName, 'hello' | 'quit'>;

/** every verb must be here, or it does not compile */
export type OperationHandlers = {
  readonly [N in ServedOperationName]: (params: OperationParams<N>, context: OperationContext) => Promise<OperationResult<N>>;
};

/** the core, as a face sees it */
export interface OperationHost {
  readonly operations: OperationHandlers;
  /** sandboxes that keep the helper alive: running, suspended, or on the way there or back */
  busy(): number;
  /** work worth finishing before a helper that nobody needs leaves; it is taken up again by the next one */
  unfinished(): number;
  onEvent(listener: (event: LassoEvent) => void): Disposable;
}
