/** Every value of a profile with the place it was written: what `profile show` lists. A list is one value. */
import type { Profile } from '../protocol/profile/profile.ts';
import type { ProfileValue } from '../protocol/profile-operations.ts';
import { keyPathText, type KeyPath } from './key-path.ts';
import type { LoadedProfile } from './load.ts';
import type { Origin } from './tree.ts';
import { unenforced } from './unenforced.ts';

/** @param all defaults that no file mentions, too */
export function effectiveValues(loaded: Pick<LoadedProfile, 'profile' | 'origins'>, all: boolean): readonly ProfileValue[] {
  const { profile, origins } = loaded;
  return leavesOf(profile).flatMap(({ path, value }) => {
    const origin = originOf(keyPathText(path), value, origins);
    if (origin === undefined && !all) return [];
    const note = noteOn(path, value);
    return {
      path: keyPathText(path),
      value,
      ...(origin === undefined ? {} : { origin: { file: origin.file, line: origin.line } }),
      ...(note === undefined ? {} : { note }),
    };
  });
}

interface Leaf {
  readonly path: KeyPath;
  readonly value: unknown;
}

function leavesOf(profile: Profile): readonly Leaf[] {
  const visit = (value: unknown, path: KeyPath): readonly Leaf[] => {
    if (value === undefined) return [];
    if (value instanceof Date) return [{ path, value: value.toISOString() }];
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [{ path, value }];
    return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => visit(inner, [...path, key]));
  };
  return visit(profile, []);
}

/** Where the value was written; for a list put together from several files, where it was written last. */
function originOf(path: string, value: unknown, origins: ReadonlyMap<string, Origin>): Origin | undefined {
  const own = origins.get(path);
  if (own !== undefined || !Array.isArray(value)) return own;
  return value.map((_, index) => origins.get(`${path}[${index}]`)).findLast((origin) => origin !== undefined);
}

function noteOn(path: KeyPath, value: unknown): string | undefined {
  const found = unenforced.find(([pattern]) => {
    const [where = '', only] = pattern.split('=');
    const steps = where.split('.');
    const fits = steps.length <= path.length && steps.every((step, index) => step === '*' || step === path[index]);
    return fits && (only === undefined || only === value);
  });
  return found && `not enforced yet: ${found[1]}`;
}
