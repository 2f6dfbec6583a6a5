/**
 * Every verb of the table as a request on one client's channel: parameters validated before anything is done, cancellation
 * and a lost connection turned into one signal, failures turned into errors a person can act on.
 */
import type { CancellationToken, MessageConnection } from 'vscode-jsonrpc/node';
import type { z } from 'zod';
import type { Disposable } from '../../base/lifetime.ts';
import type { Log } from '../../base/log.ts';
import type { Folders, Host } from '../../base/platform.ts';
import type { OperationContext, OperationHandlers, OperationHost, ServedOperationName } from '../../core/operations/contract.ts';
import { LassoError } from '../../protocol/errors.ts';
import { rpcNames } from '../../protocol/events.ts';
import type { Operation } from '../../protocol/operation.ts';
import { operations, rpcMethod, type HelperOperationName, type OperationParams, type OperationResult } from '../../protocol/operations.ts';
import type { ClientFace } from '../client/preface.ts';
import { responseErrorOf } from './failure.ts';
import { cancelledError, type StreamExchange } from './streams.ts';

export interface RequestOptions {
  readonly host: Pick<Host, 'user'>;
  readonly folders: Pick<Folders, 'log'>;
  readonly version: string;
  readonly build: string;
  readonly core: OperationHost;
  readonly log: Log;
  readonly streams: StreamExchange;
  readonly face: ClientFace;
  /** lets the answer out, then leaves */
  readonly quit: () => void;
}

/** requests of one client under way at most */
const requestLimit = 256;

type Handler<N extends HelperOperationName> = (params: OperationParams<N>, context: OperationContext) => Promise<OperationResult<N>>;

/** Registers all operations on `channel`; the undo cancels what is under way. */
export function registerOperations(channel: MessageConnection, options: RequestOptions): Disposable {
  const gone = new AbortController();
  let underWay = 0;

  const serve = <N extends HelperOperationName>(name: N, handler: Handler<N>): void => {
    if (options.face === 'mcp' && !isForModels(name)) return;
    channel.onRequest(rpcMethod(name), async (raw: unknown, token: CancellationToken) => {
      const cancel = new AbortController();
      const signal = AbortSignal.any([gone.signal, cancel.signal]);
      const listener = token.onCancellationRequested(() => cancel.abort(cancelledError()));
      underWay += 1;
      try {
        if (underWay > requestLimit)
          throw new LassoError('BAD_REQUEST', 'Too many requests at once.', `Wait for answers; ${requestLimit} may be under way.`);
        return await handler(parse(name, raw), contextOf(channel, options, signal, raw));
      } catch (error) {
        throw responseErrorOf(error, name, signal, options.log, options.folders.log);
      } finally {
        underWay -= 1;
        listener.dispose();
      }
    });
  };

  serve('hello', () =>
    Promise.resolve({ version: options.version, build: options.build, pid: process.pid, sandboxes: options.core.busy() }),
  );
  serve('quit', () => {
    const count = options.core.busy();
    if (count > 0)
      return Promise.reject(new LassoError('HELPER_OUTDATED', `The helper still runs ${count} sandboxes.`, 'Run: lasso stop all'));
    options.quit();
    return Promise.resolve({});
  });
  for (const name of servedNames()) serveOne(name, options.core.operations);
  return { dispose: () => gone.abort(cancelledError()) };

  function serveOne<N extends ServedOperationName>(name: N, handlers: Pick<OperationHandlers, N>): void {
    serve(name, (params, context) => handlers[name](params, context));
  }
}

/** A server of tools is there for a model, which must not answer what a person is asked, or change what holds. */
function isForModels(name: HelperOperationName): boolean {
  const { mcp }: Operation = operations[name];
  return mcp !== undefined || name === 'hello' || name === 'quit' || name === 'hold';
}

/** Hostile input. @throws LassoError BAD_REQUEST naming the parameter and what is wrong with it */
function parse<N extends HelperOperationName>(name: N, raw: unknown): OperationParams<N> {
  const schema: z.ZodType = operations[name].params;
  const parsed = schema.safeParse(raw ?? {});
  if (!parsed.success) {
    const [first] = parsed.error.issues;
    const path = first?.path.map(String).join('.') ?? '';
    const details = parsed.error.issues
      .slice(0, 20)
      .map((issue) => `${issue.path.map(String).join('.') || 'parameters'}: ${issue.message}`);
    const message = `${name}: ${path === '' ? '' : `${path}: `}${first?.message ?? 'invalid parameters'}`;
    throw new LassoError('BAD_REQUEST', message, 'Correct the parameters and try again.', { details });
  }
  // The schema is the one that OperationParams<N> is inferred from, which the compiler cannot see for an open N.
  return parsed.data as OperationParams<N>;
}

function contextOf(channel: MessageConnection, options: RequestOptions, signal: AbortSignal, raw: unknown): OperationContext {
  const request = typeof raw === 'object' && raw !== null && 'request' in raw && typeof raw.request === 'string' ? raw.request : undefined;
  return {
    actor: { kind: options.face === 'mcp' ? 'agent' : 'user', face: options.face, user: options.host.user },
    signal,
    emit: (progress) => {
      if (request !== undefined && !signal.aborted) void channel.sendNotification(rpcNames.progress, { request, ...progress });
    },
    streams: { take: (token) => options.streams.take(token, signal) },
  };
}

function servedNames(): readonly ServedOperationName[] {
  return (Object.keys(operations) as (keyof typeof operations)[]).filter(
    (name): name is ServedOperationName => operations[name].runs === 'helper' && name !== 'hello' && name !== 'quit',
  );
}
