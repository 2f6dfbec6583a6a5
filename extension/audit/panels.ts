/**
 * The audit pages of this window: one for each record, shown again after the window was loaded anew. A page may run its own
 * script and read its own style, both from one folder, and nothing else.
 */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Context } from '../context.ts';
import { Failure } from '../failure.ts';
import { Lifetime } from '../lifetime.ts';
import { showFailure } from '../notice.ts';
import { openRule } from '../profiles/rule.ts';
import { visible } from '../visible.ts';
import { sandboxOf } from './asks.ts';
import { Conversation } from './conversation.ts';
import { saveRecord } from './save.ts';

const viewType = 'lasso.audit';

export class AuditPanels implements vscode.Disposable {
  readonly #context: Context;
  readonly #lifetime = new Lifetime();
  readonly #panels = new Map<string, vscode.WebviewPanel>();

  constructor(context: Context) {
    this.#context = context;
    this.#lifetime.own(
      vscode.window.registerWebviewPanelSerializer(viewType, {
        deserializeWebviewPanel: async (panel, state) => {
          const sandbox = sandboxOf(state);
          if (sandbox === undefined || this.#panels.has(sandbox)) panel.dispose();
          else this.#fill(panel, sandbox);
        },
      }),
    );
  }

  /** Shows the page that is there, or a new one. @throws Failure for what cannot be a record's id */
  show(sandbox: string, name: string): void {
    if (sandboxOf({ sandbox }) === undefined) throw new Failure(`There is no record “${visible(sandbox)}”.`);
    const shown = this.#panels.get(sandbox);
    if (shown) return shown.reveal();
    this.#fill(vscode.window.createWebviewPanel(viewType, titleOf(name), vscode.ViewColumn.Active, this.#options()), sandbox);
  }

  dispose(): void {
    this.#lifetime.dispose();
  }

  #options(): vscode.WebviewOptions {
    return { enableScripts: true, enableForms: false, enableCommandUris: false, localResourceRoots: [this.#folder()] };
  }

  #folder(): vscode.Uri {
    return vscode.Uri.file(path.join(path.dirname(this.#context.program), 'media'));
  }

  #fill(panel: vscode.WebviewPanel, sandbox: string): void {
    const { helper, log } = this.#context;
    const { webview } = panel;
    const life = new Lifetime();
    const conversation = new Conversation(sandbox, {
      request: (name, params) => helper.request(name, params),
      post: (news) => void webview.postMessage(news),
      name: () => nameIn(panel.title),
      named: (name) => (panel.title = titleOf(name)),
      openRule: (origin) => openRule(this.#context, origin, sandbox),
      copy: (text) => vscode.env.clipboard.writeText(text),
      save: (format, filter) => saveRecord(this.#context, { sandbox, name: nameIn(panel.title) }, format, filter),
      failed: (error) => showFailure(error, log),
    });
    this.#panels.set(sandbox, panel);
    life.own(conversation);
    life.own(webview.onDidReceiveMessage((message: unknown) => conversation.take(message)));
    life.own(
      helper.onEvent((event) => {
        if (event.type === 'blocked' && event.sandbox === sandbox) conversation.post({ kind: 'stir' });
      }),
    );
    life.own(
      helper.onState(({ kind }) => {
        if (kind === 'lost' || kind === 'connected') conversation.post({ kind: 'helper', there: kind === 'connected' });
      }),
    );
    life.defer(() => this.#panels.delete(sandbox));
    const ended = panel.onDidDispose(() => life.dispose());
    // When the extension ends the window may stay: the page is left to be restored by the next one.
    this.#lifetime.own({ dispose: () => (ended.dispose(), life.dispose()) });
    webview.options = this.#options();
    const uri = (name: string): vscode.Uri => webview.asWebviewUri(vscode.Uri.joinPath(this.#folder(), name));
    webview.html = pageOf(sandbox, { script: uri('audit.js'), style: uri('audit.css'), source: webview.cspSource });
  }
}

const titleOf = (name: string): string => `Record: ${name}`;
const nameIn = (title: string): string => title.replace(/^Record: /, '');

/** Nothing in it comes from a record: `sandbox` is letters, digits and dashes. */
function pageOf(
  sandbox: string,
  { script, style, source }: { readonly script: vscode.Uri; readonly style: vscode.Uri; readonly source: string },
): string {
  const nonce = randomBytes(16).toString('hex');
  const rules = `default-src 'none'; style-src ${source}; script-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${rules}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${style.toString()}">
<title>Record</title>
</head>
<body>
<main id="page" data-sandbox="${sandbox}"></main>
<script nonce="${nonce}" src="${script.toString()}"></script>
</body>
</html>`;
}
