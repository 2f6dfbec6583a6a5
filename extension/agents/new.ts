/** “New Sandboxed Agent…”: a person picks an agent and a profile, and gets a sandbox with it and a terminal in which it runs. */
import * as vscode from 'vscode';
import type { AgentInfo } from '../../helper/protocol/agent.ts';
import type { SandboxInfo } from '../../helper/protocol/sandbox.ts';
import type { Action } from '../actions.ts';
import type { Context } from '../context.ts';
import { Failure } from '../failure.ts';
import { chooseProfile } from '../profiles/choose.ts';
import { create } from '../sandboxes/create.ts';
import { chooseFolder, sameFolder } from '../sandboxes/folders.ts';
import { isLive } from '../sandboxes/list.ts';
import { readSettings } from '../settings.ts';
import { showTerminal } from '../terminal/open.ts';
import { sentence, unlinked } from '../visible.ts';

/** as helper/agents names it */
const outOfReach = 'model-out-of-reach';
const answers = { other: 'Choose Another Profile', anyway: 'Start Anyway' } as const;

/** Id of the sandbox it runs in; undefined when a person backs out. */
export function newAgent(context: Context): Action {
  return async () => {
    const folder = await chooseFolder();
    const agent = folder === undefined ? undefined : await chooseAgent(context, folder);
    const sandbox = folder === undefined || !agent ? undefined : await chooseSandbox(context, folder, agent);
    if (!agent || !sandbox) return undefined;
    showTerminal(context, { id: sandbox.id, name: sandbox.name, agent: agent.name });
    return sandbox.id;
  };
}

/** @throws Failure where LASSO installs none on this machine */
async function chooseAgent({ helper }: Context, folder: string): Promise<AgentInfo | undefined> {
  const { agents } = await helper.request('agentList', { dir: folder });
  const offered = agents.filter(({ version }) => version !== undefined);
  if (offered.length === 0) throw new Failure('LASSO installs no agent on this machine.', { hint: 'Open a sandboxed terminal instead.' });
  const used = (info: AgentInfo): number => Number(info.detected.length > 0);
  const items = offered.toSorted((a, b) => used(b) - used(a)).map((agent) => ({ ...describe(agent), agent }));
  const options = { title: 'New Sandboxed Agent', placeHolder: 'Agent that shall work in this folder', matchOnDescription: true };
  return (await vscode.window.showQuickPick(items, options))?.agent;
}

function describe({ title, version = '', ready, detected }: AgentInfo): vscode.QuickPickItem {
  const [first, ...more] = detected;
  const used = first === undefined ? '' : ` · used here: ${first}${more.length === 0 ? '' : ` and ${more.length} more`}`;
  return { label: `$(robot) ${title}`, description: `${version}${ready ? '' : ', to be fetched'}${used}` };
}

/** One that runs here with that agent, or a new one. */
async function chooseSandbox(context: Context, folder: string, agent: AgentInfo): Promise<SandboxInfo | undefined> {
  await context.sandboxes.load();
  const isMeant = (sandbox: SandboxInfo): boolean =>
    isLive(sandbox) && sandbox.agent === agent.name && sameFolder(sandbox.workspace, folder);
  const running = context.sandboxes.all.filter(isMeant);
  let usual = running.length === 0 ? readSettings().defaultProfile : undefined;
  for (;;) {
    const choice =
      usual === undefined ? await chooseProfile(context, folder, running, `New Sandboxed Agent: ${agent.title}`) : { profile: usual };
    if (!choice) return undefined;
    if ('sandbox' in choice) return choice.sandbox;
    const answer = await reconsidered(context, folder, choice.profile, agent);
    if (answer === answers.anyway) return create(context, folder, choice.profile, agent);
    if (answer === undefined) return undefined;
    usual = undefined;
  }
}

/** Whether it is to start there; a person is asked only where the profile keeps it from its model. */
async function reconsidered(
  { helper }: Context,
  dir: string,
  profile: string,
  { name }: AgentInfo,
): Promise<(typeof answers)[keyof typeof answers] | undefined> {
  const { findings } = await helper.request('agentConfig', { agent: name, dir, profile });
  const found = findings.find(({ code }) => code === outOfReach);
  if (!found) return answers.anyway;
  const detail = unlinked(found.hint ?? '');
  const options = { modal: true, detail };
  return vscode.window.showWarningMessage(unlinked(sentence(found.message)), options, answers.other, answers.anyway);
}
