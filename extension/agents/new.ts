/** “New Sandboxed Agent…”: a person picks an agent and a profile, and gets a sandbox with it and a terminal in which it runs. */
import * as vscode from 'vscode';
import type { AgentInfo, AgentName } from '../../helper/protocol/agent.ts';
import type { Action } from '../actions.ts';
import type { Context } from '../context.ts';
import { Failure } from '../failure.ts';
import { chooseProfile } from '../profiles/choose.ts';
import { create } from '../sandboxes/create.ts';
import { chooseFolder } from '../sandboxes/folders.ts';
import { showTerminal } from '../terminal/open.ts';

/** Id of the new sandbox; undefined when a person backs out. */
export function newAgent(context: Context): Action {
  return async () => {
    const folder = await chooseFolder();
    if (folder === undefined) return undefined;
    const agent = await chooseAgent(context, folder);
    const choice = agent && (await chooseProfile(context, folder, []));
    if (agent === undefined || !choice || !('profile' in choice)) return undefined;
    const sandbox = await create(context, folder, choice.profile, agent);
    if (!sandbox) return undefined;
    showTerminal(context, { id: sandbox.id, name: sandbox.name, agent });
    return sandbox.id;
  };
}

/** @throws Failure where LASSO installs none on this machine */
async function chooseAgent({ helper }: Context, folder: string): Promise<AgentName | undefined> {
  const { agents } = await helper.request('agentList', { dir: folder });
  const offered = agents.filter(({ version }) => version !== undefined);
  if (offered.length === 0) throw new Failure('LASSO installs no agent on this machine.', { hint: 'Open a sandboxed terminal instead.' });
  const used = (info: AgentInfo): number => Number(info.detected.length > 0);
  const items = offered.toSorted((a, b) => used(b) - used(a)).map((info) => ({ ...describe(info), agent: info.name }));
  const picked = await vscode.window.showQuickPick(items, { title: 'New Sandboxed Agent', placeHolder: 'Agent', matchOnDescription: true });
  return picked?.agent;
}

function describe({ title, version = '', ready, detected }: AgentInfo): vscode.QuickPickItem {
  const [first, ...more] = detected;
  const others = more.length === 0 ? '' : ` and ${more.length} more`;
  return {
    label: `$(robot) ${title}`,
    description: `${version}${ready ? ', ready' : ', fetched when it is first used'}`,
    ...(first === undefined ? {} : { detail: `Used here: ${first}${others}` }),
  };
}
