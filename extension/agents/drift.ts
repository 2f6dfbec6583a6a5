/**
 * Notices when what LASSO wrote for agents no longer says what its profile says, and says so once. It looks only into folders of a
 * trusted workspace where LASSO wrote something, and changes nothing by itself.
 */
import * as vscode from 'vscode';
import type { Context } from '../context.ts';
import { failureOf } from '../failure.ts';
import { Lifetime, type Disposable } from '../lifetime.ts';
import { showFailure } from '../notice.ts';
import { watchProfileFiles } from '../profiles/files.ts';
import { foldersHere } from '../sandboxes/folders.ts';
import { chosenProfiles, offer } from './generate.ts';
import { done, drifted } from './words.ts';

/** what happens at once is looked at once */
const pauseMs = 500;
const memoryKey = 'lasso.agentsNotNow';
const answers = { update: 'Update', show: 'Show', later: 'Not Now' } as const;

export function watchAgentFiles(context: Context): Disposable {
  const lifetime = new Lifetime();
  let timer: NodeJS.Timeout | undefined;
  /** what is being asked about, by folder: its plan */
  const asking = new Map<string, string>();
  const look = (): void => {
    for (const folder of foldersHere())
      lookInto(context, folder, asking).catch((error: unknown) =>
        context.log.debug(`agents’ files of ${folder}: ${failureOf(error).message}`),
      );
  };
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(look, pauseMs);
  };
  lifetime.defer(() => clearTimeout(timer));
  const watchers = [...watchProfileFiles(), vscode.workspace.createFileSystemWatcher('**/.lasso/*.{json,toml}')];
  for (const watcher of watchers) {
    lifetime.own(watcher);
    for (const event of [watcher.onDidChange, watcher.onDidCreate, watcher.onDidDelete]) lifetime.own(event(soon));
  }
  lifetime.own(vscode.workspace.onDidSaveTextDocument(soon));
  lifetime.own(vscode.workspace.onDidChangeWorkspaceFolders(soon));
  lifetime.own(vscode.workspace.onDidGrantWorkspaceTrust(soon));
  lifetime.own(vscode.window.onDidChangeWindowState(({ focused }) => focused && soon()));
  soon();
  return lifetime;
}

async function lookInto(context: Context, folder: string, asking: Map<string, string>): Promise<void> {
  if (!vscode.workspace.isTrusted || asking.has(folder) || !(await wroteIn(folder))) return;
  const { helper, memory } = context;
  const { agents } = await helper.request('agentList', { dir: folder });
  const outdated = agents.filter(({ standing }) => standing === 'drifted' || standing === 'edited');
  const profile = outdated[0]?.profile;
  if (profile === undefined) return;
  const wish = { dir: folder, profile, agents: outdated.map(({ name }) => name) };
  const { digest } = await helper.request('agentPlan', wish);
  const notNow = memory.get<Readonly<Record<string, string>>>(memoryKey, {});
  if (notNow[folder] === digest || asking.has(folder)) return;
  const { rows } = await helper.request('agentCheck', wish);
  const files = [...new Set(rows.filter(({ by, status }) => by === 'mark' && status === 'problem').map(({ file }) => file))];
  if (files.length === 0) return;
  asking.set(folder, digest);
  const edited = outdated.some(({ standing }) => standing === 'edited');
  // Neither what somebody changed by hand nor what only the folder says was chosen is written without being seen.
  const unseen = edited || chosenProfiles(context)[folder] !== profile;
  const buttons = unseen ? [answers.show, answers.later] : [answers.update, answers.show, answers.later];
  const answer = await vscode.window.showInformationMessage(drifted(files, profile, edited), ...buttons);
  asking.delete(folder);
  try {
    if (answer === answers.show) await offer(context, wish);
    if (answer === answers.update)
      void vscode.window.showInformationMessage(done(await helper.request('agentWrite', { ...wish, expect: digest }), false));
    else await memory.update(memoryKey, { ...notNow, [folder]: digest });
  } catch (error) {
    showFailure(error, context.log);
  }
}

async function wroteIn(folder: string): Promise<boolean> {
  try {
    const { type } = await vscode.workspace.fs.stat(vscode.Uri.joinPath(vscode.Uri.file(folder), '.lasso', 'agents.json'));
    return type === vscode.FileType.File;
  } catch {
    return false;
  }
}
