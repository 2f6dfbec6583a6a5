/** Rows of things that happened more than once: what, why, how often, when first and last. */
import { amountIn, textIn, type Seen } from './summary-line.ts';
import type { Noted, When } from './summary-shape.ts';
import type { Tally } from './tally.ts';

/** longest text kept of one thing, in UTF-16 units */
const textLimit = 400;

/** Counts what happened under `what`, as often as the record says. */
export function noteIn(tally: Tally<Noted>, seen: Seen, what: string, why = whyOf(seen)): void {
  const told = { what: what.slice(0, textLimit), why: why.slice(0, textLimit) };
  touch(
    tally.add(`${told.what}\n${told.why}`, () => ({ ...told, ...fresh(seen) }), amountIn(seen.detail, 'times') ?? 1),
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
