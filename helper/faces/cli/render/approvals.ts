/** What waits for a person's word, for a terminal. What is asked about is hostile text. */
import type { Approval, ApprovalAnswer, ProposedChange } from '../../../protocol/approval.ts';
import type { Paint } from '../console.ts';
import { lineChanges } from './line-changes.ts';
import { ageOf, columns, visible } from './text.ts';
import type { View } from './view.ts';

export function approvalTable(approvals: readonly Approval[], { paint, now }: View): string {
  if (approvals.length === 0) return 'Nothing waits for an answer.\n';
  return columns([
    ['ID', 'SANDBOX', 'ASKED', 'WHAT', 'WHY'].map((text) => ({ text, paint: (shown: string) => paint('dim', shown) })),
    ...approvals.map(({ id, name, askedAt, what, why }) => [
      { text: id, paint: (shown: string) => paint('bold', shown) },
      { text: name },
      { text: ageOf(askedAt, now) },
      { text: what },
      { text: why },
    ]),
  ]);
}

export const answered = (word: string, { what, name }: Approval): string => `${word}  ${visible(what)}  (${visible(name)})\n`;

/** One question, with all that a person needs to answer it. */
export function questionText({ id, name, kind, what, where, why, rule, origin }: Approval, paint: Paint): string {
  const wants = kind === 'command' ? 'wants to run' : 'wants to connect to';
  const row = (label: string, text: string): string => `  ${paint('dim', label.padEnd(5))} ${visible(text)}\n`;
  const by = rule === undefined ? '' : row('rule', origin === undefined ? rule : `${rule}, ${origin}`);
  return `\n${paint('bold', visible(name))} ${wants}  ${paint('yellow', visible(what))}\n${row('in', where)}${row('why', why)}${by}${row('id', id)}`;
}

/** What has become of a question. */
export const settledTexts: Readonly<Record<ApprovalAnswer | 'timeout' | 'unattended' | 'withdrawn', string>> = {
  once: 'allowed once',
  session: 'allowed for as long as the sandbox runs',
  always: 'allowed for as long as the sandbox runs',
  deny: 'denied',
  timeout: 'denied: nobody answered in time',
  unattended: 'denied: nobody was there',
  withdrawn: 'withdrawn: the sandbox is gone',
};

/** What a lasting yes would change, line by line. */
export function changeText({ profile, file, before, after }: ProposedChange, paint: Paint): string {
  const lines = lineChanges(before, after).map(({ kind, text }) => {
    if (kind === 'same') return `    ${visible(text)}\n`;
    if (kind === 'gap') return paint('dim', '    …\n');
    return kind === 'added' ? paint('green', `  + ${visible(text)}\n`) : paint('red', `  - ${visible(text)}\n`);
  });
  const head =
    before === '' ? `a new profile ${visible(profile)} would never ask about it` : `${visible(profile)} would never ask about it again`;
  return `To have this yes last, ${head} (${visible(file)}):\n${lines.join('')}`;
}
