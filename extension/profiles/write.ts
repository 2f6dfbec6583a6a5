/** Actions that make, choose and delete profiles of one's own. Every text that goes is kept in its history. */
import * as vscode from 'vscode';
import type { Action } from '../actions.ts';
import type { Context } from '../context.ts';
import { nameFault, type ListedProfile } from './listed.ts';
import { showFailure } from '../notice.ts';
import { openFile } from './open.ts';
import { chooseSubject, pickSubject } from './subject.ts';

const isOwn = ({ source }: ListedProfile): boolean => source === 'user';

export function writeActions(context: Context): Readonly<Record<`lasso.${string}`, Action>> {
  const { helper, profiles } = context;
  return {
    'lasso.newProfile': async (argument) => {
      await helper.connect();
      await profiles.load();
      const base = argument === undefined ? undefined : await chooseSubject(context, argument, 'New Profile From…');
      const title = base ? `New Profile From “${base.name}”` : 'New Profile';
      const name = await askName(title, `${base?.name ?? 'team'}-of-mine`, taken(context));
      if (name === undefined) return undefined;
      const from = base ?? (await pickSubject(context, `What “${name}” Builds On`, ({ valid, source }) => valid && source !== 'workspace'));
      if (!from) return undefined;
      const { file } = await helper.request('profileNew', { name, from: from.reference });
      await profiles.load();
      await openFile(file);
      return file;
    },
    'lasso.useProfile': async (argument) => {
      const subject = await chooseSubject(context, argument, 'Use a Profile as Default', ({ source }) => source !== 'workspace');
      if (!subject) return;
      await vscode.workspace.getConfiguration('lasso').update('defaultProfile', subject.reference, vscode.ConfigurationTarget.Global);
      vscode.window.setStatusBarMessage(`$(check) New sandboxes get “${subject.name}”`, 4000);
    },
    'lasso.deleteProfile': async (argument) => {
      const subject = await chooseSubject(context, argument, 'Delete a Profile', isOwn);
      if (!subject) return;
      const detail = 'Its history stays, so it can be brought back. Sandboxes that run keep their rules.';
      const button = 'Delete';
      if ((await vscode.window.showWarningMessage(`Delete the profile “${subject.name}”?`, { modal: true, detail }, button)) !== button)
        return;
      const { name, version } = await helper.request('profileDelete', { name: subject.name });
      await profiles.load();
      void offerUndo(context, name, version);
    },
    'lasso.refreshProfiles': async () => {
      await helper.connect();
      await profiles.load();
    },
  };
}

/** A name that no profile of the user's has; undefined when a person backs out. */
export function askName(title: string, placeHolder: string, used: readonly string[]): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title,
    prompt: 'Name of the profile',
    placeHolder,
    validateInput: (text) => nameFault(text, used),
  });
}

export const taken = ({ profiles }: Context): readonly string[] => profiles.all.filter(isOwn).map(({ name }) => name);

async function offerUndo({ helper, profiles, log }: Context, name: string, version: number): Promise<void> {
  const undo = 'Undo';
  const chosen = await vscode.window.showInformationMessage(
    `Profile “${name}” is deleted; its history keeps it as version ${version}.`,
    undo,
  );
  if (chosen !== undo) return;
  try {
    await helper.request('profileHistory', { name, restore: version });
    await profiles.load();
  } catch (error) {
    showFailure(error, log);
  }
}
