/** A core without engines: handlers a test gives, everything else refused, events on demand. */
import type { OperationHandlers, OperationHost } from '../../helper/core/operations/contract.ts';
import { LassoError } from '../../helper/protocol/errors.ts';
import type { LassoEvent } from '../../helper/protocol/events.ts';
import { operations } from '../../helper/protocol/operations.ts';

export interface FakeCore extends OperationHost {
  /** what `busy()` says */
  sandboxes: number;
  readonly listeners: Set<(event: LassoEvent) => void>;
  tell(event: LassoEvent): void;
}

export function fakeCore(handlers: Partial<OperationHandlers> = {}): FakeCore {
  const refuse = (): Promise<never> => Promise.reject(new LassoError('UNSUPPORTED', 'Not in this test.', 'Give a handler.'));
  const all = { ...Object.fromEntries(Object.keys(operations).map((name) => [name, refuse])), ...handlers } as OperationHandlers;
  const listeners = new Set<(event: LassoEvent) => void>();
  return {
    operations: all,
    sandboxes: 0,
    listeners,
    unfinished: () => 0,
    busy() {
      return this.sandboxes;
    },
    onEvent(listener) {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
    tell(event) {
      for (const listener of listeners) listener(event);
    },
  };
}
