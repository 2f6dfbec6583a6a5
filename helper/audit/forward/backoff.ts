/** How long to wait before another attempt: twice as long each time up to a cap, and never all receivers at the same moment. Pure. */

const firstMs = 1000;
/** longest wait by our own choice: a receiver that comes back is served within it */
const capMs = 300_000;
/** longest wait a receiver may ask for */
const askedCapMs = 3_600_000;

/**
 * Milliseconds before attempt `failures + 1`, at least half of which always pass (“equal jitter”).
 * @param failures attempts that failed in a row, from 1
 * @param chance 0 ≤ value < 1
 */
export function waitMs(failures: number, chance: number, askedMs = 0): number {
  const whole = Math.min(capMs, firstMs * 2 ** Math.min(failures - 1, 20));
  return Math.max(Math.round(whole / 2 + (whole / 2) * chance), Math.min(askedMs, askedCapMs));
}
