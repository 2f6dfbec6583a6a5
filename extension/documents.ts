/** Read-only documents that the extension writes itself: made when asked for, kept only while open. */
import * as vscode from 'vscode';
import { Lifetime } from './lifetime.ts';

const scheme = 'lasso';

export class Documents implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #lifetime = new Lifetime();
  readonly #changes = this.#lifetime.own(new vscode.EventEmitter<vscode.Uri>());
  readonly #texts = new Map<string, string>();
  readonly onDidChange = this.#changes.event;

  constructor() {
    this.#lifetime.own(vscode.workspace.registerTextDocumentContentProvider(scheme, this));
    this.#lifetime.own(vscode.workspace.onDidCloseTextDocument(({ uri }) => uri.scheme === scheme && this.#texts.delete(uri.toString())));
  }

  /**
   * Puts text under a name, `/LASSO Doctor.md`; a document that is open already shows the new text.
   * @param state tells texts of one name apart, which are shown as the same file
   */
  put(name: string, text: string, state = ''): vscode.Uri {
    const uri = vscode.Uri.from({ scheme, path: name, query: state });
    this.#texts.set(uri.toString(), text);
    this.#changes.fire(uri);
    return uri;
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.toString()) ?? 'This document was closed. Run the command again.\n';
  }

  dispose(): void {
    this.#lifetime.dispose();
  }
}
