/** Two profiles side by side, as text: the second begins with what changes, in words. Pure. */
import type { OperationResult } from '../../helper/protocol/operations.ts';
import { visible } from '../visible.ts';

type Diff = OperationResult<'profileDiff'>;
export type PolicyChange = Diff['changes'][number];

const beginnings: Readonly<Record<PolicyChange['effect'], string>> = {
  allowed: 'now allowed',
  asked: 'now asked',
  denied: 'now denied',
  changed: 'changed',
};

/** One line a change; what is allowed first, because that is what a reviewer must not miss. */
export function changeLines(changes: readonly PolicyChange[]): readonly string[] {
  const effects = Object.keys(beginnings);
  return [...changes]
    .sort((a, b) => effects.indexOf(a.effect) - effects.indexOf(b.effect))
    .map(({ effect, text }) => `${beginnings[effect]}: ${visible(text)}`);
}

/** The second profile's effective text, under a comment that says what it does differently. */
export function comparedText({ same, changes, from, to }: Diff): string {
  const head = same
    ? [`What “${visible(to.name)}” allows and denies is what “${visible(from.name)}” does.`]
    : [`What changes from “${visible(from.name)}” to “${visible(to.name)}”:`, ...changeLines(changes).map((line) => `  ${line}`)];
  return `${head.map((line) => `# ${line}\n`).join('')}\n${to.effective}`;
}
