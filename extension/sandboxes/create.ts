/** Makes a sandbox from what a person chose, or finds the one they meant. */
import type { AgentInfo } from '../../helper/protocol/agent.ts';
import type { SandboxInfo } from '../../helper/protocol/sandbox.ts';
import type { Context } from '../context.ts';
import { startAgreed } from '../profiles/approve.ts';
import { chooseProfile } from '../profiles/choose.ts';
import { readSettings } from '../settings.ts';
import type { Target } from '../terminal/options.ts';
import { requestWithProgress } from '../work.ts';
import { chooseFolder, sameFolder } from './folders.ts';
import { isLive } from './list.ts';

/** Asks for folder and profile; undefined when a person backs out. */
export async function createSandbox(context: Context): Promise<SandboxInfo | undefined> {
  const folder = await chooseFolder();
  if (folder === undefined) return undefined;
  const choice = await chooseProfile(context, folder, []);
  return choice && 'profile' in choice ? create(context, folder, choice.profile) : undefined;
}

/** The sandbox a new terminal opens in: one that runs in the folder already, or a new one. */
export async function chooseTarget(context: Context): Promise<Target | undefined> {
  const folder = await chooseFolder();
  if (folder === undefined) return undefined;
  await context.helper.connect();
  await context.sandboxes.load();
  const running = context.sandboxes.all.filter((sandbox) => isLive(sandbox) && sameFolder(sandbox.workspace, folder));
  const { defaultProfile } = readSettings();
  const choice =
    defaultProfile !== undefined && running.length === 0 ? { profile: defaultProfile } : await chooseProfile(context, folder, running);
  if (!choice) return undefined;
  if ('sandbox' in choice) return { id: choice.sandbox.id, name: choice.sandbox.name, another: choice.sandbox.terminals.length > 0 };
  const created = await create(context, folder, choice.profile);
  return created && { id: created.id, name: created.name };
}

/** @param agent one that LASSO installs in it */
export async function create(context: Context, folder: string, profile: string, agent?: AgentInfo): Promise<SandboxInfo | undefined> {
  const { backend, isolation } = readSettings();
  const sandbox = await startAgreed(context, folder, profile, (options) =>
    requestWithProgress(context, `Starting ${agent?.title ?? 'a sandbox'} (${profile})`, 'create', {
      dir: folder,
      profile,
      ...(agent === undefined ? {} : { agent: agent.name }),
      ...(backend === undefined ? {} : { backend }),
      ...(isolation === undefined ? {} : { isolation }),
      ...options,
    }),
  );
  if (sandbox) context.sandboxes.add(sandbox);
  return sandbox;
}
