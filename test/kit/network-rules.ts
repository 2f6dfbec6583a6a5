/** Rules about connections for tests, of a profile written as text. */
import { parse } from 'smol-toml';
import { networkRulesOf, type NetworkRules } from '../../helper/policy/network/rules.ts';
import { profileSchema } from '../../helper/protocol/profile/profile.ts';
import { builtInGroups } from './profile-sources.ts';

/** @param text what follows `[network]` in a profile that builds on no other */
export const networkRulesOfText = (text: string): NetworkRules =>
  networkRulesOf(profileSchema.parse({ name: 'test', ...parse(`[network]\n${text}`) }), builtInGroups);
