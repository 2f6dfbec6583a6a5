/** Hands a person's answer to the helper. A question that was answered elsewhere or is over is told as just that. */
import * as vscode from 'vscode';
import type { Approval, ApprovalAnswer } from '../../helper/protocol/approval.ts';
import type { Context } from '../context.ts';
import { showFailure } from '../notice.ts';
import { quoted } from '../visible.ts';
import { offerChange } from './change.ts';

/** What was answered, or undefined where that was not possible any more; a person was told then. */
export async function giveAnswer(context: Context, approval: Approval, answer: ApprovalAnswer): Promise<ApprovalAnswer | undefined> {
  const { approvals, helper, log } = context;
  const { id } = approval;
  if (!approvals.get(id)) {
    void vscode.window.showInformationMessage('This was answered already, or nobody answered in time.');
    return undefined;
  }
  try {
    if (answer === 'deny') {
      await helper.request('deny', { id });
    } else {
      const { change } = await helper.request('approve', { id, for: answer });
      // The answer is given; nobody waits for what a person makes of the change.
      const offer = {
        id,
        title: 'now ↔ no longer asked about',
        question: `Never ask about ${quoted(approval.what, 200)} again?`,
        again: 'Answer “Always…” when you are asked again.',
      };
      if (change) offerChange(context, offer, change).catch((error: unknown) => showFailure(error, log));
    }
    return answer;
  } catch (error) {
    showFailure(error, log);
    return undefined;
  }
}
