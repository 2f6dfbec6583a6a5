/** Which sandbox an action is about: the row it was called on, the id it was given, or the one a person picks. */
import * as vscode from 'vscode';
import type { SandboxInfo, TerminalInfo } from '../../helper/protocol/sandbox.ts';
import type { Context } from '../context.ts';
import { Failure, isRecord } from '../failure.ts';
import { descriptionOf, stateLooks } from './describe.ts';

/** @throws Failure when there is none to choose from */
export async function chooseSandbox(
  context: Context,
  argument: unknown,
  title: string,
  fits: (sandbox: SandboxInfo) => boolean,
): Promise<SandboxInfo | undefined> {
  const { sandboxes } = context;
  if (typeof argument === 'string' || isRecord(argument)) {
    const id = typeof argument === 'string' ? argument : idIn(argument);
    const named = id === undefined ? undefined : sandboxes.get(id);
    if (named) return named;
  }
  await context.helper.connect();
  await sandboxes.load();
  if (typeof argument === 'string') return sandboxes.get(argument);
  const fitting = sandboxes.all.filter(fits);
  if (fitting.length === 0) {
    throw new Failure('There is no such sandbox now.', { hint: 'Create one with “LASSO: Create Sandbox”.', code: 'SANDBOX_UNKNOWN' });
  }
  if (fitting.length === 1) return fitting[0];
  const items = fitting.map((sandbox) => ({
    label: `$(${stateLooks[sandbox.state].icon}) ${sandbox.name}`,
    description: descriptionOf(sandbox, Date.now()),
    detail: sandbox.workspace,
    sandbox,
  }));
  return (await vscode.window.showQuickPick(items, { title, placeHolder: 'Sandbox', matchOnDescription: true, matchOnDetail: true }))
    ?.sandbox;
}

/** The terminal a row stands for, if it stands for one. */
export function terminalIn(argument: unknown): TerminalInfo['id'] | undefined {
  const terminal = isRecord(argument) ? argument['terminal'] : undefined;
  return isRecord(terminal) && typeof terminal['id'] === 'string' ? terminal['id'] : undefined;
}

function idIn(node: Readonly<Record<string, unknown>>): string | undefined {
  const sandbox = node['sandbox'];
  return isRecord(sandbox) && typeof sandbox['id'] === 'string' ? sandbox['id'] : undefined;
}
