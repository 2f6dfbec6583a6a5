/**
 * The way to the helper for all of the extension: connects when somebody first needs it, tells what it hears, and comes
 * back with growing pauses when the helper was lost. It starts nothing in a workspace that is not trusted.
 */
import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { LassoEvent, Progress } from '../helper/protocol/events.ts';
import type { HelperOperationName, OperationInput, OperationResult } from '../helper/protocol/operations.ts';
import { connect, type Connection } from './connection.ts';
import { Failure, failureOf } from './failure.ts';
import { ensureHelper } from './launch.ts';
import { Lifetime } from './lifetime.ts';
import type { Log } from './log.ts';

export type HelperState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'connecting' }
  | { readonly kind: 'connected' }
  | { readonly kind: 'lost' }
  | { readonly kind: 'unreachable'; readonly failure: Failure };

export interface RequestOptions {
  readonly cancellation?: vscode.CancellationToken;
  readonly progress?: (progress: Progress) => void;
}

/** pauses before each attempt to find a lost helper again; after the last one it waits to be asked */
const retryMs = [300, 1000, 3000, 10_000] as const;
/** a connection that held this long was a good one, in milliseconds */
const steadyMs = 30_000;

export class Helper implements vscode.Disposable {
  readonly #log: Log;
  /** path of the `lasso` program */
  readonly #program: string;
  readonly #lifetime = new Lifetime();
  readonly #events: vscode.EventEmitter<LassoEvent> = this.#lifetime.own(new vscode.EventEmitter());
  readonly #states = this.#lifetime.own(new vscode.EventEmitter<HelperState>());
  readonly #listeners = new Map<string, (progress: Progress) => void>();
  readonly onEvent = this.#events.event;
  readonly onState = this.#states.event;
  #state: HelperState = { kind: 'idle' };
  #connection: Promise<Connection> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #connectedMs = 0;
  /** how often in a row it went away soon after it was found */
  #soonLost = 0;

  constructor(program: string, log: Log) {
    this.#program = program;
    this.#log = log;
    this.#lifetime.defer(() => {
      clearTimeout(this.#retry);
      void this.#connection?.then(
        (connection) => connection.dispose(),
        () => undefined,
      );
    });
  }

  get state(): HelperState {
    return this.#state;
  }

  /** @throws Failure when no helper can be had */
  async connect(): Promise<Connection> {
    if (!vscode.workspace.isTrusted) {
      throw new Failure('LASSO does nothing in a workspace that is not trusted.', { hint: 'Trust the workspace first.' });
    }
    clearTimeout(this.#retry);
    this.#connection ??= this.#open();
    return this.#connection;
  }

  /** @throws Failure */
  async request<N extends HelperOperationName>(
    name: N,
    params: OperationInput<N>,
    options: RequestOptions = {},
  ): Promise<OperationResult<N>> {
    const connection = await this.connect();
    const started = performance.now();
    const id = randomUUID();
    if (options.progress) this.#listeners.set(id, options.progress);
    try {
      return await connection.request(name, options.progress ? { ...params, request: id } : params, options.cancellation);
    } catch (error) {
      throw failureOf(error);
    } finally {
      this.#listeners.delete(id);
      this.#log.debug(`${name}: ${Math.round(performance.now() - started)} ms`);
    }
  }

  /** Sends a text over a stream that a request has named or will name. @throws Failure */
  async send(stream: string, text: string): Promise<void> {
    const connection = await this.connect();
    await connection.send(stream, text);
  }

  dispose(): void {
    this.#lifetime.dispose();
  }

  async #open(): Promise<Connection> {
    this.#become({ kind: 'connecting' });
    try {
      const address = await ensureHelper(this.#program, process.env);
      const connection = await connect(address, this.#log, {
        event: (event) => this.#events.fire(event),
        progress: (progress) => {
          if (progress.detail !== undefined) this.#log.info(progress.detail);
          this.#listeners.get(progress.request)?.(progress);
        },
        lost: () => this.#lost(),
      });
      if (this.#lifetime.over) connection.dispose();
      this.#log.info(`connected to helper ${address.version} at ${address.socket}`);
      this.#connectedMs = performance.now();
      this.#become({ kind: 'connected' });
      return connection;
    } catch (error) {
      this.#connection = undefined;
      const failure = failureOf(error);
      this.#log.error([failure.message, failure.hint, ...failure.details].join('\n'));
      this.#become({ kind: 'unreachable', failure });
      throw failure;
    }
  }

  #lost(): void {
    if (this.#lifetime.over || this.#state.kind !== 'connected') return;
    this.#connection = undefined;
    this.#log.warn('the helper went away');
    this.#soonLost = performance.now() - this.#connectedMs > steadyMs ? 0 : this.#soonLost + 1;
    if (this.#soonLost > retryMs.length) {
      const failure = new Failure('The LASSO helper ends as soon as it is started.', {
        code: 'HELPER_UNREACHABLE',
        hint: 'Its log, helper.log in the folder of LASSO, says why.',
      });
      return this.#become({ kind: 'unreachable', failure });
    }
    this.#become({ kind: 'lost' });
    this.#comeBack(Math.max(0, this.#soonLost - 1));
  }

  #comeBack(attempt: number): void {
    const pauseMs = retryMs[attempt];
    if (pauseMs === undefined || this.#lifetime.over) return;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      this.connect().catch(() => this.#comeBack(attempt + 1));
    }, pauseMs);
  }

  #become(state: HelperState): void {
    this.#state = state;
    if (!this.#lifetime.over) this.#states.fire(state);
  }
}
