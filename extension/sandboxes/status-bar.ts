/** The number of running sandboxes of this window's folders, in the status bar; a click opens the view. Absent when there are none. */
import * as vscode from 'vscode';
import type { Context } from '../context.ts';
import { Lifetime, type Disposable } from '../lifetime.ts';
import { foldersHere, sameFolder } from './folders.ts';
import { isLive } from './list.ts';

export function registerStatusBar({ sandboxes }: Context): Disposable {
  const lifetime = new Lifetime();
  const item = lifetime.own(vscode.window.createStatusBarItem('lasso.running', vscode.StatusBarAlignment.Left));
  item.name = 'LASSO Sandboxes';
  item.command = 'lasso.sandboxes.focus';
  const draw = (): void => {
    const here = foldersHere();
    const running = sandboxes.all.filter((sandbox) => isLive(sandbox) && here.some((folder) => sameFolder(folder, sandbox.workspace)));
    if (running.length === 0) return item.hide();
    item.text = `$(shield) ${running.length}`;
    item.tooltip = `LASSO: ${running.length === 1 ? 'one sandbox runs' : `${running.length} sandboxes run`} here\n${running.map(({ name, profile, mode }) => `${name} (${mode === undefined ? profile : `${profile}, ${mode}`})`).join('\n')}`;
    item.accessibilityInformation = { label: `LASSO sandboxes running here: ${running.length}` };
    item.show();
  };
  lifetime.own(sandboxes.onChange(draw));
  lifetime.own(vscode.workspace.onDidChangeWorkspaceFolders(draw));
  return lifetime;
}
