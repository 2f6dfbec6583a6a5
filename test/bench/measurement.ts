/** Figures: medians of several runs, a floor measured in the same run, and how the two are told. */

export interface Figure {
  readonly what: string;
  readonly unit: 'ms' | 'MB/s' | '/s' | 'µs' | 's' | 'MB';
  readonly ours: number;
  /** least work that does the job with the plain tool, measured in this very run */
  readonly floor?: { readonly name: string; readonly value: number };
  /** what is aimed at, as a ratio to the floor or as a figure of its own */
  readonly target: { readonly text: string; readonly ratio?: number; readonly atMost?: number; readonly atLeast?: number };
  readonly note?: string;
}

/** Median of `runs` durations in milliseconds, after one run that is not counted. */
export async function medianMs(runs: number, once: () => Promise<number | undefined>): Promise<number> {
  await timed(once);
  const durations: number[] = [];
  for (let run = 0; run < runs; run += 1) durations.push(await timed(once));
  return median(durations);
}

/** Duration of `once`: what it returns, where it measures a part of its own work only. */
async function timed(once: () => Promise<number | undefined>): Promise<number> {
  const startedMs = performance.now();
  return (await once()) ?? performance.now() - startedMs;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** @param status what /proc tells of a process */
export function residentMB(status: string): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

/** True when the target is met; a ratio counts towards more where the unit is a speed. */
function meets({ ours, floor, target, unit }: Figure): boolean {
  if (target.atMost !== undefined && ours > target.atMost) return false;
  if (target.atLeast !== undefined && ours < target.atLeast) return false;
  if (target.ratio === undefined || floor === undefined) return true;
  const ratio = ours / floor.value;
  return unit === 'MB/s' || unit === '/s' ? ratio >= target.ratio : ratio <= target.ratio;
}

/** One line for a table in Markdown. */
export function row(figure: Figure): string {
  const { what, unit, ours, floor, target, note } = figure;
  const digits = (value: number): string => (value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0));
  const beside = floor === undefined ? '–' : `${digits(floor.value)} ${unit} ${floor.name}`;
  const aimed = target.ratio ?? target.atMost ?? target.atLeast;
  const verdict = aimed === undefined ? '' : meets(figure) ? 'met' : 'short';
  const ratio = floor === undefined ? '–' : `${(ours / floor.value).toFixed(2)} ×`;
  return `| ${what} | ${digits(ours)} ${unit} | ${beside} | ${ratio} | ${target.text} | ${verdict} | ${note ?? ''} |`;
}

export const heading = '| what | LASSO | beside it | ratio | target | | note |\n|---|---|---|---|---|---|---|';
