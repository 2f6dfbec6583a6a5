/** Opens, finds and closes the terminals of this window that look at sandboxes. */
import * as vscode from 'vscode';
import type { SandboxInfo } from '../../helper/protocol/sandbox.ts';
import type { Context } from '../context.ts';
import { showFailure } from '../notice.ts';
import { readSettings } from '../settings.ts';
import { terminalName, terminalOptions, type Target } from './options.ts';

/** Shows the terminal that looks at the target already, or opens one. */
export function showTerminal(context: Context, target: Target): vscode.Terminal {
  const found = target.another === true ? undefined : vscode.window.terminals.find((terminal) => looksAt(terminal, target));
  const terminal = found ?? vscode.window.createTerminal(terminalOptions(context, target));
  terminal.show();
  return terminal;
}

/** Does what the setting `lasso.terminal.onClose` says when a person closes the last terminal on a sandbox. */
export function watchClosing(context: Context): vscode.Disposable {
  return vscode.window.onDidCloseTerminal((closed) => {
    if (closed.exitStatus?.reason !== vscode.TerminalExitReason.User || readSettings().onClose !== 'stop') return;
    const sandbox = context.sandboxes.all.find((candidate) => belongsTo(closed, candidate));
    if (!sandbox || vscode.window.terminals.some((terminal) => terminal !== closed && belongsTo(terminal, sandbox))) return;
    context.helper.request('stop', { sandbox: sandbox.id }).catch((error: unknown) => showFailure(error, context.log));
  });
}

/** Closes this window's terminals on a sandbox that is about to be gone. */
export function closeTerminals(sandbox: SandboxInfo): void {
  for (const terminal of vscode.window.terminals) if (belongsTo(terminal, sandbox)) terminal.dispose();
}

/** The sandbox that a terminal of this window looks at. */
export const sandboxIn = ({ sandboxes }: Context, terminal: vscode.Terminal): SandboxInfo | undefined =>
  sandboxes.all.find((sandbox) => belongsTo(terminal, sandbox));

function looksAt(terminal: vscode.Terminal, target: Target): boolean {
  if (terminal.exitStatus || !belongsTo(terminal, target)) return false;
  const args = argumentsOf(terminal);
  if (target.agent !== undefined) return args?.[args.indexOf('--agent') + 1] === target.agent;
  if (!args || args.includes('--new')) return target.terminal === undefined;
  const at = args.indexOf('--terminal');
  const shown = at < 0 ? undefined : args[at + 1];
  return shown === target.terminal || target.terminal === undefined;
}

// After a reload VS Code knows the name of a terminal it brought back, not always the arguments it was started with.
function belongsTo(terminal: vscode.Terminal, { id, name }: { readonly id: string; readonly name: string }): boolean {
  const args = argumentsOf(terminal);
  return args ? args[1] === 'attach' && args[2] === id : terminal.name === terminalName(name);
}

function argumentsOf({ creationOptions }: vscode.Terminal): readonly string[] | undefined {
  const args = 'shellArgs' in creationOptions ? creationOptions.shellArgs : undefined;
  return Array.isArray(args) ? args : undefined;
}
