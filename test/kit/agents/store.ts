/**
 * The agents' programs on this machine, where LASSO keeps them. What is not there yet LASSO fetches over the network of whoever runs
 * the tests; in a helper under test it could not, for there the network is made up.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AgentStore, readCatalog } from '../../../helper/images/index.ts';
import type { AgentName } from '../../../helper/protocol/agent.ts';
import { TestLasso } from '../lasso.ts';
import { root } from '../sources.ts';

export interface AgentProgram {
  readonly version: string;
  /** what stands at /opt/lasso/NAME in a sandbox */
  readonly folder: string;
}

/** Where each is, fetched if need be: the first time on a machine it takes a minute or two. */
export async function agentPrograms(names: readonly AgentName[]): Promise<ReadonlyMap<AgentName, AgentProgram>> {
  const lasso = new TestLasso();
  const never = (): Promise<never> => Promise.reject(new Error('only looked at'));
  const catalog = await readCatalog(join(root, 'images', 'agents.json'), `linux-${process.arch}`);
  const store = new AgentStore({ folder: join(lasso.folders.cache, 'agents'), catalog, connect: never, registry: never });
  try {
    const places = names.flatMap((name) => store.placeOf(name) ?? []);
    const workspace = join(lasso.root, 'work');
    mkdirSync(workspace);
    for (const { name, folder } of places)
      if (!existsSync(folder)) await lasso.create({ profile: 'standard', dir: workspace, backend: 'bubblewrap', name, agent: name });
    return new Map(places.map(({ name, version, folder }) => [name, { version, folder }]));
  } finally {
    await lasso.dispose();
  }
}
