/**
 * Answers the helper when a profile names `vscode:NAME`: while it is connected, this window is there to answer. A value goes over
 * a stream of the helper's own socket, which only this user can open, and is in no message.
 */
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { LassoEvent } from '../../helper/protocol/events.ts';
import { failureOf } from '../failure.ts';
import type { Helper } from '../helper.ts';
import { Lifetime, type Disposable } from '../lifetime.ts';
import type { Log } from '../log.ts';
import type { KeptSecrets } from './kept.ts';

export function answerSecrets(helper: Helper, kept: KeptSecrets, log: Log): Disposable {
  const lifetime = new Lifetime();
  let attending: vscode.CancellationTokenSource | undefined;
  const leave = (): void => {
    attending?.cancel();
    attending?.dispose();
    attending = undefined;
  };
  const attend = (): void => {
    leave();
    const source = new vscode.CancellationTokenSource();
    attending = source;
    helper.request('secretAttend', {}, { cancellation: source.token }).catch((error: unknown) => {
      if (!source.token.isCancellationRequested) log.warn(`being there to answer for secrets: ${failureOf(error).message}`);
    });
  };
  lifetime.own(
    helper.onState(({ kind }) => {
      if (kind === 'connected') attend();
      else if (kind !== 'connecting') leave();
    }),
  );
  lifetime.own(
    helper.onEvent((event) => {
      if (event.type !== 'secret-wanted') return;
      answer(helper, kept, event).catch((error: unknown) =>
        log.warn(`answering for the secret ${event.name}: ${failureOf(error).message}`),
      );
    }),
  );
  lifetime.defer(leave);
  return lifetime;
}

async function answer(helper: Helper, kept: KeptSecrets, { id, name }: Extract<LassoEvent, { type: 'secret-wanted' }>): Promise<void> {
  const value = await kept.value(name);
  if (value === undefined) {
    await helper.request('secretAnswer', { id });
    return;
  }
  const stream = randomBytes(32).toString('hex');
  await Promise.all([helper.request('secretAnswer', { id, stream }), helper.send(stream, value)]);
}
