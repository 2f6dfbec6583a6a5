/** The verb that verifies records, also of sandboxes long removed, and files somebody was given. */
import { isAbsolute } from 'node:path';
import type { VerifyReport } from '../../protocol/record.ts';
import { worstStatus } from '../../protocol/verify-status.ts';
import { recordPlace } from '../records/places.ts';
import { verifyAll, verifyPath, verifyPlace } from '../records/verification.ts';
import type { Registry } from '../registry.ts';
import type { World } from '../world.ts';
import type { OperationHandlers } from './contract.ts';

export function recordVerifyingOperations(world: World, registry: Registry): Pick<OperationHandlers, 'auditVerify'> {
  return {
    auditVerify: async ({ target, ...given }, { signal }) => {
      const reports = await found(world, registry, target, given, signal);
      // An empty folder proves nothing, and nothing is wrong with it.
      const status = worstStatus(reports.map((report) => report.status)) ?? 'unanchored';
      return { valid: reports.every(({ valid }) => valid), status, reports: [...reports] };
    },
  };
}

async function found(
  world: World,
  registry: Registry,
  target: string | undefined,
  given: Parameters<typeof verifyAll>[1],
  signal: AbortSignal,
): Promise<readonly VerifyReport[]> {
  if (target !== undefined && isAbsolute(target)) return await verifyPath(world, target, given, signal);
  const place = target === undefined ? undefined : await recordPlace(world, registry, target);
  await signNow(world, registry, place?.sandbox);
  return place === undefined ? await verifyAll(world, given, signal) : [await verifyPlace(world, place, given, signal)];
}

/** What is written now is signed first, so that its end is covered too; a writer that cannot is found out by what follows. */
async function signNow(world: World, registry: Registry, only: string | undefined): Promise<void> {
  const open = registry.all.filter(({ id }) => only === undefined || id === only);
  await Promise.all(
    open.map(({ id, record }) =>
      record.checkpoint().catch((error: unknown) => world.log.error(`checkpoint of the record of ${id}`, error)),
    ),
  );
}
