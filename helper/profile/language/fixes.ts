/** Changes that settle findings: those each finding offers, and one that corrects all misspelt names at once. Reads only. */
import type { Finding, Fix, Range } from '../../protocol/finding.ts';
import { nearestName } from '../nearest.ts';
import type { Positions } from '../positions.ts';

export interface OfferedFix {
  readonly fix: Fix;
  /** what it settles */
  readonly findings: readonly Finding[];
  readonly preferred: boolean;
}

/** @param findings of one file, whose text is `text` */
export function fixesAt(findings: readonly Finding[], range: Range, text: string, positions: Positions): readonly OfferedFix[] {
  const here = findings.filter((finding) => meets(finding.range, range));
  const single = here.flatMap((finding) =>
    (finding.fixes ?? []).map((fix, index): OfferedFix => ({
      fix,
      findings: [finding],
      preferred: index === 0 && finding.fixes?.length === 1,
    })),
  );
  const misspelt = findings.filter((finding) => correction(finding, text, positions) !== undefined);
  if (misspelt.length < 2 || !here.some((finding) => misspelt.includes(finding))) return single;
  const all = allCorrections(findings, text, positions);
  return all ? [...single, { fix: all, findings: misspelt, preferred: false }] : single;
}

/** Every misspelt name replaced by the one probably meant; undefined where none is. */
export function allCorrections(findings: readonly Finding[], text: string, positions: Positions): Fix | undefined {
  const edits: Fix['edits'] = [];
  for (const finding of findings) {
    const fix = correction(finding, text, positions);
    if (fix && fix.edits.every((edit) => edits.every((other) => !overlap(edit.range, other.range)))) edits.push(...fix.edits);
  }
  return edits.length === 0 ? undefined : { title: 'Correct all misspelt names', edits };
}

/** The first fix of a finding, when all it does is to replace a name by a near one. */
function correction({ fixes }: Finding, text: string, positions: Positions): Fix | undefined {
  const [first] = fixes ?? [];
  const [edit, ...more] = first?.edits ?? [];
  if (edit === undefined || more.length > 0) return undefined;
  const { start, end } = edit.range;
  const before = text.slice(positions.offset(start.line, start.character), positions.offset(end.line, end.character));
  const [old, replaced] = [before, edit.text].map((name) => name.replace(/^["']|["']$/g, ''));
  return old !== undefined &&
    replaced !== undefined &&
    /^\S*[A-Za-z]\S*$/.test(old) &&
    old !== replaced &&
    nearestName(old, [replaced]) !== undefined
    ? first
    : undefined;
}

const before = (a: Range['start'], b: Range['start']): boolean => a.line < b.line || (a.line === b.line && a.character < b.character);
const meets = (a: Range, b: Range): boolean => !before(a.end, b.start) && !before(b.end, a.start);
const overlap = (a: Range, b: Range): boolean => before(a.start, b.end) && before(b.start, a.end);
