/** The view “Profiles” in the activity bar: what each profile allows, value by value, and where every value was written. */
import * as vscode from 'vscode';
import type { Context } from '../context.ts';
import { failureOf } from '../failure.ts';
import { Lifetime, type Disposable } from '../lifetime.ts';
import { readSettings } from '../settings.ts';
import { visible } from '../visible.ts';
import { isChoosable, sourceLooks, stateWords, type ListedProfile, type WorkspaceState } from './listed.ts';
import { adviceOn, groupsOf, idOf, inGroup, inProfile, inTable, nodeId, type ProfileNode } from './nodes.ts';
import { labelOf, originOf, tipOf } from './values.ts';

export function registerProfileView(context: Context): Disposable {
  const { helper, profiles } = context;
  const lifetime = new Lifetime();
  const changed = lifetime.own(new vscode.EventEmitter<undefined>());
  const provider: vscode.TreeDataProvider<ProfileNode> = {
    onDidChangeTreeData: changed.event,
    getTreeItem: (node) => itemOf(node, (folder) => profiles.stateOf(folder)),
    getChildren: async (parent) => [...(parent ? await childrenOf(context, parent) : await rootsOf(context))],
    resolveTreeItem: async (item, node) => {
      if (node.kind === 'value') item.tooltip = tipOf(node.value, await profiles.meaning(node.value.path));
      return item;
    },
  };
  lifetime.own(vscode.window.createTreeView('lasso.profiles', { treeDataProvider: provider, showCollapseAll: true }));
  const redraw = (): void => changed.fire(undefined);
  lifetime.own(profiles.onChange(redraw));
  lifetime.own(
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('lasso.defaultProfile')) redraw();
    }),
  );
  lifetime.own(vscode.workspace.onDidGrantWorkspaceTrust(redraw));
  lifetime.own(vscode.workspace.onDidChangeWorkspaceFolders(() => profiles.refresh()));
  // The other view tells why there is no helper, and how to try again.
  lifetime.own(helper.onState(({ kind }) => kind === 'unreachable' && redraw()));
  return lifetime;
}

async function rootsOf({ helper, profiles }: Context): Promise<readonly ProfileNode[]> {
  if (!vscode.workspace.isTrusted) return [];
  if (profiles.all.length === 0 && helper.state.kind !== 'unreachable') await profiles.load();
  if (helper.state.kind === 'unreachable') return adviceOn(helper.state.failure, 'helper');
  return groupsOf(profiles.all);
}

async function childrenOf({ profiles }: Context, parent: ProfileNode): Promise<readonly ProfileNode[]> {
  switch (parent.kind) {
    case 'group':
      return inGroup(parent.profiles);
    case 'profile':
      try {
        return inProfile(parent.profile, await profiles.show(parent.profile));
      } catch (error) {
        return adviceOn(failureOf(error), idOf(parent.profile));
      }
    case 'table':
      return inTable(parent.profile, parent.table);
    case 'value':
    case 'problem':
    case 'advice':
      return [];
  }
}

function itemOf(node: ProfileNode, stateOf: (folder: string) => WorkspaceState | undefined): vscode.TreeItem {
  const item = new vscode.TreeItem('');
  item.id = nodeId(node);
  item.contextValue = node.kind;
  switch (node.kind) {
    case 'group':
      item.label = sourceLooks[node.source].group;
      item.collapsibleState = vscode.TreeItemCollapsibleState.Expanded;
      break;
    case 'profile':
      drawProfile(item, node, node.profile.folder === undefined || isChoosable(node.profile) ? undefined : stateOf(node.profile.folder));
      break;
    case 'table':
      item.label = node.table.name;
      item.collapsibleState = vscode.TreeItemCollapsibleState.Collapsed;
      item.iconPath = new vscode.ThemeIcon('symbol-namespace');
      item.description = writtenWords(node.table.values.filter(({ origin }) => origin).length);
      break;
    case 'value': {
      const { origin } = node.value;
      item.label = labelOf(node.value);
      item.description = originOf(node.value);
      item.iconPath = new vscode.ThemeIcon(origin && node.value.note !== undefined ? 'info' : 'circle-small');
      if (origin) item.command = { command: 'lasso.editProfile', title: 'Open', arguments: [node] };
      break;
    }
    case 'problem':
      item.label = visible(node.text);
      item.description = `line ${node.origin.line}`;
      item.tooltip = `${visible(node.text)}\n\n${visible(node.origin.file)}, line ${node.origin.line}`;
      item.iconPath = new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground'));
      item.command = { command: 'lasso.editProfile', title: 'Open', arguments: [node] };
      break;
    case 'advice':
      item.label = visible(node.text);
      item.tooltip = visible(node.text);
      item.iconPath = new vscode.ThemeIcon(node.icon);
      if (node.command !== undefined) item.command = { command: node.command, title: node.text };
      break;
  }
  return item;
}

function drawProfile(item: vscode.TreeItem, node: ProfileNode & { kind: 'profile' }, state: WorkspaceState | undefined): void {
  const { profile } = node;
  const isDefault = readSettings().defaultProfile === profile.name && profile.source !== 'workspace';
  const words = [isDefault ? 'default' : '', state === undefined ? '' : stateWords[state], visible(profile.description)];
  item.label = visible(profile.name);
  item.collapsibleState = vscode.TreeItemCollapsibleState.Collapsed;
  item.contextValue = `profile.${profile.source}${isDefault ? '.default' : ''}`;
  item.iconPath = iconOf(profile, isDefault);
  item.description = profile.valid ? words.filter((word) => word !== '').join(' · ') : 'has errors';
  item.tooltip = tooltipOf(profile);
  item.command = { command: 'lasso.editProfile', title: 'Open', arguments: [node] };
  const mark = profile.valid ? (isDefault ? ', default' : '') : ', has errors';
  item.accessibilityInformation = { label: `${visible(profile.name)}, ${sourceLooks[profile.source].word}${mark}` };
}

function iconOf({ valid, source }: ListedProfile, isDefault: boolean): vscode.ThemeIcon {
  if (!valid) return new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
  return isDefault ? new vscode.ThemeIcon('check', new vscode.ThemeColor('charts.green')) : new vscode.ThemeIcon(sourceLooks[source].icon);
}

function tooltipOf(profile: ListedProfile): string {
  const { name, description, file, tags } = profile;
  const base = profile.extends === undefined ? [] : [`Builds on ${profile.extends}`];
  const lines = [
    name,
    ...(description === '' ? [] : [description]),
    ...base,
    ...(tags.length === 0 ? [] : [`Tags: ${tags.join(', ')}`]),
    file,
  ];
  return lines.map(visible).join('\n');
}

const writtenWords = (count: number): string => (count === 0 ? 'defaults only' : `${count} written`);
