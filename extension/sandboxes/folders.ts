/** The folders of this window that can become a sandbox's workspace. */
import { realpathSync } from 'node:fs';
import * as vscode from 'vscode';
import { Failure } from '../failure.ts';

export const foldersHere = (): readonly string[] =>
  (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath);

/**
 * The only folder, or the one a person picks; undefined when they pick none.
 * @throws Failure when no folder is open
 */
export async function chooseFolder(): Promise<string | undefined> {
  const folders = foldersHere();
  if (folders.length === 0) {
    throw new Failure('No folder is open.', {
      hint: 'Open the folder that shall become /workspace in the sandbox.',
      code: 'WORKSPACE_MISSING',
    });
  }
  if (folders.length === 1) return folders[0];
  const picked = await vscode.window.showWorkspaceFolderPick({ placeHolder: 'Folder that becomes /workspace in the sandbox' });
  return picked?.uri.fsPath;
}

/** True when two paths lead to the same folder or file; the helper names them with their links resolved. */
export const sameFolder = (a: string, b: string): boolean => a === b || resolved(a) === resolved(b);

function resolved(folder: string): string {
  try {
    return realpathSync.native(folder);
  } catch {
    return folder;
  }
}
