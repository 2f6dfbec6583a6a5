/**
 * The questions that wait for a person, as the helper tells them. While it is connected this window is there to answer;
 * nothing is connected for that alone, nor in a workspace that is not trusted.
 */
import * as vscode from 'vscode';
import type { Approval } from '../../helper/protocol/approval.ts';
import type { LassoEvent } from '../../helper/protocol/events.ts';
import { failureOf } from '../failure.ts';
import type { Helper } from '../helper.ts';
import { Lifetime } from '../lifetime.ts';
import type { Log } from '../log.ts';

export class ApprovalList implements vscode.Disposable {
  readonly #helper: Helper;
  readonly #log: Log;
  readonly #lifetime = new Lifetime();
  readonly #changes = this.#lifetime.own(new vscode.EventEmitter<undefined>());
  readonly #asked: vscode.EventEmitter<Approval> = this.#lifetime.own(new vscode.EventEmitter());
  readonly #settled = this.#lifetime.own(new vscode.EventEmitter<string>());
  readonly #open = new Map<string, Approval>();
  readonly onChange = this.#changes.event;
  /** each question once */
  readonly onAsked = this.#asked.event;
  /** its id, when it was answered here or elsewhere, or is over */
  readonly onSettled = this.#settled.event;
  #attending: vscode.CancellationTokenSource | undefined;

  constructor(helper: Helper, log: Log) {
    this.#helper = helper;
    this.#log = log;
    this.#lifetime.own(helper.onEvent((event) => this.#take(event)));
    this.#lifetime.own(
      helper.onState(({ kind }) => {
        if (kind === 'connected') this.#attend();
        else if (kind !== 'connecting') this.#leave();
      }),
    );
    this.#lifetime.defer(() => this.#leave());
  }

  /** the oldest first */
  get all(): readonly Approval[] {
    return [...this.#open.values()];
  }

  get(id: string): Approval | undefined {
    return this.#open.get(id);
  }

  dispose(): void {
    this.#lifetime.dispose();
  }

  #attend(): void {
    this.#leave();
    const attending = new vscode.CancellationTokenSource();
    this.#attending = attending;
    this.#helper.request('attend', {}, { cancellation: attending.token }).catch((error: unknown) => {
      if (!attending.token.isCancellationRequested) this.#log.warn(`being there to answer: ${failureOf(error).message}`);
    });
    this.#helper.request('approvals', {}).then(
      ({ approvals }) => approvals.forEach((approval) => this.#take({ type: 'approval', approval })),
      (error: unknown) => this.#log.warn(`list of questions: ${failureOf(error).message}`),
    );
  }

  #leave(): void {
    this.#attending?.cancel();
    this.#attending?.dispose();
    this.#attending = undefined;
    for (const id of [...this.#open.keys()]) this.#close(id);
  }

  #take(event: LassoEvent): void {
    switch (event.type) {
      case 'approval':
        if (this.#open.has(event.approval.id)) return;
        this.#open.set(event.approval.id, event.approval);
        this.#changes.fire(undefined);
        this.#asked.fire(event.approval);
        return;
      case 'approval-settled':
        return this.#close(event.id);
      case 'sandbox':
      case 'removed':
      case 'blocked':
      case 'secret-wanted':
      case 'terminal-exit':
        return;
    }
  }

  #close(id: string): void {
    if (!this.#open.delete(id)) return;
    this.#changes.fire(undefined);
    this.#settled.fire(id);
  }
}
