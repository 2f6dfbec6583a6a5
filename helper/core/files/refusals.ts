/** What is said when a workspace’s hidden and closed files cannot all be kept so. */
import { LassoError } from '../../protocol/errors.ts';
import type { Policy } from '../../policy/policy.ts';
import type { FoundFile, Unseen } from './walk.ts';

/** parts of a workspace that are shown otherwise than they are: each is a mount, and engines slow down with their number */
export const overlayLimit = 256;
/** examples a message holds */
const told = 5;

const reasons: Readonly<Record<Unseen['why'], string>> = {
  unreadable: 'cannot be read',
  depth: 'lies too deep',
  entries: 'there are too many files before it',
  time: 'looking took too long',
  name: 'its name is not UTF-8',
};

/** Notices. @throws LassoError CANNOT_ENFORCE */
export function requireLook(gaps: readonly Unseen[], enforcement: Policy['enforcement']): readonly string[] {
  if (gaps.length === 0) return [];
  const list = gaps.map(({ path, why }) => `${path === '' ? 'the workspace' : path} (${reasons[why]})`);
  const text = `${list.slice(0, told).join(', ')}${list.length > told ? ` and ${list.length - told} more` : ''}`;
  if (enforcement === 'preferred') return [`Hidden and closed files were not looked for everywhere: ${text}.`];
  throw new LassoError(
    'CANNOT_ENFORCE',
    `The workspace could not be looked through for files that are hidden or closed: ${text}`,
    'Make these readable or move them, choose a smaller folder, or accept it with enforcement = "preferred" in [resources].',
    { details: list.slice(0, 100) },
  );
}

/** @throws LassoError CANNOT_ENFORCE where more would have to be covered than is sensible */
export function requireRoom(shown: readonly FoundFile[]): void {
  if (shown.length <= overlayLimit) return;
  const counts = new Map<string, number>();
  for (const { rule } of shown) {
    const name = `${rule.pattern.text} (${rule.rule})`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const list = [...counts].toSorted(([, a], [, b]) => b - a).map(([name, count]) => `${count} match ${name}`);
  throw new LassoError(
    'CANNOT_ENFORCE',
    `${shown.length} files and folders would have to be hidden or closed one by one, and at most ${overlayLimit} can be: ${list.slice(0, told).join(', ')}`,
    'Name the folders they lie in, with a “/” at the end, or choose a smaller folder.',
    { details: list.slice(0, 100) },
  );
}
