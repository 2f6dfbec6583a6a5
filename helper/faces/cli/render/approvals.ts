/** What waits for a person's word, for a terminal. What is asked about is hostile text. */
import type { Approval } from '../../../protocol/approval.ts';
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
