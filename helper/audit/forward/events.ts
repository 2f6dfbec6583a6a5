/** Which records a webhook is told, by the names in its `events`. Pure. */
import type { Item } from './contract.ts';

/**
 * Whether a webhook with these `events` is told. `violation` is also what was blocked: LASSO 1.x wrote no record of that type, so
 * its usual filter told nobody of a refusal. Checkpoints go to everybody: they are what a copy of the record is held against.
 */
export function isWanted(item: Item, events: readonly string[]): boolean {
  if (item.kind === 'checkpoint' || events.includes(item.type)) return true;
  return item.outcome === 'blocked' && (events.includes('blocked') || events.includes('violation'));
}

/** The name under which a receiver is told of it. */
export function eventOf(item: Item): string {
  return item.kind === 'checkpoint' ? 'checkpoint' : item.type;
}

/** What tells one thing apart from every other, so that a receiver that is told twice can see it. */
export function deliveryOf(item: Item): string {
  return item.kind === 'checkpoint' ? `${item.sandbox}:checkpoint-${item.size}` : `${item.sandbox}:${item.seq}`;
}
