/** A stretch of the timeline: which bars it covers, the times it stands for, and how it moves with the keyboard. Pure. */
import type { PageBar, PageFilter } from '../../helper/protocol/record-page.ts';

/** bars by number; `to` is the end that moves, and may lie before `from` */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Times of the bars, both ends included; a range of all bars has none. */
export function timesOf({ from, to }: Range, bars: readonly PageBar[]): Pick<PageFilter, 'since' | 'until'> {
  const [first, last] = [Math.min(from, to), Math.max(from, to)];
  const [begin, end] = [bars[first], bars[last + 1]];
  if (begin === undefined || (first === 0 && end === undefined)) return {};
  return {
    ...(first === 0 ? {} : { since: begin.from }),
    ...(end === undefined ? {} : { until: justBefore(end.from) }),
  };
}

/** The bars that times stand for, as far as they do; undefined without times. */
export function rangeOf({ since, until }: Pick<PageFilter, 'since' | 'until'>, bars: readonly PageBar[]): Range | undefined {
  if ((since === undefined && until === undefined) || bars.length === 0) return undefined;
  const from = since === undefined ? 0 : bars.findLastIndex((bar) => bar.from <= since);
  const to = until === undefined ? bars.length - 1 : bars.findLastIndex((bar) => bar.from <= until);
  return { from: Math.max(0, from), to: Math.max(0, to) };
}

/** Where a key leads; undefined where it leads nowhere. With `widen` the other end stays. */
export function moved(range: Range | undefined, key: string, widen: boolean, count: number): Range | undefined {
  const at = range?.to ?? -1;
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: at - 1,
    ArrowRight: at + 1,
    Home: 0,
    End: count - 1,
    PageUp: at - 10,
    PageDown: at + 10,
  };
  const aim = Object.hasOwn(steps, key) ? steps[key] : undefined;
  if (aim === undefined || count === 0) return undefined;
  const to = Math.min(Math.max(0, aim), count - 1);
  return { from: widen ? (range?.from ?? to) : to, to };
}

/** A filter includes its end, so a bar ends a millisecond before the next one begins. */
function justBefore(iso: string): string {
  const time = Date.parse(iso);
  return Number.isNaN(time) ? iso : new Date(time - 1).toISOString();
}
