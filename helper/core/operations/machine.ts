/** The verb about this machine. */
import type { OperationHandlers } from './contract.ts';
import type { World } from '../world.ts';
import { examine } from '../doctor.ts';

export function machineOperations(world: World): Pick<OperationHandlers, 'doctor'> {
  return { doctor: () => examine(world) };
}
