/** What can be done with a profile as a whole, above its first line. Names of actions only; the editor carries them out. */
import type { Range } from '../../protocol/finding.ts';
import type { Reading } from './reading.ts';

export interface Lens {
  readonly range: Range;
  readonly title: string;
  /** an action of the extension; it gets the document’s URI */
  readonly action: 'lasso.showEffectiveProfile' | 'lasso.diffProfileWithBase' | 'lasso.tryCommand';
}

export function lensesOf({ outline, positions, draft }: Reading): readonly Lens[] {
  const first = outline.sections.flatMap(({ header, pairs }) => header ?? pairs[0] ?? [])[0];
  const range = positions.range(first?.start ?? 0, first?.start ?? 0);
  const base = draft.entries.get('extends');
  const builds = base?.kind === 'leaf' && typeof base.value === 'string' && base.value !== '';
  return [
    { range, title: 'Show effective', action: 'lasso.showEffectiveProfile' },
    ...(builds ? [{ range, title: 'Diff with base', action: 'lasso.diffProfileWithBase' } as const] : []),
    { range, title: 'Try a command…', action: 'lasso.tryCommand' },
  ];
}
