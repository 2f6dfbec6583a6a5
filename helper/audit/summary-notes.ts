/** Rows of things that happened more than once: what, why, how often, when first and last. */
import { amountIn, textIn, type Seen } from './summary-line.ts';
import type { Noted, When } from './summary-shape.ts';
import type { Tally } from './tally.ts';

/** Counts what happened under `what`, as often as the record says. */
export function noteIn(tally: Tally<Noted>, seen: Seen, what: string, why = whyOf(seen)): void {
  touch(
    tally.add(`${what}\n${why}`, () => ({ what, why, ...fresh(seen) }), amountIn(seen.detail, 'times') ?? 1),
    seen,
  );
}

/** It was seen again. */
export function touch(when: When, { ts }: Seen): void {
  when.lastAt = ts;
}

export function fresh({ ts, seq }: Seen): When {
  return { firstAt: ts, lastAt: ts, firstSeq: seq };
}

export const whyOf = ({ detail }: Seen): string => textIn(detail, 'reason') ?? textIn(detail, 'message') ?? '';
