/** Keys that only older files have: accepted, shown, and taken out with a click. */
import type { Finding } from '../../protocol/finding.ts';
import { keysAt, shapeAt } from '../../protocol/profile/shape.ts';
import type { Edits } from '../edits.ts';
import type { Table } from '../tree.ts';
import { remark, treeAt } from './subject.ts';

/** path → what happens instead */
const deprecated: readonly (readonly [path: readonly string[], instead: string])[] = keysAt([])
  .flatMap((key) => [[key], ...keysAt([key]).map((inner) => [key, inner])])
  .flatMap((path) => {
    const instead = shapeAt(path)?.deprecated;
    return instead === undefined ? [] : [[path, instead] as const];
  });

/** @param tree what one file says */
export function deprecatedFindings(tree: Table, edits: Edits): readonly Finding[] {
  return deprecated.flatMap(([path, instead]) => {
    const place = treeAt(tree, path);
    if (place === undefined) return [];
    const { file, key, value } = place.origin;
    return remark(place, path, {
      severity: 'information',
      code: 'deprecated',
      message: `${path.join('.')} is kept for older files and does nothing: ${instead}`,
      hint: 'It can be left out.',
      fixes: [edits.pairRemoved('Remove it', file, key, value)],
      onKey: true,
    });
  });
}
