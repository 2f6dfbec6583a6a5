/** The sandboxes as the helper tells them: a full list on connecting, then one event at a time. Nothing is polled. */
import * as vscode from 'vscode';
import type { LassoEvent } from '../../helper/protocol/events.ts';
import type { SandboxInfo } from '../../helper/protocol/sandbox.ts';
import type { Helper } from '../helper.ts';
import { Lifetime } from '../lifetime.ts';
import type { Log } from '../log.ts';
import { failureOf } from '../failure.ts';
import { withBlocked, type Blocked } from './blocked.ts';

export class SandboxList implements vscode.Disposable {
  readonly #helper: Helper;
  readonly #log: Log;
  readonly #lifetime = new Lifetime();
  readonly #changes = this.#lifetime.own(new vscode.EventEmitter<undefined>());
  readonly #known = new Map<string, SandboxInfo>();
  readonly #blocked = new Map<string, Blocked>();
  #loading: Promise<void> | undefined;
  readonly onChange = this.#changes.event;

  constructor(helper: Helper, log: Log) {
    this.#helper = helper;
    this.#log = log;
    this.#lifetime.own(helper.onEvent((event) => this.#take(event)));
    this.#lifetime.own(
      helper.onState(({ kind }) => {
        if (kind === 'connected') void this.load();
        if (kind === 'unreachable') this.#known.clear();
        this.#changes.fire(undefined);
      }),
    );
  }

  /** running ones first, the newest first */
  get all(): readonly SandboxInfo[] {
    return [...this.#known.values()].sort(
      (a, b) => Number(isLive(b)) - Number(isLive(a)) || b.createdAt.localeCompare(a.createdAt) || a.id.localeCompare(b.id),
    );
  }

  get(id: string): SandboxInfo | undefined {
    return this.#known.get(id);
  }

  /** what was blocked in it since this window looks */
  blockedIn(id: string): Blocked | undefined {
    return this.#blocked.get(id);
  }

  /** Takes in what an operation answered, in case its event comes later. */
  add(sandbox: SandboxInfo): void {
    this.#take({ type: 'sandbox', sandbox });
  }

  /** Asks for the whole list; settles when it is there or cannot be had. Failures show in the helper's state. */
  load(): Promise<void> {
    this.#loading ??= this.#load().finally(() => (this.#loading = undefined));
    return this.#loading;
  }

  dispose(): void {
    this.#lifetime.dispose();
  }

  async #load(): Promise<void> {
    try {
      const { sandboxes } = await this.#helper.request('status', {});
      this.#known.clear();
      for (const sandbox of sandboxes) this.#known.set(sandbox.id, sandbox);
      this.#changes.fire(undefined);
    } catch (error) {
      this.#log.warn(`list of sandboxes: ${failureOf(error).message}`);
    }
  }

  #take(event: LassoEvent): void {
    switch (event.type) {
      case 'sandbox':
        this.#known.set(event.sandbox.id, event.sandbox);
        break;
      case 'removed':
        this.#known.delete(event.id);
        this.#blocked.delete(event.id);
        break;
      case 'blocked':
        this.#blocked.set(event.sandbox, withBlocked(this.#blocked.get(event.sandbox), event));
        break;
      case 'secret-wanted':
      case 'terminal-exit':
      case 'approval':
      case 'approval-settled':
        return;
    }
    this.#changes.fire(undefined);
  }
}

export const isLive = ({ state }: SandboxInfo): boolean => state === 'running' || state === 'suspended';
