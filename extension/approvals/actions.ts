/**
 * Answers from the view and the palette. Each is about the row it was called on, the id it was given, or the question a person
 * picks: nothing is answered that was not shown first.
 */
import * as vscode from 'vscode';
import type { Approval, ApprovalAnswer } from '../../helper/protocol/approval.ts';
import type { Action } from '../actions.ts';
import type { Context } from '../context.ts';
import { isRecord } from '../failure.ts';
import { openRule } from '../profiles/rule.ts';
import { giveAnswer } from './answer.ts';
import { answerMeanings, answersTo, answerWords, descriptionOf, labelOf, questionText } from './words.ts';

export function approvalActions(context: Context): Readonly<Record<`lasso.${string}`, Action>> {
  const answering =
    (answer: ApprovalAnswer): Action =>
    async (argument) => {
      const approval = given(context, argument) ?? (await pickApproval(context));
      return approval && giveAnswer(context, approval, answer);
    };
  return {
    'lasso.answerApproval': async (argument) => {
      const approval = given(context, argument) ?? onlyOne(context) ?? (await pickApproval(context));
      const answer = approval && (await chooseAnswer(approval));
      return answer && giveAnswer(context, approval, answer);
    },
    'lasso.approveOnce': answering('once'),
    'lasso.approveForSandbox': answering('session'),
    'lasso.approveAlways': answering('always'),
    'lasso.denyApproval': answering('deny'),
    'lasso.denyAllApprovals': async () => {
      for (const approval of context.approvals.all) await giveAnswer(context, approval, 'deny');
    },
    'lasso.openApprovalRule': async (argument) => {
      const approval = given(context, argument) ?? onlyOne(context) ?? (await pickApproval(context));
      return approval?.origin === undefined ? undefined : openRule(context, approval.origin, approval.sandbox);
    },
  };
}

function given({ approvals }: Context, argument: unknown): Approval | undefined {
  const id = typeof argument === 'string' ? argument : isRecord(argument) ? argument['id'] : undefined;
  return typeof id === 'string' ? approvals.get(id) : undefined;
}

const onlyOne = ({ approvals }: Context): Approval | undefined => (approvals.all.length === 1 ? approvals.all[0] : undefined);

async function pickApproval({ approvals, helper }: Context): Promise<Approval | undefined> {
  await helper.connect();
  if (approvals.all.length === 0) {
    void vscode.window.showInformationMessage('Nothing waits for your word.');
    return undefined;
  }
  const items = approvals.all.map((approval) => ({
    label: plain(labelOf(approval)),
    description: plain(descriptionOf(approval)),
    approval,
  }));
  return (await vscode.window.showQuickPick(items, { title: 'Answer a Question', placeHolder: 'What is asked' }))?.approval;
}

async function chooseAnswer(approval: Approval): Promise<ApprovalAnswer | undefined> {
  const items = answersTo(approval).map((answer) => ({ label: answerWords[answer], detail: answerMeanings[answer], answer }));
  const options = { title: titleOf(approval), placeHolder: questionText(approval, 0) };
  return (await vscode.window.showQuickPick(items, options))?.answer;
}

const titleOf = ({ kind }: Approval): string => (kind === 'command' ? 'May It Run?' : 'May It Connect?');

/** In a picker `$(name)` is a picture. */
const plain = (text: string): string => text.replaceAll('$(', '$ (');
