/** Which profile a new sandbox gets, or which running one is used instead: the setting, or a quick pick with descriptions. */
import * as vscode from 'vscode';
import type { OperationResult } from '../../helper/protocol/operations.ts';
import type { SandboxInfo } from '../../helper/protocol/sandbox.ts';
import type { Context } from '../context.ts';
import { descriptionOf, stateLooks } from '../sandboxes/describe.ts';

type Profile = OperationResult<'profileList'>['profiles'][number];
export type Choice = { readonly profile: string } | { readonly sandbox: SandboxInfo };
type Item = vscode.QuickPickItem & { readonly choice?: Choice };

const memoryKey = 'lasso.lastProfile';
const sourceIcon = { 'built-in': 'shield', user: 'account', file: 'file' } as const;

/** Asks which profile, offering what runs in the folder already first. Undefined when a person picks nothing. */
export async function chooseProfile(context: Context, folder: string, running: readonly SandboxInfo[]): Promise<Choice | undefined> {
  const { profiles } = await context.helper.request('profileList', { dir: folder });
  const last = context.memory.get<string>(memoryKey, 'standard');
  const items: Item[] = [
    ...(running.length === 0 ? [] : [separator('Running here'), ...running.map(sandboxItem)]),
    separator(running.length === 0 ? 'Profiles' : 'New sandbox'),
    ...[...profiles].sort((a, b) => Number(b.name === last) - Number(a.name === last)).map(profileItem),
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title: 'LASSO Sandbox',
    placeHolder: running.length === 0 ? 'Profile of the new sandbox' : 'A sandbox that runs here, or the profile of a new one',
    matchOnDescription: true,
    matchOnDetail: true,
  });
  const choice = picked?.choice;
  if (choice && 'profile' in choice) await context.memory.update(memoryKey, choice.profile);
  return choice;
}

const separator = (label: string): Item => ({ label, kind: vscode.QuickPickItemKind.Separator });

const sandboxItem = (sandbox: SandboxInfo): Item => ({
  label: `$(${stateLooks[sandbox.state].icon}) ${sandbox.name}`,
  description: descriptionOf(sandbox, Date.now()),
  choice: { sandbox },
});

const profileItem = ({ name, description, source, valid }: Profile): Item => ({
  label: `$(${valid ? sourceIcon[source] : 'warning'}) ${name}`,
  description: source === 'built-in' ? '' : `${source} profile`,
  detail: valid ? description : 'This profile has errors.',
  choice: { profile: name },
});
