/** Shows what would change in a profile, and saves it only when a person says so after they could see it. */
import * as vscode from 'vscode';
import type { ProposedChange } from '../../helper/protocol/approval.ts';
import type { Context } from '../context.ts';
import { Failure } from '../failure.ts';
import { baseName } from '../profiles/values.ts';
import { unlinked, visible } from '../visible.ts';

const save = 'Save to Profile';

export interface Offer {
  /** tells the documents of one proposal from another’s */
  readonly id: string;
  /** what the comparison is called, after the profile’s name */
  readonly title: string;
  /** begins the question; what becomes of the profile follows */
  readonly question: string;
  /** what to do when the profile became another one meanwhile */
  readonly again: string;
}

/** True when it was saved. @throws Failure when the profile became another one meanwhile */
export async function offerChange(context: Context, offer: Offer, change: ProposedChange): Promise<boolean> {
  const { helper, documents, profiles } = context;
  const { profile, before, after } = change;
  // Each proposal has documents of its own: what is saved is what was shown with its question.
  const left = documents.put(`/${offer.id}/${profile} (now).lasso.toml`, before);
  const right = documents.put(`/${offer.id}/${profile} (proposed).lasso.toml`, after);
  await vscode.commands.executeCommand('vscode.diff', left, right, `${visible(profile)}: ${offer.title}`, { preview: true });
  if ((await vscode.window.showInformationMessage(questionOn(offer, change), save, 'Not Now')) !== save) return false;
  if ((await textOf(change.file)) !== before) {
    throw new Failure(`${visible(baseName(change.file))} was changed since this was proposed.`, {
      hint: `Nothing was saved. ${offer.again}`,
    });
  }
  await helper.request('profileSave', { name: profile, text: after, reason: 'edited' });
  await profiles.load();
  vscode.window.setStatusBarMessage(`$(check) Saved “${visible(profile)}”`, 4000);
  return true;
}

function questionOn({ question }: Offer, { profile, before }: ProposedChange): string {
  const name = `“${visible(profile)}”`;
  const rest = before === '' ? `It becomes a profile of yours, ${name}.` : `${name} is saved as shown, for sandboxes that start later.`;
  return unlinked(`${question} ${rest}`);
}

/** Empty where there is no such file. */
async function textOf(file: string): Promise<string> {
  try {
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(vscode.Uri.file(file)));
  } catch (error) {
    if (error instanceof vscode.FileSystemError && error.code === 'FileNotFound') return '';
    throw error;
  }
}
