/** The verb that builds images. */
import type { OperationHandlers } from './contract.ts';
import type { Tell, World } from '../world.ts';
import { install } from '../agents/provision.ts';
import { selectBackend } from '../selection.ts';

export function imageOperations(world: World): Pick<OperationHandlers, 'prebuild'> {
  return {
    prebuild: async ({ backend: wanted, force, agent }, context) => {
      // What a backend cannot enforce matters when a sandbox starts, not when an image is built.
      const { backend, probe } = await selectBackend(world.probes, {
        backend: wanted,
        isolation: 'container',
        link: undefined,
        enforcement: 'preferred',
      });
      const tell: Tell = (progress) => context.emit(progress);
      const made = await install(world, agent, { backend, probe }, { force, tell, signal: context.signal });
      return { backend: backend.name, image: made?.digest ?? null, built: made?.built ?? false };
    },
  };
}
