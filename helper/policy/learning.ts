/**
 * What a sandbox that learns lets through: only what nothing lists, or what a person would be asked about. Whatever a profile
 * refuses by name, and whatever is closed in every profile, stays refused while somebody learns.
 */
import type { Verdict } from '../protocol/verdict.ts';
import type { CommandRules } from './commands/rules.ts';

/** stages at which a connection is refused because nothing lists it; every other refusal comes before them */
const unlisted = new Set(['unlisted', 'narrowed']);

/** Whether a line more in a profile would have allowed this connection, without taking back what the profile says. */
export const isLearnableConnection = ({ decision, stage }: Verdict): boolean =>
  decision === 'ask' || (decision === 'deny' && unlisted.has(stage));

/** The rules without the lists of what may run: what these refuse is refused by name, and stays so. */
export const withoutLists = (rules: CommandRules): CommandRules => ({ ...rules, mode: 'autonomous', list: 'blacklist' });
