/**
 * How a question to a person reads. What is asked is hostile text: it is made visible, bounded with both its ends kept, and
 * can neither end its quotation nor become a link. Pure.
 */
import type { Approval, ApprovalAnswer } from '../../helper/protocol/approval.ts';
import { clipped, quoted, unlinked, visible } from '../visible.ts';

export const answerWords: Readonly<Record<ApprovalAnswer, string>> = {
  once: 'Allow Once',
  session: 'Allow in This Sandbox',
  always: 'Always…',
  deny: 'Deny',
};

export const answerMeanings: Readonly<Record<ApprovalAnswer, string>> = {
  once: 'this one time',
  session: 'this, as often as it is asked, until the sandbox ends',
  always: 'in this sandbox at once; a change of the profile is shown before it is saved',
  deny: 'the agent is told that a person said no',
};

/** the answers it takes, as they are shown */
export const answersTo = ({ answers }: Approval): readonly ApprovalAnswer[] => [...answers, 'deny'];

/** `app wants to run “git push” in /workspace. Pushing is asked about. (standard.toml:31)`: what VS Code shows of a message at most is more. */
export function questionText(approval: Approval, more: number): string {
  const { name, kind, what, where } = approval;
  const asked =
    kind === 'command'
      ? `${visible(name)} wants to run ${quoted(what, 300)} in ${clipped(visible(where), 80)}.`
      : `${visible(name)} wants to connect to ${quoted(what, 300)} from ${quoted(where, 80)}.`;
  const waiting = more === 0 ? [] : [more === 1 ? 'One more waits.' : `${more} more wait.`];
  return unlinked([asked, becauseOf(approval), ...waiting].join(' '));
}

export const labelOf = ({ what }: Approval): string => clipped(visible(what), 120);

export const descriptionOf = ({ name, kind, where }: Approval): string =>
  `${visible(name)} · ${kind === 'command' ? clipped(visible(where), 60) : `from ${clipped(visible(where), 60)}`}`;

/** @param until when it becomes a no, as a clock shows it */
export function tooltipOf(approval: Approval, until: string): string {
  const { name, kind, what, where } = approval;
  return [
    clipped(visible(what), 2000),
    '',
    `Sandbox: ${visible(name)}`,
    `${kind === 'command' ? 'Folder' : 'Program'}: ${clipped(visible(where), 500)}`,
    `Why: ${becauseOf(approval)}`,
    `Without an answer until ${until} it is a no.`,
  ].join('\n');
}

/** The reason, with the place or the name of the rule. */
function becauseOf({ why, rule, origin }: Pick<Approval, 'why' | 'rule' | 'origin'>): string {
  const by = origin ?? rule;
  return `${clipped(visible(why), 200)}${by === undefined ? '' : ` (${clipped(visible(by), 120)})`}`;
}
