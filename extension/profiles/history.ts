/** The versions of a profile of one’s own: pick one to hold it against what is there now, and bring it back if it was better. */
import * as vscode from 'vscode';
import type { OperationResult } from '../../helper/protocol/operations.ts';
import type { Context } from '../context.ts';
import { showFailure } from '../notice.ts';
import { openFile } from './open.ts';
import type { Subject } from './subject.ts';

type Version = OperationResult<'profileHistory'>['versions'][number];

/** The version that was looked at; undefined when a person picks none. */
export async function chooseHistory(context: Context, { name, reference, file }: Subject): Promise<number | undefined> {
  const { versions } = await context.helper.request('profileHistory', { name });
  const rows = [...versions].reverse().map((version) => ({ ...wordsOf(version), version }));
  if (rows.length === 0) {
    void vscode.window.showInformationMessage(`“${name}” has no history yet. It begins with the next time it is saved here.`);
    return undefined;
  }
  const placeHolder = 'Version to look at';
  const picked = await vscode.window.showQuickPick(rows, { title: `History of “${name}”`, placeHolder, matchOnDescription: true });
  if (!picked) return undefined;
  const { version } = picked.version;
  const { text = '' } = await context.helper.request('profileHistory', { name, show: version });
  const then = context.documents.put(`/${name} version ${version}.lasso.toml`, text);
  const now = await context.helper.request('profileShow', { profile: reference, written: true }).then(
    () => vscode.Uri.file(file),
    () => context.documents.put(`/${name} now.lasso.toml`, ''),
  );
  await vscode.commands.executeCommand('vscode.diff', then, now, `${name}: version ${version} ↔ now`, { preview: true });
  void offerRestore(context, name, version);
  return version;
}

export function wordsOf({ version, savedAt, reason }: Version): { readonly label: string; readonly description: string } {
  const time = savedAt.replace('T', ' ').replace(/(:\d\d)?(\.\d+)?Z$/, ' UTC');
  return { label: `Version ${version}`, description: `${reason}, ${time}` };
}

async function offerRestore(context: Context, name: string, version: number): Promise<void> {
  const restore = 'Restore';
  if ((await vscode.window.showInformationMessage(`This is version ${version} of “${name}”.`, restore)) !== restore) return;
  try {
    const { restored } = await context.helper.request('profileHistory', { name, restore: version });
    await context.profiles.load();
    if (restored) await openFile(restored.file);
  } catch (error) {
    showFailure(error, context.log);
  }
}
