/** What every file of the suite needs: the extension under test, and waiting for something to become true. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Extension } from '../../../extension/main.ts';

export async function activated(): Promise<Extension> {
  const extension = vscode.extensions.getExtension<Extension>('lasso.lasso');
  assert.ok(extension, 'the extension is there');
  return extension.activate();
}

/** Resolves to the first value that is neither false nor undefined. */
export async function until<T>(what: string, look: () => T | false | undefined | Promise<T | false | undefined>): Promise<T> {
  const end = performance.now() + 40_000;
  for (;;) {
    const value = await look();
    if (value !== false && value !== undefined) return value;
    if (performance.now() > end) throw new Error(`never came true: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export const sampleFile = (name: string): vscode.Uri => {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder, 'a folder is open');
  return vscode.Uri.joinPath(folder.uri, name);
};
