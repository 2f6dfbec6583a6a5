/** Actions that take profiles to other people and back: export with a hash, import that checks it, and the history of one’s own. */
import { homedir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { OperationInput, OperationResult } from '../../helper/protocol/operations.ts';
import type { Action } from '../actions.ts';
import type { Context } from '../context.ts';
import { failureOf } from '../failure.ts';
import { foldersHere } from '../sandboxes/folders.ts';
import { chooseHistory } from './history.ts';
import { openFile } from './open.ts';
import { chooseSubject } from './subject.ts';
import { askName, taken } from './write.ts';

const filters = { 'LASSO profiles': ['toml'] };

export function shareActions(context: Context): Readonly<Record<`lasso.${string}`, Action>> {
  const { helper, profiles } = context;
  return {
    'lasso.exportProfile': async (argument) => {
      const subject = await chooseSubject(context, argument, 'Export a Profile', ({ valid }) => valid);
      if (!subject) return undefined;
      const target = await vscode.window.showSaveDialog({
        defaultUri: placeFor(`${subject.name}.lasso.toml`),
        filters,
        title: 'Export a Profile',
      });
      if (!target) return undefined;
      // The dialog has asked already whether a file may be replaced.
      const { integrity } = await helper.request('profileExport', { profile: subject.reference, output: target.fsPath, force: true });
      void offerFile(`“${subject.name}” is exported. Its hash: ${integrity.slice(0, 12)}…`, target.fsPath);
      return target.fsPath;
    },
    'lasso.importProfile': async (argument) => {
      const file = argument instanceof vscode.Uri ? argument : await askFile();
      if (!file) return undefined;
      await helper.connect();
      await profiles.load();
      const saved = await importFile(context, { file: file.fsPath });
      if (!saved) return undefined;
      await profiles.load();
      void offerFile(`Profile “${saved.name}” is imported.`, saved.file);
      return saved.name;
    },
    'lasso.profileHistory': async (argument) => {
      const subject = await chooseSubject(context, argument, 'History of a Profile', ({ source }) => source === 'user');
      return subject && chooseHistory(context, subject);
    },
  };
}

/** @throws Failure for everything but a name that is taken, which a person may settle */
async function importFile(
  context: Context,
  params: OperationInput<'profileImport'>,
): Promise<OperationResult<'profileImport'> | undefined> {
  try {
    return await context.helper.request('profileImport', params);
  } catch (error) {
    const failure = failureOf(error);
    if (failure.code !== 'PROFILE_EXISTS') throw error;
    const [replace, rename] = ['Replace', 'Another Name…'];
    const detail = 'What is replaced stays in its history.';
    const chosen = await vscode.window.showWarningMessage(failure.message, { modal: true, detail }, replace, rename);
    if (chosen === replace) return context.helper.request('profileImport', { ...params, force: true });
    const name = chosen === rename ? await askName('Import a Profile', 'team', taken(context)) : undefined;
    return name === undefined ? undefined : importFile(context, { ...params, name });
  }
}

async function askFile(): Promise<vscode.Uri | undefined> {
  const found = await vscode.window.showOpenDialog({ title: 'Import a Profile', openLabel: 'Import', filters, defaultUri: placeFor('') });
  return found?.[0];
}

const placeFor = (name: string): vscode.Uri => vscode.Uri.file(path.join(foldersHere()[0] ?? homedir(), name));

async function offerFile(text: string, file: string): Promise<void> {
  if ((await vscode.window.showInformationMessage(text, 'Open')) !== undefined) await openFile(file);
}
