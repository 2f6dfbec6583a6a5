/** Shows the file of a profile, at the line where something was written. */
import * as vscode from 'vscode';

/** @param line 1-based; the beginning where it is left out */
export function openFile(file: string, line?: number): Thenable<vscode.TextEditor> {
  const at = new vscode.Position(Math.max(0, (line ?? 1) - 1), 0);
  return vscode.window.showTextDocument(vscode.Uri.file(file), {
    preview: true,
    ...(line === undefined ? {} : { selection: new vscode.Range(at, at) }),
  });
}
