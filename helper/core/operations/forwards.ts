/** The verb that reaches ports of sandboxes. */
import { LassoError } from '../../protocol/errors.ts';
import { Forwards, type PortPair } from '../network/forwarding.ts';
import type { Registry } from '../registry.ts';
import type { OperationHandlers } from './contract.ts';

export function forwardOperations(registry: Registry): Pick<OperationHandlers, 'forward'> {
  const forwards = new Forwards();
  return {
    forward: async ({ sandbox: reference, port, end }, { actor }) => {
      const sandbox = registry.resolve(reference);
      if (port !== undefined && end !== undefined)
        throw new LassoError('BAD_REQUEST', 'One port at a time is reached or ended.', 'Leave out PORT or --end.');
      if (end !== undefined) await forwards.end(sandbox, end, actor);
      if (port !== undefined) await forwards.begin(sandbox, portPair(port), actor);
      return { sandbox: sandbox.saved.name, forwards: [...forwards.of(sandbox)] };
    },
  };
}

/** @throws LassoError BAD_REQUEST for what is no port */
export function portPair(text: string): PortPair {
  const [port = 0, hostPort = port] = text.split(':').map(Number);
  if (port < 1 || port > 65_535 || hostPort > 65_535)
    throw new LassoError('BAD_REQUEST', `${text} is not a port.`, 'Ports are 1 to 65535; HOSTPORT may be 0 for any that is free.');
  return { port, hostPort };
}
