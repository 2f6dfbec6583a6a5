/** What can be done with sandboxes from the palette and the view. Each asks what it must know and hands the rest to the helper. */
import * as vscode from 'vscode';
import type { SandboxInfo } from '../../helper/protocol/sandbox.ts';
import type { Action } from '../actions.ts';
import type { Context } from '../context.ts';
import { closeTerminals, showTerminal } from '../terminal/open.ts';
import { requestInView, requestWithProgress } from '../work.ts';
import { chooseSandbox, terminalIn } from './choose.ts';
import { chooseTarget, createSandbox } from './create.ts';
import { isLive } from './list.ts';

export function sandboxActions(context: Context): Readonly<Record<`lasso.${string}`, Action>> {
  const { helper, sandboxes } = context;
  return {
    'lasso.openTerminal': async () => {
      const target = await chooseTarget(context);
      return target && showTerminal(context, target);
    },
    'lasso.create': async () => {
      const sandbox = await createSandbox(context);
      if (!sandbox) return undefined;
      void offerTerminal(context, sandbox);
      return sandbox.id;
    },
    'lasso.attach': async (argument) => {
      const sandbox = await chooseSandbox(context, argument, 'Attach to a Sandbox', isLive);
      return sandbox && showTerminal(context, { id: sandbox.id, name: sandbox.name, terminal: terminalIn(argument) });
    },
    'lasso.newTerminal': async (argument) => {
      const sandbox = await chooseSandbox(context, argument, 'New Terminal in a Sandbox', isLive);
      return sandbox && showTerminal(context, { id: sandbox.id, name: sandbox.name, another: true });
    },
    'lasso.start': async (argument) => {
      const sandbox = await chooseSandbox(context, argument, 'Start a Sandbox', (each) => !isLive(each));
      if (!sandbox) return;
      sandboxes.add(await requestWithProgress(context, `Starting ${sandbox.name}`, 'start', { sandbox: sandbox.id }));
    },
    'lasso.stop': async (argument) => {
      const sandbox = await chooseSandbox(context, argument, 'Stop a Sandbox', isLive);
      if (!sandbox) return;
      await requestInView(context, 'stop', { sandbox: sandbox.id });
      closeTerminals(sandbox);
    },
    'lasso.stopAll': async () => {
      await helper.connect();
      await sandboxes.load();
      const running = sandboxes.all.filter(isLive);
      if (running.length === 0) return void vscode.window.showInformationMessage('No sandbox is running.');
      const question = running.length === 1 ? 'Stop the running sandbox?' : `Stop ${running.length} running sandboxes?`;
      if (!(await confirmed(question, `${names(running)}. Whatever runs in there ends now.`, 'Stop All'))) return;
      await requestWithProgress(context, 'Stopping all sandboxes', 'stop', { sandbox: 'all' });
      running.forEach(closeTerminals);
    },
    'lasso.remove': async (argument) => {
      const sandbox = await chooseSandbox(context, argument, 'Remove a Sandbox', () => true);
      if (!sandbox) return;
      const detail = 'Whatever runs in there ends now. Its record stays.';
      if (isLive(sandbox) && !(await confirmed(`Stop and remove ${sandbox.name}?`, detail, 'Remove'))) return;
      await requestInView(context, 'remove', { sandbox: sandbox.id });
      closeTerminals(sandbox);
    },
    'lasso.copyId': async (argument) => {
      const sandbox = await chooseSandbox(context, argument, 'Copy a Sandbox’s Id', () => true);
      if (!sandbox) return;
      await vscode.env.clipboard.writeText(sandbox.id);
      vscode.window.setStatusBarMessage(`$(check) Copied ${sandbox.id}`, 3000);
    },
    'lasso.openWorkspace': async (argument) => {
      const sandbox = await chooseSandbox(context, argument, 'Show a Sandbox’s Workspace', () => true);
      if (sandbox) await vscode.commands.executeCommand('revealInExplorer', vscode.Uri.file(sandbox.workspace));
    },
    'lasso.refresh': async () => {
      await helper.connect();
      await sandboxes.load();
    },
  };
}

async function offerTerminal(context: Context, { id, name }: SandboxInfo): Promise<void> {
  const chosen = await vscode.window.showInformationMessage(`Sandbox ${name} is running.`, 'Open Terminal');
  if (chosen !== undefined) showTerminal(context, { id, name });
}

const confirmed = async (question: string, detail: string, button: string): Promise<boolean> =>
  (await vscode.window.showWarningMessage(question, { modal: true, detail }, button)) === button;

const names = (sandboxes: readonly SandboxInfo[]): string => sandboxes.map(({ name }) => name).join(', ');
