/** Lists that protect by default and were replaced: what is no longer in them, so that nothing is opened unnoticed. */
import type { Finding } from '../../protocol/finding.ts';
import { shapeAt } from '../../protocol/profile/shape.ts';
import { keyPathText } from '../key-path.ts';
import { type LintSubject, remark, treeAt } from './subject.ts';

const protective = [
  ['network', 'blocked_ports'],
  ['network', 'blocked_cidrs'],
  ['workspace', 'hidden'],
  ['workspace', 'guarded'],
] as const;

export function replacedDefaults({ tree, edits }: LintSubject): readonly Finding[] {
  return protective.flatMap((path) => {
    const list = treeAt(tree, path);
    const standing: unknown = list === undefined ? undefined : shapeAt(path)?.default;
    if (list?.kind !== 'list' || list.edited === true || !Array.isArray(standing)) return [];
    const kept = new Set(list.items.flatMap((item) => (item.kind === 'leaf' ? [item.value] : [])));
    const gone = standing.filter((item: unknown) => !kept.has(item)).map((item: unknown) => JSON.stringify(item));
    if (gone.length === 0) return [];
    const { start } = list.origin.value;
    const inside = { line: start.line, character: start.character + 1 };
    const shown = gone.length > 6 ? `${gone.slice(0, 6).join(', ')} and ${gone.length - 6} more` : gone.join(', ');
    return remark(list, path, {
      severity: 'information',
      code: 'replaces-default',
      message: `${keyPathText(path)} replaces the default list, so these are no longer in it: ${shown}`,
      hint: 'Add what shall stay; to take single items out of the default, write "!item" instead.',
      fixes: [edits.replaced('Keep the default items', { start: inside, end: inside }, `${gone.join(', ')}, `)],
      onKey: true,
    });
  });
}
