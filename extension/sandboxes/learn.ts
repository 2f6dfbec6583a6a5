/**
 * “Learn Profile from Session”: a sandbox is let do what its profile does not list, until the same action ends it; then the least
 * profile that would have allowed it is shown, and saved only when a person says so.
 */
import * as vscode from 'vscode';
import type { SandboxInfo } from '../../helper/protocol/sandbox.ts';
import type { Action } from '../actions.ts';
import { offerChange } from '../approvals/change.ts';
import type { Context } from '../context.ts';
import { quoted, unlinked } from '../visible.ts';
import { requestInView } from '../work.ts';
import { chooseSandbox } from './choose.ts';

const begin = 'Let It Learn';
const detail =
  'Until you end it, programs and hosts that its profile does not list are let through, and all of it is on record. What the profile refuses by name, and what is closed in every profile, stays refused.';

/** `learning`, the number of lessons, or undefined where nothing was begun. */
export function learnProfile(context: Context): Action {
  return async (argument) => {
    const sandbox = await chooseSandbox(context, argument, 'Learn a Profile from a Sandbox', ({ state }) => state === 'running');
    if (!sandbox) return undefined;
    return sandbox.learning === true ? await end(context, sandbox) : await start(context, sandbox);
  };
}

async function start(context: Context, sandbox: SandboxInfo): Promise<'learning' | undefined> {
  const question = unlinked(`Let ${sandbox.name} learn what its profile lacks?`);
  if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, begin)) !== begin) return undefined;
  context.sandboxes.add(await requestInView(context, 'learningStart', { sandbox: sandbox.id }));
  void vscode.window.showInformationMessage(
    unlinked(`${sandbox.name} learns. Call “LASSO: Learn Profile from Session” again when it is done.`),
  );
  return 'learning';
}

async function end(context: Context, { id, name }: SandboxInfo): Promise<number> {
  const { lessons, change } = await requestInView(context, 'learningEnd', { sandbox: id });
  if (change) {
    const offer = {
      id,
      title: 'what was needed',
      question: `Save what ${quoted(name, 80)} needed?`,
      again: 'Let it learn again.',
    };
    await offerChange(context, offer, change);
  } else {
    const why = lessons === 0 ? 'needed nothing more than its profile allows' : 'needed what no profile can say; its record tells';
    void vscode.window.showInformationMessage(unlinked(`${name} ${why}.`));
  }
  return lessons;
}
