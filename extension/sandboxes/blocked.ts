/** What was blocked in a sandbox since this window looks at it: how much, and the last of it. Pure. */
import type { LassoEvent } from '../../helper/protocol/events.ts';
import { clipped, visible } from '../visible.ts';

export type BlockedEvent = Extract<LassoEvent, { type: 'blocked' }>;

export interface Blocked {
  readonly count: number;
  /** the newest first */
  readonly latest: readonly BlockedEvent[];
}

const kept = 5;

export function withBlocked(before: Blocked | undefined, event: BlockedEvent): Blocked {
  const others = before?.latest.filter(({ what, rule }) => what !== event.what || rule !== event.rule) ?? [];
  return { count: (before?.count ?? 0) + event.count, latest: [event, ...others].slice(0, kept) };
}

export const blockedWord = ({ count }: Blocked): string => `${count} blocked`;

/** For a tip: what was refused last, why, and by which rule. */
export function blockedLines({ count, latest }: Blocked): readonly string[] {
  const rows = latest.map(({ what, reason, rule, origin }) => {
    const by = origin ?? rule;
    return `  ${clipped(visible(what), 120)}: ${clipped(visible(reason), 200)}${by === undefined ? '' : ` (${visible(by)})`}`;
  });
  return [`Blocked: ${count}${count > latest.length ? ', the last:' : ''}`, ...rows];
}
