/** Shows what would become of agents' files as VS Code's own comparison of many files. Nothing it shows is written by looking. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { AgentPlan } from '../../helper/protocol/agent-operations.ts';
import type { Context } from '../context.ts';
import { changed, remarks } from './words.ts';

/** one file: what it is called, what it was, what it would be */
type Row = readonly [label: vscode.Uri, before: vscode.Uri | undefined, after: vscode.Uri | undefined];

export async function preview({ documents }: Context, folder: string, title: string, plan: AgentPlan): Promise<void> {
  const name = path.basename(folder);
  const rows = changed(plan).map((file): Row => {
    const before = file.before === null ? undefined : documents.put(`/${name}/${file.path}`, file.before, 'now');
    const after = file.after === null ? undefined : documents.put(`/${name}/${file.path}`, file.after, 'then');
    return [vscode.Uri.file(path.join(folder, file.path)), before, after];
  });
  const said = remarks(plan);
  const note = said === '' ? undefined : documents.put(`/${name}/LASSO remarks.md`, said, 'then');
  await vscode.commands.executeCommand('vscode.changes', title, note ? [[note, undefined, note] satisfies Row, ...rows] : rows);
}
