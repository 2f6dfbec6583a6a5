/** Finds what LASSO says in a terminal when it refuses something, and where the rule is. Terminals show hostile text. Pure. */
import { shortened, visible } from '../visible.ts';

export interface Refusal {
  /** the place of the rule in the line, UTF-16 offsets */
  readonly start: number;
  readonly length: number;
  /** `standard.toml:16` */
  readonly origin: string;
  readonly why: string;
}

/** longer lines are not looked at; what LASSO says is shorter */
const lineLimit = 4000;

/** In “LASSO: `git` is blocked by standard.toml:16. Pushing …” the part that names the rule, and the reason after it. */
export function refusalsIn(line: string): readonly Refusal[] {
  if (line.length > lineLimit) return [];
  const found = line.matchAll(/LASSO: `[^`]{1,200}` (is blocked|needs approval) by ([\w.@+-]{1,120}\.toml:\d{1,7})(?:\.(?!\d)|,|\s|$)/g);
  return [...found].map((match) => {
    const [text, verb = '', origin = ''] = match;
    const start = match.index + text.lastIndexOf(origin);
    const [rest = ''] = line.slice(match.index + text.length).split('LASSO: ', 1);
    const reason = shortened(visible(rest.trim().replace(/^and /, '')), 300);
    const why = reason === '' ? verb : verb === 'is blocked' ? reason : `Needs approval, and ${reason}`;
    return { start, length: origin.length, origin, why };
  });
}
