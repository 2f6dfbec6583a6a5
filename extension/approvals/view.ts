/** The view “Approvals”, there only while something waits for a person's word, and the number beside the icon of LASSO. */
import * as vscode from 'vscode';
import type { Approval } from '../../helper/protocol/approval.ts';
import type { Context } from '../context.ts';
import { Lifetime, type Disposable } from '../lifetime.ts';
import { descriptionOf, labelOf, tooltipOf } from './words.ts';

export function registerApprovalView({ approvals }: Context): Disposable {
  const lifetime = new Lifetime();
  const changed = lifetime.own(new vscode.EventEmitter<undefined>());
  const provider: vscode.TreeDataProvider<Approval> = {
    onDidChangeTreeData: changed.event,
    getTreeItem: itemOf,
    getChildren: (parent) => (parent ? [] : [...approvals.all]),
  };
  const view = lifetime.own(vscode.window.createTreeView('lasso.approvals', { treeDataProvider: provider }));
  lifetime.own(
    approvals.onChange(() => {
      const { length } = approvals.all;
      void vscode.commands.executeCommand('setContext', 'lasso.asks', length > 0);
      const tooltip = length === 1 ? 'One question waits for your word' : `${length} questions wait for your word`;
      view.badge = length === 0 ? undefined : { value: length, tooltip };
      changed.fire(undefined);
    }),
  );
  return lifetime;
}

function itemOf(approval: Approval): vscode.TreeItem {
  const item = new vscode.TreeItem(labelOf(approval));
  const until = new Date(approval.expiresAt).toLocaleTimeString();
  item.id = approval.id;
  item.contextValue = ['approval', ...approval.answers, ...(approval.origin === undefined ? [] : ['origin'])].join('.');
  item.iconPath = new vscode.ThemeIcon(approval.kind === 'command' ? 'question' : 'globe', new vscode.ThemeColor('charts.yellow'));
  item.description = descriptionOf(approval);
  item.tooltip = tooltipOf(approval, until);
  item.command = { command: 'lasso.answerApproval', title: 'Answer', arguments: [approval] };
  item.accessibilityInformation = { label: `Waits for your word: ${labelOf(approval)}, ${descriptionOf(approval)}` };
  return item;
}
