/** A verdict in words for a message. Pure. */
import type { OperationResult } from '../../helper/protocol/operations.ts';
import { shortened, unlinked, visible } from '../visible.ts';

type Answer = OperationResult<'why'>;

const words: Readonly<Record<Answer['verdict']['decision'], string>> = {
  allow: 'Allowed',
  deny: 'Denied',
  ask: 'Asks first',
  exec: 'Decided when each program starts',
};

/** `Denied by “team”: git push --force. The arguments are blocked. (commands.blocked_args.git[0])` */
export function verdictText(
  { profile, verdict, enforced, notices }: Pick<Answer, 'profile' | 'verdict' | 'enforced' | 'notices'>,
  asked: string,
): string {
  const { decision, reason, rule } = verdict;
  const parts = [
    `${words[decision]} by “${visible(profile)}”: ${shortened(visible(asked), 120)}.`,
    /[.!?]$/.test(reason) ? visible(reason) : `${visible(reason)}.`,
    ...(rule === undefined ? [] : [`(${visible(rule)})`]),
    ...(enforced ? [] : ['Nothing holds an agent to it yet.']),
    ...notices.map(visible),
  ];
  return unlinked(parts.join(' '));
}

/** An address is judged as one; everything else is a command line. */
export const isAddress = (text: string): boolean => /^https?:\/\/\S+$/i.test(text.trim());
