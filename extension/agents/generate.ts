/**
 * “Generate Agent Config” and “Remove Agent Config”: a person picks agents and a profile, sees every change, and agrees. What is
 * written is what was shown; the helper refuses anything else.
 */
import * as vscode from 'vscode';
import type { AgentInfo, AgentName } from '../../helper/protocol/agent.ts';
import type { AgentPlan } from '../../helper/protocol/agent-operations.ts';
import type { OperationInput } from '../../helper/protocol/operations.ts';
import type { Action } from '../actions.ts';
import type { Context } from '../context.ts';
import { startAgreed } from '../profiles/approve.ts';
import { isChoosable, referenceOf } from '../profiles/listed.ts';
import { profileItems } from '../profiles/picks.ts';
import { chooseFolder } from '../sandboxes/folders.ts';
import { readSettings } from '../settings.ts';
import { preview } from './preview.ts';
import { changed, done, question, refused } from './words.ts';

const chosenKey = 'lasso.agentsProfile';

export type Wish = OperationInput<'agentPlan'> & { readonly dir: string };

export function agentActions(context: Context): Readonly<Record<`lasso.${string}`, Action>> {
  return {
    'lasso.generateAgentConfig': async () => {
      const dir = await chooseFolder();
      if (dir === undefined) return undefined;
      const agents = await chooseAgents(context, dir);
      const profile = agents && (await chooseProfile(context, dir));
      if (agents === undefined || profile === undefined) return undefined;
      return offer(context, { dir, profile, agents: [...agents] });
    },
    'lasso.removeAgentConfig': async () => {
      const dir = await chooseFolder();
      return dir === undefined ? undefined : offer(context, { dir, remove: true });
    },
  };
}

/** Shows what would happen, and does it when a person agrees; paths that changed. @throws Failure */
export async function offer(context: Context, wish: Wish): Promise<readonly string[] | undefined> {
  const { helper } = context;
  const remove = wish.remove === true;
  const planned = await startAgreed(context, wish.dir, wish.profile ?? '', async (options) => {
    const asked = { ...wish, ...options };
    return { asked, plan: await helper.request('agentPlan', asked) };
  });
  if (!planned) return undefined;
  const { asked, plan } = planned;
  if (changed(plan).length === 0 && refused(plan).length === 0) {
    const nothing = remove ? 'LASSO wrote nothing in this folder.' : 'Everything is as it should be.';
    void vscode.window.showInformationMessage(nothing);
    return [];
  }
  const title = remove ? 'Remove Agent Config' : `Agent Config: ${plan.profile}`;
  await preview(context, wish.dir, title, plan);
  const apply = remove ? 'Remove' : 'Apply';
  const buttons = changed(plan).length === 0 ? [] : [apply];
  const answer = await vscode.window.showInformationMessage(
    question(plan, await titlesOf(context, wish.dir, plan), remove),
    ...buttons,
    'Not Now',
  );
  if (answer !== apply) return undefined;
  const written = await helper.request('agentWrite', { ...asked, expect: plan.digest });
  await context.memory.update(chosenKey, { ...chosenProfiles(context), [wish.dir]: remove ? undefined : wish.profile });
  void vscode.window.showInformationMessage(done(written, remove));
  return changed(written).map(({ path }) => path);
}

/** By folder, the profile a person had its agents told about in this window. */
export const chosenProfiles = ({ memory }: Context): Readonly<Record<string, string | undefined>> => memory.get(chosenKey, {});

async function titlesOf({ helper }: Context, dir: string, plan: AgentPlan): Promise<readonly string[]> {
  const { agents } = await helper.request('agentList', { dir });
  return agents.filter(({ name }) => plan.agents.includes(name)).map(({ title }) => title);
}

/** Those the folder uses are ticked. */
async function chooseAgents({ helper }: Context, dir: string): Promise<readonly AgentName[] | undefined> {
  const { agents } = await helper.request('agentList', { dir });
  const items = agents.map((agent) => ({
    label: agent.title,
    description: descriptionOf(agent),
    picked: agent.detected.length > 0 || agent.standing !== 'absent',
    agent,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: 'Generate Agent Config: Agents',
    placeHolder: 'Agents that are told what the profile says',
    canPickMany: true,
    matchOnDescription: true,
  });
  return picked === undefined || picked.length === 0 ? undefined : picked.map(({ agent }) => agent.name);
}

const standings: Readonly<Record<AgentInfo['standing'], string>> = {
  absent: '',
  current: 'told already',
  drifted: 'told before the profile changed',
  edited: 'told, and edited since',
};

const descriptionOf = ({ detected, standing }: AgentInfo): string =>
  [standings[standing], detected[0] === undefined ? '' : `used here: ${detected.slice(0, 2).join(', ')}`]
    .filter((text) => text !== '')
    .join(' · ');

async function chooseProfile({ helper }: Context, dir: string): Promise<string | undefined> {
  const profiles = (await helper.request('profileList', { dir })).profiles.filter(isChoosable);
  const usual = readSettings().defaultProfile ?? 'standard';
  const items = profileItems(profiles, profiles.find(({ name }) => name === usual)?.file);
  const picked = await vscode.window.showQuickPick(items, {
    title: 'Generate Agent Config: Profile',
    placeHolder: 'Profile the agents are told about',
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (!picked?.profile) return undefined;
  return picked.profile.source === 'workspace' ? picked.profile.name : referenceOf(picked.profile);
}
