/** Why what a person was asked about is not allowed, in the words the agent gets. */
import { quietSeconds } from './approval-desk.ts';
import type { Settled } from './approvals.ts';

const words: Readonly<Record<Settled['answer'], string>> = {
  once: 'it was allowed once only',
  session: 'it was allowed',
  always: 'it was allowed',
  deny: 'a person said no',
  timeout: 'nobody answered in time',
  unattended: 'nobody is there to ask',
  withdrawn: 'the question was withdrawn',
};

/** Part of a sentence, `a person said no`. */
export function unanswered({ answer, repeated }: Settled): string {
  const again = repeated === true ? `; nobody is asked the same again within ${quietSeconds} s` : '';
  return `${words[answer]}${again}`;
}
