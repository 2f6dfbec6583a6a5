/** Which profile a new sandbox gets, or which running one is used instead: the setting, or a quick pick with descriptions. */
import * as vscode from 'vscode';
import type { SandboxInfo } from '../../helper/protocol/sandbox.ts';
import type { Context } from '../context.ts';
import { descriptionOf, stateLooks } from '../sandboxes/describe.ts';
import { isChoosable, referenceOf } from './listed.ts';
import { profileItems, type ProfileItem } from './picks.ts';

export type Choice = { readonly profile: string } | { readonly sandbox: SandboxInfo };
type Item = ProfileItem & { readonly sandbox?: SandboxInfo };

const memoryKey = 'lasso.lastProfile';

/** Asks which profile, offering what runs in the folder already first. Undefined when a person picks nothing. */
export async function chooseProfile(
  context: Context,
  folder: string,
  running: readonly SandboxInfo[],
  title = 'LASSO Sandbox',
): Promise<Choice | undefined> {
  const profiles = (await context.helper.request('profileList', { dir: folder })).profiles.filter(isChoosable);
  const last = context.memory.get<string>(memoryKey, 'standard');
  const likely = profiles.find(({ name }) => name === last)?.file;
  const items: Item[] = [
    ...(running.length === 0 ? [] : [separator('Running here'), ...running.map(sandboxItem)]),
    separator(running.length === 0 ? 'Profiles' : 'New sandbox'),
    ...profileItems(profiles, likely),
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title,
    placeHolder: running.length === 0 ? 'Profile of the new sandbox' : 'A sandbox that runs here, or the profile of a new one',
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (picked?.sandbox) return { sandbox: picked.sandbox };
  if (!picked?.profile) return undefined;
  await context.memory.update(memoryKey, picked.profile.name);
  return { profile: picked.profile.source === 'workspace' ? picked.profile.name : referenceOf(picked.profile) };
}

const separator = (label: string): Item => ({ label, kind: vscode.QuickPickItemKind.Separator });

const sandboxItem = (sandbox: SandboxInfo): Item => ({
  label: `$(${stateLooks[sandbox.state].icon}) ${sandbox.name}`,
  description: descriptionOf(sandbox, Date.now()),
  sandbox,
});
