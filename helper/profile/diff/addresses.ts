/** Which address ranges two sets of network rules judge differently, asked by the first and the last address of each. */
import { judgeAddress } from '../../policy/network/addresses.ts';
import type { NetworkRules } from '../../policy/network/rules.ts';
import type { PolicyChange } from '../../protocol/profile-operations.ts';
import { byEffect, effectOf, listed } from './words.ts';

/** ranges that are asked about: a text made to be slow must not hold anybody up */
const rangeLimit = 100;

export function addressChanges(before: NetworkRules, after: NetworkRules): readonly PolicyChange[] {
  // Without a network no address is reached, whatever the ranges say.
  if (before.mode === 'none' || after.mode === 'none') return [];
  const [was, is] = [before, after].map(({ allowedRanges, blockedRanges }) => new Set([...allowedRanges, ...blockedRanges]));
  const onBoth = (range: string): boolean => was?.has(range) === true && is?.has(range) === true;
  const all = [...new Set([...(was ?? []), ...(is ?? [])])];
  // Those that only one side names first.
  const ranges = [...all.filter((range) => !onBoth(range)), ...all.filter(onBoth)];
  const asked = ranges.slice(0, rangeLimit);
  const changed = byEffect(asked, (range) => {
    const address = range.split('/')[0] ?? range;
    return effectOf(judgeAddress(address, before).decision, judgeAddress(address, after).decision);
  });
  const told = changed.map(([effect, those]): PolicyChange => {
    const path = effect === 'allowed' ? 'network.allowed_cidrs' : 'network.blocked_cidrs';
    return { effect, text: `connections to addresses in ${listed(those)}`, path };
  });
  const rest = ranges.length - asked.length;
  return rest === 0
    ? told
    : [...told, { effect: 'changed', text: `network: ${rest} more address ranges were too many to compare`, path: 'network' }];
}
