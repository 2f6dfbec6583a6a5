/** Asks a person by notification, one question at a time. A notification that is closed answers nothing: the question stays in the view. */
import * as vscode from 'vscode';
import type { Approval } from '../../helper/protocol/approval.ts';
import type { Context } from '../context.ts';
import { Lifetime, type Disposable } from '../lifetime.ts';
import { giveAnswer } from './answer.ts';
import { Queue, type Turn } from './queue.ts';
import { answersTo, answerWords, questionText } from './words.ts';

/** VS Code puts a notification away by itself a little before; the next one must not wait for it */
const shownMs = 20_000;

export function showQuestions(context: Context): Disposable {
  const { approvals } = context;
  const lifetime = new Lifetime();
  const queue = new Queue<Approval>((approval, turn) => show(context, approval, turn));
  lifetime.own(approvals.onAsked((approval) => queue.add(approval)));
  lifetime.own(approvals.onSettled((id) => queue.drop(id)));
  return lifetime;
}

async function show(context: Context, approval: Approval, { more, over }: Turn): Promise<void> {
  const answers = answersTo(approval);
  // There is no way to take one notification back. Those that are put away can still be found under the bell.
  const putAway = (): void => void vscode.commands.executeCommand('notifications.hideToasts');
  over.addEventListener('abort', putAway, { once: true });
  const asked = ask();
  await Promise.race([asked, pause(shownMs, over)]);

  async function ask(): Promise<void> {
    const chosen = await vscode.window.showWarningMessage(questionText(approval, more), ...answers.map((answer) => answerWords[answer]));
    over.removeEventListener('abort', putAway);
    const answer = answers.find((each) => answerWords[each] === chosen);
    if (answer) void giveAnswer(context, approval, answer);
  }
}

function pause(ms: number, over: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    over.addEventListener('abort', () => clearTimeout(timer), { once: true });
  });
}
