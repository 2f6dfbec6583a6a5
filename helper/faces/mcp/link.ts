/**
 * The server's way to the helper: connected when a tool is first called, found again when the helper went. What this server made is
 * held for as long as it is connected, so that a client that is gone, however it went, leaves no sandbox behind.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { LassoError } from '../../protocol/errors.ts';
import type { HelperOperationName, OperationInput, OperationResult } from '../../protocol/operations.ts';
import type { CallOptions, Connection } from '../cli/connection.ts';
import { lassoErrorOf } from './told.ts';

/** pauses before each attempt to find a lost helper again, in milliseconds */
const pausesMs = [100, 500, 2000, 8000] as const;

export class HelperLink {
  readonly #connect: () => Promise<Connection>;
  readonly #warn: (message: string) => void;
  /** sandboxes this server made */
  readonly #held = new Set<string>();
  #connection: Promise<Connection> | undefined;
  #over = false;

  constructor(connect: () => Promise<Connection>, warn: (message: string) => void) {
    this.#connect = connect;
    this.#warn = warn;
  }

  /** @throws LassoError as the helper threw it, HELPER_UNREACHABLE when none can be had or it was lost meanwhile */
  async call<N extends HelperOperationName>(name: N, params: OperationInput<N>, options: CallOptions = {}): Promise<OperationResult<N>> {
    const connection = await this.#open();
    return await connection.call(name, params, options);
  }

  /** Keeps a sandbox for as long as this server is there. */
  hold(id: string): void {
    this.#held.add(id);
    void this.#open().then(
      (connection) => this.#holdOn(connection, id),
      () => undefined,
    );
  }

  /** Lets go of the helper, and so of every sandbox that was held. */
  async dispose(): Promise<void> {
    this.#over = true;
    const connection = await this.#connection?.catch(() => undefined);
    await connection?.dispose();
  }

  #open(): Promise<Connection> {
    if (this.#over) return Promise.reject(new LassoError('CANCELLED', 'The server is ending.', 'Start it again.'));
    this.#connection ??= this.#connected();
    return this.#connection;
  }

  async #connected(): Promise<Connection> {
    const opened = this.#connect();
    try {
      const connection = await opened;
      if (this.#over) await connection.dispose();
      void connection.closed?.then(() => this.#lost());
      for (const id of this.#held) this.#holdOn(connection, id);
      return connection;
    } catch (error) {
      this.#connection = undefined;
      throw error;
    }
  }

  /** The request lasts as long as the sandbox or the connection. */
  #holdOn(connection: Connection, id: string): void {
    connection.call('hold', { sandbox: id }).then(
      () => this.#held.delete(id),
      (error: unknown) => {
        if (lassoErrorOf(error)?.code === 'SANDBOX_UNKNOWN') this.#held.delete(id);
      },
    );
  }

  #lost(): void {
    this.#connection = undefined;
    // Sandboxes wait only a little for a helper to come back.
    if (!this.#over && this.#held.size > 0) void this.#comeBack();
  }

  async #comeBack(): Promise<void> {
    this.#warn('the helper went away; looking for it again');
    for (const pauseMs of pausesMs) {
      await delay(pauseMs, undefined, { ref: false });
      if (this.#over) return;
      try {
        await this.#open();
        return;
      } catch (error) {
        this.#warn(error instanceof Error ? error.message : String(error));
      }
    }
  }
}
