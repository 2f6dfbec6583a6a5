/** What an agent is told when one of its tools is refused: one line that says by which rule and why, so that it stops trying. */
import { basename } from 'node:path';
import type { Verdict } from '../../protocol/verdict.ts';
import type { Settled } from './approvals.ts';
import { unanswered } from './unanswered.ts';

/** @param tool as the agent calls it; hostile @param by FILE:LINE of the rule, else the rule @param answered what a person said, where one was asked */
export function refusedTool(tool: string, { decision, reason }: Verdict, by: string | undefined, answered?: Settled): string {
  const what = tool === '' ? 'this' : `\`${tool}\``;
  const where = by === undefined ? '' : ` by ${basename(by)}`;
  if (answered !== undefined) return plain(`LASSO: ${what} needs approval${where}, and ${unanswered(answered)}.`);
  if (decision === 'ask') return plain(`LASSO: ${what} needs a person’s word${where}, and nobody is asked here. ${reason}`);
  return plain(`LASSO: ${what} is blocked${where}. ${reason}`);
}

const textLimit = 1000;

/** Nothing in it can move a cursor. */
const plain = (text: string): string => text.slice(0, textLimit).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ');
