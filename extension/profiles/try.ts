/** “Try a Command…”: what a profile says about a command line or an address, without running anything, and the rule that decides. */
import * as vscode from 'vscode';
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
  const { origin, verdict } = answer;
  const show = verdict.decision === 'deny' ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
  void show(verdictText(answer, asked), ...(origin ? [openRule] : []), again).then((chosen) => {
    if (chosen === openRule && origin) void openFile(origin.file, origin.line);
    if (chosen === again) void vscode.commands.executeCommand('lasso.tryCommand', subject.reference);
  });
  return verdict.decision;
}
