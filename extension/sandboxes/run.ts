/** “Run Command…”: one command line in a sandbox, its output and exit code in an output channel. */
import * as vscode from 'vscode';
import type { CommandExit } from '../../helper/protocol/events.ts';
import type { Action } from '../actions.ts';
import type { Context } from '../context.ts';
import type { Lifetime } from '../lifetime.ts';
import { requestWithProgress } from '../work.ts';
import { chooseSandbox } from './choose.ts';
import { isLive } from './list.ts';

const memoryKey = 'lasso.lastCommand';

export function runCommand(context: Context, lifetime: Lifetime): Action {
  let channel: vscode.OutputChannel | undefined;
  const output = (): vscode.OutputChannel => (channel ??= lifetime.own(vscode.window.createOutputChannel('LASSO Commands')));
  return async (argument) => {
    const sandbox = await chooseSandbox(context, argument, 'Run a Command in a Sandbox', isLive);
    if (!sandbox) return undefined;
    const line = await vscode.window.showInputBox({
      title: `Run a command in ${sandbox.name}`,
      placeHolder: 'npm test',
      prompt: 'Run by sh in /workspace of the sandbox',
      value: context.memory.get<string>(memoryKey, ''),
    });
    if (line === undefined || line.trim() === '') return undefined;
    await context.memory.update(memoryKey, line);
    const params = { sandbox: sandbox.id, command: ['sh', '-c', line] };
    const result = await requestWithProgress(context, `${sandbox.name}: ${line}`, 'exec', params);
    const cut = result.truncated === true ? '[output was cut here]' : '';
    const text = [result.stdout, result.stderr, cut].map((part) => part?.trimEnd() ?? '').filter((part) => part !== '');
    output().appendLine([`${sandbox.name} $ ${line}`, ...text, exitText(result.exit), ''].join('\n'));
    output().show(true);
    return result.exit;
  };
}

function exitText({ code, signal, reason }: CommandExit): string {
  const status = code === null ? `ended by signal ${signal ?? 'unknown'}` : `exit code ${code}`;
  return `[${reason === undefined ? status : `${status}, ${reason}`}]`;
}
