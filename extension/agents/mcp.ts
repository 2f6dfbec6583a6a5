/**
 * LASSO's tools for VS Code's agent mode: one server for each folder of a trusted workspace, which agent mode may use instead of the
 * host's shell. Nothing runs until agent mode starts it, and it is bound to its folder.
 */
import * as vscode from 'vscode';
import { setAside } from '../launch.ts';
import { Lifetime, type Disposable } from '../lifetime.ts';
import { readSettings } from '../settings.ts';

/** as package.json contributes it */
const providerId = 'lasso.mcp';

/** @param program path of the `lasso` program that comes with the extension */
export class ToolServers implements vscode.McpServerDefinitionProvider<vscode.McpStdioServerDefinition>, Disposable {
  readonly #lifetime = new Lifetime();
  readonly #changed = this.#lifetime.own(new vscode.EventEmitter<void>());
  readonly #program: string;
  readonly #version: string;
  readonly onDidChangeMcpServerDefinitions = this.#changed.event;

  constructor(program: string, version: string) {
    this.#program = program;
    this.#version = version;
    const change = (): void => this.#changed.fire();
    this.#lifetime.own(vscode.workspace.onDidChangeWorkspaceFolders(change));
    this.#lifetime.own(vscode.workspace.onDidGrantWorkspaceTrust(change));
    this.#lifetime.own(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (['mcp', 'defaultProfile', 'backend'].some((name) => event.affectsConfiguration(`lasso.${name}`))) change();
      }),
    );
    this.#lifetime.own(vscode.lm.registerMcpServerDefinitionProvider(providerId, this));
  }

  provideMcpServerDefinitions(): vscode.McpStdioServerDefinition[] {
    if (!vscode.workspace.isTrusted || !readSettings().tools) return [];
    const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
    return folders.map((folder) => this.#serverFor(folder, folders.length > 1));
  }

  dispose(): void {
    this.#lifetime.dispose();
  }

  #serverFor({ name, uri }: vscode.WorkspaceFolder, oneOfMany: boolean): vscode.McpStdioServerDefinition {
    const { defaultProfile, backend } = readSettings();
    const args = [
      ...[this.#program, 'mcp', '--dir', uri.fsPath],
      ...(defaultProfile === undefined ? [] : ['--profile', defaultProfile]),
      ...(backend === undefined ? [] : ['--backend', backend]),
    ];
    const label = oneOfMany ? `LASSO sandbox (${name})` : 'LASSO sandbox';
    const server = new vscode.McpStdioServerDefinition(label, process.execPath, args, setAside(process.env), this.#version);
    server.cwd = uri;
    return server;
  }
}
