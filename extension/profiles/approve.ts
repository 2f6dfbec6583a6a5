/**
 * Asks a person about the profile a folder brings, and hands the answer to the helper. It decides nothing: what was not
 * agreed to is not used, and a message that is closed is no agreement.
 */
import * as vscode from 'vscode';
import type { WorkspaceProfile } from '../../helper/protocol/profile-operations.ts';
import type { Action } from '../actions.ts';
import type { Context } from '../context.ts';
import { failureOf, isRecord } from '../failure.ts';
import { chooseFolder } from '../sandboxes/folders.ts';
import { openFile } from './open.ts';
import { answers, questionOn, textOf, type Answer, type Question } from './question.ts';
import { baseName } from './values.ts';

type Outcome = 'agreed' | 'declined' | 'without';

/**
 * Starts something in a folder; where the folder's own profile waits for a person, asks and tries again with the answer.
 * Undefined when they back out. @throws Failure
 */
export async function startAgreed<T>(
  context: Context,
  folder: string,
  profile: string,
  start: (options: { readonly ignoreWorkspaceProfile?: true }) => Thenable<T>,
): Promise<T | undefined> {
  for (;;) {
    try {
      return await start({});
    } catch (error) {
      if (failureOf(error).code !== 'PROFILE_UNAPPROVED') throw error;
    }
    const outcome = await askAbout(context, folder, profile, true);
    if (outcome === undefined) return undefined;
    if (outcome === 'without') return start({ ignoreWorkspaceProfile: true });
    // It may have changed while the person was reading: then they are asked again.
  }
}

export function approveActions(context: Context): Readonly<Record<`lasso.${string}`, Action>> {
  return {
    'lasso.approveWorkspaceProfile': async (argument) => {
      const profile = isRecord(argument) ? argument['profile'] : undefined;
      const given = isRecord(profile) && typeof profile['folder'] === 'string' ? profile['folder'] : undefined;
      const folder = given ?? (await chooseFolder());
      if (folder === undefined) return undefined;
      const outcome = await askAbout(context, folder, undefined, false);
      await context.profiles.load();
      return outcome;
    },
  };
}

async function askAbout(context: Context, folder: string, profile: string | undefined, starting: boolean): Promise<Outcome | undefined> {
  const about = { dir: folder, ...(profile === undefined ? {} : { profile }) };
  const workspace = await context.helper.request('profileApprove', { ...about, look: true });
  if (workspace.state === 'none') {
    if (!starting) void vscode.window.showInformationMessage(`“${baseName(folder)}” brings no profile of its own.`);
    return starting ? 'agreed' : undefined;
  }
  switch (await ask(context, folder, workspace, questionOn(folder, workspace, starting))) {
    case answers.use: {
      const { digest } = workspace;
      await context.helper.request('profileApprove', { ...about, ...(digest === undefined ? {} : { digest }) });
      context.profiles.refresh();
      return 'agreed';
    }
    case answers.never:
      await context.helper.request('profileApprove', { ...about, decline: true });
      context.profiles.refresh();
      return 'declined';
    case answers.without:
      return 'without';
    case answers.changes:
    case undefined:
      return undefined;
  }
}

/** First a dialog nobody overlooks; after “Show Changes” a message that leaves the editor free for reading. */
async function ask(context: Context, folder: string, workspace: WorkspaceProfile, question: Question): Promise<Answer | undefined> {
  const { message, detail, buttons } = question;
  const first = await vscode.window.showWarningMessage(message, { modal: true, detail }, ...buttons);
  if (first !== answers.changes) return first;
  await showChanges(context, folder, workspace);
  return vscode.window.showWarningMessage(message, ...buttons.filter((button) => button !== answers.changes));
}

async function showChanges({ documents }: Context, folder: string, workspace: WorkspaceProfile): Promise<void> {
  const [only, ...more] = workspace.files;
  const before = workspace.files.some(({ approved }) => approved !== undefined);
  if (only && more.length === 0 && !before) {
    await openFile(only.file);
    return;
  }
  const name = baseName(folder);
  const then = documents.put(`/${name} agreed to.lasso.toml`, textOf(workspace, 'approved'));
  const now = documents.put(`/${name} now.lasso.toml`, textOf(workspace, 'now'));
  await vscode.commands.executeCommand('vscode.diff', then, now, `${name}: agreed to ↔ now`, { preview: true });
}
