/** Storing and removing secrets in VS Code's own store. What is typed is hidden, and goes nowhere but there. */
import * as vscode from 'vscode';
import type { Action } from '../actions.ts';
import { type KeptSecrets, nameFault } from './kept.ts';

export function secretActions(kept: KeptSecrets): Readonly<Record<`lasso.${string}`, Action>> {
  return { 'lasso.storeSecret': () => storeSecret(kept), 'lasso.removeSecret': () => removeSecret(kept) };
}

async function storeSecret(kept: KeptSecrets): Promise<void> {
  const name = await vscode.window.showInputBox({
    title: 'Store Secret (1/2)',
    prompt: 'A profile uses it with from = "vscode:NAME".',
    placeHolder: 'Name, such as npm',
    ignoreFocusOut: true,
    validateInput: nameFault,
  });
  if (name === undefined) return;
  const value = await vscode.window.showInputBox({
    title: 'Store Secret (2/2)',
    prompt: `Value of ${name}. VS Code keeps it encrypted; no agent sees it.`,
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) => (text === '' ? 'Paste or type the value.' : undefined),
  });
  if (value === undefined) return;
  await kept.store(name, value);
  void vscode.window.showInformationMessage(`Stored. A profile uses it with from = "vscode:${name}".`);
}

async function removeSecret(kept: KeptSecrets): Promise<void> {
  if (kept.names.length === 0) {
    void vscode.window.showInformationMessage('VS Code keeps no secret for LASSO.');
    return;
  }
  const name = await vscode.window.showQuickPick([...kept.names], { title: 'Remove Secret', placeHolder: 'Which one' });
  if (name === undefined) return;
  await kept.remove(name);
  void vscode.window.showInformationMessage(`The secret ${name} is removed.`);
}
