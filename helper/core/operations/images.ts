/** The verb that builds images. */
import type { OperationHandlers } from './contract.ts';
import type { World } from '../world.ts';
import { selectBackend } from '../selection.ts';

export function imageOperations(world: World): Pick<OperationHandlers, 'prebuild'> {
  return {
    prebuild: async ({ backend: wanted, force }, context) => {
      // What a backend cannot enforce matters when a sandbox starts, not when an image is built.
      const { backend, probe } = await selectBackend(world.probes, {
        backend: wanted,
        isolation: 'container',
        link: undefined,
        enforcement: 'preferred',
      });
      if (!probe.needsImage) return { backend: backend.name, image: null, built: false };
      const { digest, built } = await world.ensureImage(backend, {
        force,
        tell: (progress) => context.emit(progress),
        signal: context.signal,
      });
      return { backend: backend.name, image: digest, built };
    },
  };
}
