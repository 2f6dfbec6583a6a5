/** Which address ranges two sets of network rules judge differently, asked by the first and the last address of each. */
import { judgeAddress } from '../policy/network/addresses.ts';
import type { NetworkRules } from '../policy/network/rules.ts';
import type { PolicyChange } from '../protocol/profile-operations.ts';
import { byEffect, effectOf, listed } from './diff-words.ts';

export function addressChanges(before: NetworkRules, after: NetworkRules): readonly PolicyChange[] {
  // Without a network no address is reached, whatever the ranges say.
  if (before.mode === 'none' || after.mode === 'none') return [];
  const ranges = [...new Set([before, after].flatMap(({ allowedRanges, blockedRanges }) => [...allowedRanges, ...blockedRanges]))];
  const changed = byEffect(ranges, (range) => {
    const address = range.split('/')[0] ?? range;
    return effectOf(judgeAddress(address, before).decision, judgeAddress(address, after).decision);
  });
  return changed.map(([effect, those]): PolicyChange => ({
    effect,
    text: `connections to addresses in ${listed(those)}`,
    path: effect === 'allowed' ? 'network.allowed_cidrs' : 'network.blocked_cidrs',
  }));
}
