/** The verb that signs where a record stands, for whoever keeps that elsewhere. Of a record nobody writes any more it gives the newest note. */
import { newestAnchor } from '../../audit/writing/anchors.ts';
import { LassoError } from '../../protocol/errors.ts';
import { recordPlace } from '../records/places.ts';
import type { Registry } from '../registry.ts';
import type { World } from '../world.ts';
import type { OperationHandlers } from './contract.ts';

export function recordCheckpointOperations(
  world: Pick<World, 'folders' | 'userKeys'>,
  registry: Registry,
): Pick<OperationHandlers, 'auditCheckpoint'> {
  return {
    auditCheckpoint: async ({ sandbox: reference }) => {
      const { sandbox } = await recordPlace(world, registry, reference);
      const open = registry.all.find(({ id }) => id === sandbox);
      const checkpoint = open
        ? await open.record.checkpoint()
        : (await newestAnchor(world.folders.home, sandbox, world.userKeys.publicKey))?.note;
      if (checkpoint !== undefined) return { sandbox, checkpoint };
      const hint = 'Where its checkpoints were kept elsewhere, those count.';
      throw new LassoError('RECORD_INVALID', `The record of ${sandbox} has no checkpoint on this machine`, hint);
    },
  };
}
