/**
 * Patterns held against a whole tree while somebody walks down it: each name is looked at once, and where no pattern can reach
 * any more is known. Says the same as `matchesPattern` on whole paths. Pure.
 */
import { anyDepth, nameFits, type Pattern, packages, stepOf } from './patterns.ts';

/** where the patterns stand in one folder */
export interface Descent {
  /** Number of the first pattern that a thing of this name in this folder matches. */
  matched(name: string): number | undefined;
  /** The same for a folder of this name in it; null where no pattern reaches. A folder that matched is below its own match. */
  below(name: string): Descent | null;
}

/** steps of a pattern that are still to be met */
interface Position {
  readonly pattern: number;
  readonly step: number;
}

/** At the top of the tree. */
export function descentOf(patterns: readonly Pattern[]): Descent {
  const anywhere = patterns.flatMap(({ steps }, pattern) => (steps[0] === anyDepth ? [pattern] : []));
  const plain = new Map<string, number>();
  const others: number[] = [];
  for (const pattern of anywhere) {
    const [, name, ...rest] = patterns[pattern]?.steps ?? [];
    if (typeof name !== 'object' || name.plain === undefined || rest.length > 0) others.push(pattern);
    else if (!plain.has(name.plain)) plain.set(name.plain, pattern);
  }

  /** the position, and those behind stars that stand for nothing */
  const from = (pattern: number, step: number): readonly Position[] => {
    const found = [{ pattern, step }];
    const steps = patterns[pattern]?.steps ?? [];
    for (let next = step; steps[next] === anyDepth; next += 1) found.push({ pattern, step: next + 1 });
    return found;
  };
  const floating = others.flatMap((pattern) => from(pattern, 0));

  const at = (loose: boolean, positions: readonly Position[]): Descent => {
    const all = loose ? [...floating, ...positions] : positions;
    const here: Descent = {
      matched: (name) => {
        const step = stepOf(name);
        let first = loose ? plain.get(step) : undefined;
        for (const position of all) {
          if (first !== undefined && position.pattern >= first) continue;
          if (isLast(patterns, position) && fits(patterns, position, step)) first = position.pattern;
        }
        return first;
      },
      below: (name) => {
        const step = stepOf(name);
        const barred = packages.has(step);
        const next = all.flatMap((position) => {
          const wanted = patterns[position.pattern]?.steps[position.step];
          if (wanted === anyDepth)
            return barred || position.step === 0 ? [] : [position, ...from(position.pattern, position.step).slice(1)];
          return fits(patterns, position, step) ? from(position.pattern, position.step + 1) : [];
        });
        const goesOn = loose && !barred;
        if (goesOn && anywhere.length > 0 && next.length === 0 && positions.length === 0) return here;
        const open = unique(next).filter(({ pattern, step: wanted }) => wanted < (patterns[pattern]?.steps.length ?? 0));
        return open.length > 0 || (goesOn && anywhere.length > 0) ? at(goesOn, open) : null;
      },
    };
    return here;
  };
  return at(
    true,
    patterns.flatMap(({ steps }, pattern) => (steps[0] === anyDepth ? [] : from(pattern, 0))),
  );
}

const isLast = (patterns: readonly Pattern[], { pattern, step }: Position): boolean => step + 1 === patterns[pattern]?.steps.length;

function fits(patterns: readonly Pattern[], { pattern, step }: Position, name: string): boolean {
  const wanted = patterns[pattern]?.steps[step];
  return typeof wanted === 'object' && nameFits(name, wanted);
}

const unique = (positions: readonly Position[]): readonly Position[] => [
  ...new Map(positions.map((position) => [`${position.pattern}:${position.step}`, position])).values(),
];
