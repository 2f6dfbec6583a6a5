/**
 * Profiles as documents: gives those in the user's own folders and the built-in ones their language, keeps the built-in
 * ones from being changed by mistake, connects to the helper when one is opened, and looks again when files change.
 */
import path from 'node:path';
import * as vscode from 'vscode';
import type { Context } from '../context.ts';
import { Lifetime, type Disposable } from '../lifetime.ts';
import { liesIn, profileFolders } from './documents.ts';
import { watchProfileFiles } from './files.ts';

export const languageId = 'lasso-profile';

export function watchProfiles(context: Context): Disposable {
  const { helper, profiles } = context;
  const lifetime = new Lifetime();
  const folders = profileFolders(process.env);
  const builtIn = builtInOf(context);

  const look = (document: vscode.TextDocument): void => {
    const mine = liesIn(document.uri.fsPath, folders) || builtIn(document.uri);
    if (document.uri.scheme !== 'file' || !(mine || document.languageId === languageId)) return;
    // A language that somebody else gave it stays; what the helper knows is shown all the same.
    if (mine && document.languageId === 'plaintext') void vscode.languages.setTextDocumentLanguage(document, languageId);
    // A failure is in the helper's state and its log; nobody asked for a message.
    if (vscode.workspace.isTrusted) void helper.connect().catch(() => undefined);
  };
  lifetime.own(vscode.workspace.onDidOpenTextDocument(look));
  lifetime.own(vscode.workspace.onDidGrantWorkspaceTrust(() => vscode.workspace.textDocuments.forEach(look)));
  vscode.workspace.textDocuments.forEach(look);

  const kept = new Set<string>();
  const keep = (editor: vscode.TextEditor | undefined): void => {
    if (!editor || !builtIn(editor.document.uri) || kept.has(editor.document.uri.path)) return;
    kept.add(editor.document.uri.path);
    void vscode.commands.executeCommand('workbench.action.files.setActiveEditorReadonlyInSession');
  };
  lifetime.own(vscode.window.onDidChangeActiveTextEditor(keep));
  keep(vscode.window.activeTextEditor);

  for (const watcher of watchProfileFiles()) {
    lifetime.own(watcher);
    for (const event of [watcher.onDidChange, watcher.onDidCreate, watcher.onDidDelete]) lifetime.own(event(() => profiles.refresh()));
  }
  return lifetime;
}

/** True for the files that the program brings: the extension's own, and those of the helper that runs. */
function builtInOf({ profiles, program }: Context): (uri: vscode.Uri) => boolean {
  const own = path.join(path.dirname(path.dirname(program)), 'profiles');
  return ({ scheme, fsPath }) =>
    scheme === 'file' &&
    ((liesIn(fsPath, [own]) && path.basename(fsPath) !== 'hosts.toml') ||
      profiles.all.some(({ source, file }) => source === 'built-in' && file === fsPath));
}
