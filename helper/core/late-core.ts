/**
 * A core that could not be opened for a reason a person can mend: each verb says the reason, and tries again, so that nobody has
 * to find out that a helper must be ended first. Until it is open it runs nothing and records nothing.
 */
import type { Log } from '../base/log.ts';
import type { LassoEvent } from '../protocol/events.ts';
import { LassoError } from '../protocol/errors.ts';
import { operations } from '../protocol/operations.ts';
import type { OperationHandlers, OperationHost } from './operations/contract.ts';

interface Closing extends OperationHost {
  close(): Promise<void>;
}

/** What `open` gives, or what tries again with each verb. Rejects as `open` does where nobody can mend it. */
export async function openSoonerOrLater(open: () => Promise<Closing>, log: Log): Promise<Closing> {
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof LassoError)) throw error;
    log.error('the core cannot be opened yet', error);
    return lateCore(open);
  }
}

function lateCore(open: () => Promise<Closing>): Closing {
  const listeners = new Set<(event: LassoEvent) => void>();
  let core: Closing | undefined;
  let opening: Promise<Closing> | undefined;
  const opened = (): Promise<Closing> => {
    opening ??= open().then(
      (now) => {
        core = now;
        now.onEvent((event) => listeners.forEach((listener) => listener(event)));
        return now;
      },
      (error: unknown) => {
        opening = undefined;
        throw error;
      },
    );
    return opening;
  };
  return {
    operations: handlers(opened),
    busy: () => core?.busy() ?? 0,
    unfinished: () => core?.unfinished() ?? 0,
    onEvent: (listener) => {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
    close: async () => {
      await opening?.catch(() => undefined);
      await core?.close();
    },
  };
}

function handlers(opened: () => Promise<Closing>): OperationHandlers {
  const entries = Object.keys(operations).map((name) => [
    name,
    async (params: never, context: never): Promise<unknown> => {
      const core = await opened();
      const handler = core.operations[name as keyof OperationHandlers] as (params: never, context: never) => Promise<unknown>;
      return await handler(params, context);
    },
  ]);
  return Object.fromEntries(entries) as OperationHandlers;
}
