/** Tells a person that something failed: what happened, what to do, and the way there as buttons. */
import * as vscode from 'vscode';
import { failureOf, type Failure } from './failure.ts';
import type { Log } from './log.ts';
import { sentence, unlinked } from './visible.ts';

/** Shows it and returns at once; what a person took back is not an error. */
export function showFailure(error: unknown, log: Log): void {
  const failure = failureOf(error);
  if (failure.code === 'CANCELLED') return;
  log.error([failure.message, failure.hint, ...failure.details].filter((line) => line !== '').join('\n'));
  const text = failure.hint === '' ? failure.message : `${sentence(failure.message)} ${failure.hint}`;
  const buttons = buttonsFor(failure);
  void vscode.window.showErrorMessage(unlinked(text), ...Object.keys(buttons)).then((chosen) => {
    const command = chosen === undefined ? undefined : buttons[chosen];
    return command === undefined ? undefined : vscode.commands.executeCommand(command);
  });
}

function buttonsFor(failure: Failure): Readonly<Record<string, string>> {
  if (!vscode.workspace.isTrusted) return { 'Manage Workspace Trust': 'workbench.trust.manage' };
  const { code = 'INTERNAL' } = failure;
  // Doctor runs in the helper: no use where that cannot be had.
  const first = code === 'IMAGE_MISSING' ? prebuild : code.startsWith('HELPER_') ? {} : doctor;
  return { ...first, 'Show Log': 'lasso.showLog' };
}

const doctor = { 'Run Doctor': 'lasso.doctor' } as const;
const prebuild = { 'Prebuild Images': 'lasso.prebuild' } as const;
