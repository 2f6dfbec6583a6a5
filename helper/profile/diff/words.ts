/** Small pieces of sentences that changes are told with. */
import type { PolicyChange } from '../../protocol/profile-operations.ts';
import type { Decision } from '../../protocol/verdict.ts';

/** items that are told before the rest is only counted */
const itemLimit = 100;

/** `a`, `a and b`, `a, b and c` */
export function listed(items: readonly (string | number)[]): string {
  if (items.length > itemLimit) return `${items.slice(0, itemLimit).join(', ')} and ${items.length - itemLimit} more`;
  if (items.length < 2) return String(items[0] ?? '');
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1) ?? ''}`;
}

/** What changed between two decisions, or undefined. What is left to the moment it runs counts as allowed. */
export function effectOf(before: Decision, after: Decision): Exclude<PolicyChange['effect'], 'changed'> | undefined {
  const [one, other] = [before, after].map((decision) => (decision === 'exec' ? 'allow' : decision));
  if (one === other) return undefined;
  return other === 'allow' ? 'allowed' : other === 'ask' ? 'asked' : 'denied';
}

/** Items by the effect each has; those without one are left out. */
export function byEffect<T>(
  items: readonly T[],
  effect: (item: T) => PolicyChange['effect'] | undefined,
): readonly (readonly [PolicyChange['effect'], readonly T[]])[] {
  const found = new Map<PolicyChange['effect'], T[]>();
  for (const item of items) {
    const its = effect(item);
    if (its !== undefined) found.set(its, [...(found.get(its) ?? []), item]);
  }
  return [...found];
}
