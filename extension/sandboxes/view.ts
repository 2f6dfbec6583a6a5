/** The view "Sandboxes" in the activity bar: draws the list, follows its events, and says why where there is nothing to draw. */
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import type { SandboxInfo } from '../../helper/protocol/sandbox.ts';
import type { Context } from '../context.ts';
import { Lifetime, type Disposable } from '../lifetime.ts';
import type { Blocked } from './blocked.ts';
import { contextOf, descriptionOf, stateLooks, terminalDescriptionOf, tooltipOf, wordOf } from './describe.ts';
import { isLive } from './list.ts';
import { adviceOn, childrenOf, nodeId, type Node } from './nodes.ts';

/** how often uptimes are drawn again while somebody looks; the helper is not asked */
const redrawMs = 30_000;

export function registerView(context: Context): Disposable {
  const { helper, sandboxes } = context;
  const lifetime = new Lifetime();
  const changed = lifetime.own(new vscode.EventEmitter<undefined>());
  const provider: vscode.TreeDataProvider<Node> = {
    onDidChangeTreeData: changed.event,
    getTreeItem: (node) => itemOf(node, (id) => sandboxes.blockedIn(id)),
    getChildren: async (parent) => {
      if (parent) return parent.kind === 'sandbox' ? childrenOf(parent.sandbox) : [];
      if (helper.state.kind === 'idle' && vscode.workspace.isTrusted) await sandboxes.load();
      if (helper.state.kind === 'unreachable') return adviceOn(helper.state.failure);
      return sandboxes.all.map((sandbox) => ({ kind: 'sandbox', sandbox }));
    },
  };
  const view = lifetime.own(vscode.window.createTreeView('lasso.sandboxes', { treeDataProvider: provider }));
  const redraw = (): void => {
    changed.fire(undefined);
    // The type is narrower than the setter: undefined is what takes a message away.
    (view as { message: string | undefined }).message =
      helper.state.kind === 'lost' ? 'The helper went away. Looking for it again…' : undefined;
    void vscode.commands.executeCommand('setContext', 'lasso.helper', helper.state.kind);
  };
  lifetime.own(sandboxes.onChange(redraw));
  const clock = setInterval(() => {
    if (view.visible && sandboxes.all.some(isLive)) changed.fire(undefined);
  }, redrawMs);
  lifetime.defer(() => clearInterval(clock));
  lifetime.own(
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      if (view.visible) void sandboxes.load();
    }),
  );
  return lifetime;
}

function itemOf(node: Node, blockedIn: (id: string) => Blocked | undefined): vscode.TreeItem {
  const item = new vscode.TreeItem('');
  item.id = nodeId(node);
  item.contextValue = node.kind;
  if (node.kind === 'advice') {
    item.label = node.text;
    item.tooltip = node.text;
    item.iconPath = new vscode.ThemeIcon(node.icon);
    if (node.command !== undefined) item.command = { command: node.command, title: node.text };
    return item;
  }
  const { sandbox } = node;
  switch (node.kind) {
    case 'sandbox': {
      const { icon, colour } = stateLooks[sandbox.state];
      item.label = sandbox.name;
      // VS Code keeps what a row was when it first appeared, which is while the sandbox starts.
      item.collapsibleState = isOver(sandbox) ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.Expanded;
      item.contextValue = contextOf(sandbox);
      item.iconPath = new vscode.ThemeIcon(icon, colour === undefined ? undefined : new vscode.ThemeColor(colour));
      item.description = descriptionOf(sandbox, Date.now(), blockedIn(sandbox.id));
      item.tooltip = tooltipOf(sandbox, Date.now(), blockedIn(sandbox.id));
      item.accessibilityInformation = { label: `${sandbox.name}, ${wordOf(sandbox)}, profile ${sandbox.profile}, ${sandbox.backend}` };
      break;
    }
    case 'terminal':
      item.label = node.terminal.title;
      item.iconPath = new vscode.ThemeIcon('terminal');
      item.description = terminalDescriptionOf(node.terminal);
      item.tooltip = 'Show this terminal';
      item.command = { command: 'lasso.attach', title: 'Attach', arguments: [node] };
      break;
    case 'workspace':
      item.label = shortPath(sandbox.workspace);
      item.iconPath = new vscode.ThemeIcon('folder');
      item.description = '/workspace';
      item.tooltip = `${sandbox.workspace} is /workspace in the sandbox`;
      break;
    case 'record':
      item.label = 'Record';
      item.iconPath = new vscode.ThemeIcon('law');
      item.description = 'what happened, verified';
      item.tooltip = 'Show the record and verify it';
      item.command = { command: 'lasso.showRecord', title: 'Show Record', arguments: [node] };
      break;
    case 'note':
      item.label = node.text;
      item.iconPath = new vscode.ThemeIcon(sandbox.state === 'failed' && node.index === 0 ? 'error' : 'info');
      item.tooltip = node.text;
      break;
  }
  return item;
}

const isOver = ({ state }: SandboxInfo): boolean => state === 'stopped' || state === 'failed';

function shortPath(path: string): string {
  const home = homedir();
  return path === home ? '~' : path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
