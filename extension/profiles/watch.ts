/** Connects to the helper when a profile is opened, so that it is checked while it is written. */
import * as vscode from 'vscode';
import type { Context } from '../context.ts';
import { Lifetime, type Disposable } from '../lifetime.ts';

export function watchProfiles({ helper }: Context): Disposable {
  const lifetime = new Lifetime();
  const look = ({ languageId }: vscode.TextDocument): void => {
    if (languageId !== 'lasso-profile' || !vscode.workspace.isTrusted) return;
    // A failure is in the helper's state and its log; nobody asked for a message.
    void helper.connect().catch(() => undefined);
  };
  lifetime.own(vscode.workspace.onDidOpenTextDocument(look));
  vscode.workspace.textDocuments.forEach(look);
  return lifetime;
}
