/** What `doctor` says about agents: which are ready for sandboxes here, and how much is kept for them. Looks and changes nothing. */
import { opendir, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { OperationResult } from '../../protocol/operations.ts';
import type { World } from '../world.ts';
import { volumesFolder } from './volumes.ts';

type Check = OperationResult<'doctor'>['checks'][number];

/** entries that are counted at most; what is kept is the agents' own and may be any number */
const entryLimit = 20_000;

export async function agentChecks(world: Pick<World, 'agentStore' | 'folders'>): Promise<readonly Check[]> {
  const { agentStore, folders } = world;
  const ready = await Promise.all(
    agentStore.names.map(
      async (name) => `${name} ${agentStore.placeOf(name)?.version ?? ''}${(await agentStore.isReady(name)) ? '' : ' (not fetched yet)'}`,
    ),
  );
  const volumes = volumesFolder({ folders });
  const names = await readdir(volumes).catch(() => []);
  const kept = await sizeOf(volumes);
  return [
    { name: 'agents', status: 'ok', message: `${ready.join(', ')}; in ${agentStore.folder}` },
    ...(names.length === 0
      ? []
      : [
          {
            name: 'agents’ homes',
            status: 'ok' as const,
            message: `${names.length} kept, ${kept}, in ${volumes}; \`lasso agent forget\` removes one`,
          },
        ]),
  ];
}

/** Hostile inside: names and sizes are looked at, nothing is opened or followed. */
async function sizeOf(folder: string): Promise<string> {
  let [bytes, entries] = [0, 0];
  const open = [folder];
  for (let path = open.pop(); path !== undefined && entries < entryLimit; path = open.pop()) {
    const listing = await opendir(path).catch(() => undefined);
    for await (const entry of listing ?? []) {
      entries += 1;
      if (entry.isDirectory()) open.push(join(path, entry.name));
      else bytes += (await lstat(join(path, entry.name)).catch(() => undefined))?.size ?? 0;
      if (entries >= entryLimit) break;
    }
  }
  return `${entries < entryLimit ? '' : 'more than '}${Math.ceil(bytes / 1024 / 1024)} MB`;
}
