/**
 * What a sandbox that learns lets through: only what nothing lists, or for commands what a person would be asked about. Whatever a
 * profile refuses by name, and whatever is closed in every profile, stays refused while somebody learns.
 */
import type { CommandRules } from './commands/rules.ts';
import type { NetworkRules } from './network/rules.ts';

/** The rules without the lists of what may run: what these refuse is refused by name, and stays so. */
export const withoutLists = (rules: CommandRules): CommandRules => ({ ...rules, mode: 'autonomous', list: 'blacklist' });

/** The rules under which a host that nothing lists is a question, at stage `unlisted`; all that is refused by name stays so. */
export const askingUnlisted = (rules: NetworkRules): NetworkRules => ({ ...rules, unlisted: 'ask' });
