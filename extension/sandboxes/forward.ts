/** “Forward Port…”: a program in a sandbox is reached on this machine’s own loopback, and nowhere else, until it is ended here. */
import * as vscode from 'vscode';
import type { Forward } from '../../helper/protocol/forward-operations.ts';
import type { Action } from '../actions.ts';
import type { Context } from '../context.ts';
import { unlinked } from '../visible.ts';
import { requestInView } from '../work.ts';
import { chooseSandbox } from './choose.ts';

const open = 'Open in Browser';
const copy = 'Copy Address';

/** Port of 127.0.0.1, or undefined where nothing is reached. */
export function forwardPort(context: Context): Action {
  return async (argument) => {
    const sandbox = await chooseSandbox(context, argument, 'Forward a Port of a Sandbox', ({ state }) => state === 'running');
    if (!sandbox) return undefined;
    const { forwards } = await requestInView(context, 'forward', { sandbox: sandbox.id });
    const chosen = await choose(forwards);
    if (chosen === undefined) return undefined;
    if ('end' in chosen) {
      await requestInView(context, 'forward', { sandbox: sandbox.id, end: chosen.end });
      void vscode.window.showInformationMessage(`Port ${chosen.end} of the sandbox is no longer reached.`);
      return undefined;
    }
    const reached = await requestInView(context, 'forward', { sandbox: sandbox.id, port: chosen.port });
    const inside = Number(chosen.port.split(':')[0]);
    const found = reached.forwards.find(({ port }) => port === inside);
    if (found === undefined) return undefined;
    void tell(sandbox.name, found);
    return found.hostPort;
  };
}

type Choice = { readonly port: string } | { readonly end: number };

/** A port that is typed, or one that is to be ended. */
async function choose(forwards: readonly Forward[]): Promise<Choice | undefined> {
  if (forwards.length === 0) return await typed();
  const another = { label: '$(add) Another Port…', choice: undefined };
  const ends = forwards.map(({ port, hostPort, connections }) => ({
    label: `$(close) End ${port}`,
    description: `reached at 127.0.0.1:${hostPort}, ${connections} open`,
    choice: { end: port },
  }));
  const picked = await vscode.window.showQuickPick([another, ...ends], { title: 'Ports of a Sandbox' });
  if (picked === undefined) return undefined;
  return picked.choice ?? (await typed());
}

async function typed(): Promise<Choice | undefined> {
  const port = await vscode.window.showInputBox({
    title: 'Forward a Port',
    prompt: 'PORT of the sandbox, or PORT:HOSTPORT',
    placeHolder: '3000',
    validateInput: (text) => (/^\d{1,5}(:\d{1,5})?$/.test(text) ? undefined : 'Write a port, as in 3000, or two, as in 3000:8080.'),
  });
  return port === undefined ? undefined : { port };
}

async function tell(name: string, { port, hostPort }: Forward): Promise<void> {
  const address = `127.0.0.1:${hostPort}`;
  const picked = await vscode.window.showInformationMessage(unlinked(`Port ${port} of ${name} is reached at ${address}.`), open, copy);
  if (picked === open) await vscode.env.openExternal(vscode.Uri.parse(`http://${address}/`));
  if (picked === copy) await vscode.env.clipboard.writeText(address);
}
