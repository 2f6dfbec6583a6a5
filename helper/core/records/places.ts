/** Which record a person means: a sandbox's by name or id, one of a sandbox long removed, or the newest. */
import { stat } from 'node:fs/promises';
import { chainsIn, type ChainFile } from '../../audit/form/chain-files.ts';
import { LassoError } from '../../protocol/errors.ts';
import type { Registry } from '../registry.ts';
import type { World } from '../world.ts';

export interface RecordPlace {
  readonly sandbox: string;
  /** its name, while the sandbox exists */
  readonly name?: string;
  /** oldest first; none before the first line is written */
  readonly files: readonly ChainFile[];
}

/** Every record there is, by sandbox. Rejects with the system's error. */
export async function recordPlaces(world: Pick<World, 'folders'>, registry: Registry): Promise<readonly RecordPlace[]> {
  const chains = await chainsIn(world.folders.audit);
  return [...chains].map(([sandbox, files]) => placeOf(registry, sandbox, files)).sort((a, b) => (a.sandbox < b.sandbox ? -1 : 1));
}

/**
 * The record `reference` means: a sandbox's name or id, the start of an id, or without one the record written last.
 * @throws LassoError SANDBOX_UNKNOWN, SANDBOX_AMBIGUOUS
 */
export async function recordPlace(world: Pick<World, 'folders'>, registry: Registry, reference?: string): Promise<RecordPlace> {
  const places = await recordPlaces(world, registry);
  if (reference === undefined) return newest(places);
  const named = places.find(({ sandbox, name }) => name === reference || sandbox === reference);
  if (named) return named;
  const begun = /^[0-9a-f]{3,12}$/.test(reference) ? places.filter(({ sandbox }) => sandbox.startsWith(reference)) : [];
  const [only] = begun;
  if (only !== undefined && begun.length === 1) return only;
  return placeOf(registry, registry.resolve(reference).id, []);
}

async function newest(places: readonly RecordPlace[]): Promise<RecordPlace> {
  const timed = await Promise.all(
    places.map(async (place) => {
      const file = place.files.at(-1);
      return { place, at: file === undefined ? 0 : (await stat(file.path)).mtimeMs };
    }),
  );
  const [first] = timed.sort((a, b) => b.at - a.at);
  if (first) return first.place;
  throw new LassoError('SANDBOX_UNKNOWN', 'There is no record yet', 'Make a sandbox with `lasso create`; its record begins with it.');
}

function placeOf(registry: Registry, sandbox: string, files: readonly ChainFile[]): RecordPlace {
  const name = registry.all.find(({ id }) => id === sandbox)?.saved.name;
  return { sandbox, ...(name === undefined ? {} : { name }), files };
}
