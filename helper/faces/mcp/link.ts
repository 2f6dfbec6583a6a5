/**
 * The server's way to the helper: connected when a tool is first called, found again when the helper went. What this server made is
 * held for as long as it is connected, so that a client that is gone, however it went, leaves no sandbox behind.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { LassoError } from '../../protocol/errors.ts';
import { type HelperOperationName, type OperationInput, type OperationResult, operations } from '../../protocol/operations.ts';
import type { CallOptions, Connection } from '../cli/connection.ts';
import { lassoErrorOf } from './told.ts';

/** pauses before each attempt to find a lost helper again, in milliseconds */
const pausesMs = [100, 500, 2000, 8000] as const;

export class HelperLink {
  readonly #connect: () => Promise<Connection>;
  readonly #warn: (message: string) => void;
  /** sandboxes this server made */
  readonly #held = new Set<string>();
  #opening: Promise<Connection> | undefined;
  #current: Connection | undefined;
  #over = false;

  constructor(connect: () => Promise<Connection>, warn: (message: string) => void) {
    this.#connect = connect;
    this.#warn = warn;
  }

  /** @throws LassoError as the helper threw it, HELPER_UNREACHABLE when none can be had or it was lost meanwhile */
  async call<N extends HelperOperationName>(name: N, params: OperationInput<N>, options: CallOptions = {}): Promise<OperationResult<N>> {
    const connection = await this.#open();
    try {
      return await connection.call(name, params, options);
    } catch (error) {
      // What only looks may be asked again: the helper was killed, or has just made room for a newer one.
      if (lassoErrorOf(error)?.code !== 'HELPER_UNREACHABLE' || operations[name].effect !== 'read') throw error;
      this.#forget(connection);
      return await (await this.#open()).call(name, params, options);
    }
  }

  /** Keeps a sandbox for as long as this server is there. */
  hold(id: string): void {
    this.#held.add(id);
    // Whoever connects holds all there are.
    if (this.#current) this.#holdOn(this.#current, id);
    else void this.#open().catch(() => undefined);
  }

  /** Lets go of the helper, and so of every sandbox that was held. */
  async dispose(): Promise<void> {
    this.#over = true;
    const connection = await this.#opening?.catch(() => undefined);
    await connection?.dispose();
  }

  #open(): Promise<Connection> {
    if (this.#over) return Promise.reject(new LassoError('CANCELLED', 'The server is ending.', 'Start it again.'));
    this.#opening ??= this.#connected();
    return this.#opening;
  }

  async #connected(): Promise<Connection> {
    try {
      const connection = await this.#connect();
      if (this.#over) await connection.dispose();
      this.#current = connection;
      void connection.closed?.then(() => this.#lost(connection));
      for (const id of this.#held) this.#holdOn(connection, id);
      return connection;
    } catch (error) {
      this.#opening = undefined;
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

  #lost(connection: Connection): void {
    this.#forget(connection);
    // Sandboxes wait only a little for a helper to come back.
    if (!this.#over && this.#held.size > 0) void this.#comeBack();
  }

  /** The next call finds a helper anew; one that was found meanwhile stays. */
  #forget(connection: Connection): void {
    if (this.#current === connection) this.#opening = this.#current = undefined;
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
