/** The part of a profile that the schema accepts, so that one slip of the pen does not hide what else is to be said about it. */
import { type Profile, profileSchema } from '../../protocol/profile/profile.ts';
import { type Diagnosis, faultsOf } from '../diagnose.ts';
import type { KeyPath } from '../key-path.ts';
import { type Table, type Tree, valuesOf } from '../tree.ts';

export interface SoundPart {
  readonly profile: Profile;
  readonly tree: Table;
}

/** What lacks a key because of a fault has a fault itself, so a second and a third look may be needed. */
const looks = 4;

/** What is left without the faults; undefined when even that is no profile. */
export function soundPart(tree: Table, diagnosis: Diagnosis): SoundPart | undefined {
  if (diagnosis.profile !== undefined) return { profile: diagnosis.profile, tree };
  let rest = tree;
  for (let { faults } = diagnosis, look = 0; look < looks; look += 1) {
    const kept = without(rest, faults);
    const entries = new Map(kept?.kind === 'table' ? kept.entries : []);
    if (!entries.has('name')) entries.set('name', { kind: 'leaf', value: 'unnamed', origin: tree.origin, assumed: true });
    rest = { ...tree, entries };
    const result = profileSchema.safeParse(valuesOf(rest));
    if (result.success) return { profile: result.data, tree: rest };
    faults = faultsOf(result.error.issues);
  }
  return undefined;
}

/** A fault at something that is missing takes what it is missing from. */
function without(tree: Tree, faults: readonly KeyPath[], top = true): Tree | undefined {
  if (faults.length === 0) return tree;
  if (tree.kind === 'leaf' || faults.some((path) => path.length === 0)) return undefined;
  const byStep = Map.groupBy(faults, ([step]) => step);
  const inner = (step: string | number, child: Tree): Tree | undefined =>
    without(
      child,
      (byStep.get(step) ?? []).map((path) => path.slice(1)),
      false,
    );
  if (tree.kind === 'list')
    return {
      ...tree,
      items: tree.items.flatMap((item, index) => inner(index, item) ?? []),
    };
  if (!top && faults.some(([step]) => typeof step !== 'string' || !tree.entries.has(step))) return undefined;
  const kept = [...tree.entries].flatMap(([key, child]): [string, Tree][] => {
    const left = inner(key, child);
    return left === undefined ? [] : [[key, left]];
  });
  return { ...tree, entries: new Map(kept) };
}
