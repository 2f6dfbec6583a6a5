/** “Try a Command…”: what a profile says about a command line or an address, without running anything, and the rule that decides. */
import * as vscode from 'vscode';
import type { OperationResult } from '../../helper/protocol/operations.ts';
import type { Context } from '../context.ts';
import { openFile } from './open.ts';
import type { Subject } from './subject.ts';
import { isAddress, verdictText } from './verdict.ts';

const memoryKey = 'lasso.lastTried';
const openRule = 'Open Rule';
const again = 'Try Another';

/** The decision, or undefined when nothing was asked. The message stays until a person answers it; nobody waits for that. */
export async function tryCommand(context: Context, subject: Subject): Promise<string | undefined> {
  const asked = await vscode.window.showInputBox({
    title: `Try a Command on “${subject.name}”`,
    prompt: 'A command line, or an address that begins with http. Nothing is run.',
    placeHolder: 'git push --force',
    value: context.memory.get<string>(memoryKey, ''),
  });
  if (asked === undefined || asked.trim() === '') return undefined;
  await context.memory.update(memoryKey, asked);
  const intent = isAddress(asked) ? { url: asked.trim() } : { command: asked };
  const answer = await context.helper.request('why', { ...intent, ...subject.wish });
  void showVerdict(answer, asked, [again]).then((chosen) => {
    if (chosen === again) void vscode.commands.executeCommand('lasso.tryCommand', subject.reference);
  });
  return answer.verdict.decision;
}

/** Settles with the button that was chosen, when one is; that of the rule opens it. */
export async function showVerdict(answer: OperationResult<'why'>, asked: string, buttons: readonly string[]): Promise<string | undefined> {
  const { origin, verdict } = answer;
  const show = verdict.decision === 'deny' ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
  const chosen = await show(verdictText(answer, asked), ...(origin ? [openRule] : []), ...buttons);
  if (chosen === openRule && origin) await openFile(origin.file, origin.line);
  return chosen;
}
