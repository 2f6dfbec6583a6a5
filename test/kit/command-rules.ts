/** Rules about commands for tests: those of the built-in profiles, and of a profile written as text. */
import { parse } from 'smol-toml';
import { type CommandRules, commandRulesOf } from '../../helper/policy/commands/rules.ts';
import { profileSchema } from '../../helper/protocol/profile/profile.ts';
import { builtInProfiles } from './profile-sources.ts';

/** Rules of a profile that builds on no other. */
export const rulesOfText = (text: string): CommandRules => commandRulesOf(profileSchema.parse({ name: 'test', ...parse(text) }));

/** Rules of a built-in profile that builds on no other. */
export function rulesNamed(name: string): CommandRules {
  const found = builtInProfiles.find((profile) => profile.name === name);
  if (found === undefined) throw new Error(`no built-in profile “${name}”`);
  return rulesOfText(found.text);
}
