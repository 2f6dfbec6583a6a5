/** Introduces a guest's link to a sandbox: listens before the engine starts, then waits for the guest's hello, not for ever. */
import { join } from 'node:path';
import type { RunningSandbox } from '../backends/backend.ts';
import type { Sandbox } from './sandbox.ts';
import type { World } from './world.ts';
import type { GuestLink } from '../guest/contract.ts';
import type { ExecGate } from '../guest/exec.ts';
import type { FileGate } from '../guest/files.ts';
import type { GuardGate, NetworkGate } from '../guest/network.ts';
import type { LinkSettings } from '../guest/settings.ts';
import { openSocketLink, openStdioLink } from '../guest/open.ts';
import { LassoError } from '../protocol/errors.ts';

/** how long a guest is given to say hello, in ms */
const helloTimeoutMs = 20_000;

/** how long a guest whose link was lost holds everything still before it ends all, in ms */
const suspendGraceMs = 30_000;

/** who answers what the guest asks, over whichever link there is; what nobody answers is not asked */
export interface Gates {
  readonly gate: ExecGate | undefined;
  readonly network: NetworkGate | undefined;
  readonly guard: GuardGate;
  readonly files: FileGate;
}

export interface LinkPreparation {
  /** settles when the guest said hello; only for socket links */
  readonly socketLink: Promise<GuestLink> | undefined;
  readonly gates: Gates;
  dispose(): Promise<void>;
}

export async function prepareLink(world: World, sandbox: Sandbox, folder: string, gates: Gates): Promise<LinkPreparation> {
  if (sandbox.saved.link === 'stdio') return { socketLink: undefined, gates, dispose: async () => undefined };
  const opening = await openSocketLink({
    socketPath: join(folder, 'socket'),
    token: sandbox.saved.token,
    graceMs: suspendGraceMs,
    log: world.log,
    ...settingsOf(gates),
    onIntruder: (reason, count) => {
      void sandbox.note({
        type: 'violation',
        action: 'link-intrusion',
        outcome: 'blocked',
        actor: { kind: 'agent', face: 'guest' },
        detail: { reason, count },
      });
    },
  });
  return { socketLink: opening.link, gates, dispose: () => opening.dispose() };
}

/** @throws LassoError SANDBOX_START_FAILED with the engine's last words, or CANCELLED */
export async function greet(
  world: World,
  sandbox: Sandbox,
  preparation: LinkPreparation,
  running: RunningSandbox,
  signal: AbortSignal,
): Promise<GuestLink> {
  const link = preparation.socketLink ?? stdioLink(world, running, preparation.gates);
  link.catch(() => undefined);
  const over = new AbortController();
  const died = running.ended.then((end) => {
    throw new LassoError(
      'SANDBOX_START_FAILED',
      `The sandbox ended before it was ready${end.message === undefined ? '' : `: ${end.message}`}`,
      'Run `lasso doctor`; the record and the helper log say more.',
    );
  });
  died.catch(() => undefined);
  const late = world.clock.sleep(helloTimeoutMs, AbortSignal.any([signal, over.signal])).then(() => {
    throw new LassoError(
      'SANDBOX_START_FAILED',
      `The guest of ${sandbox.saved.name} did not answer within ${helloTimeoutMs / 1000} s`,
      'Run `lasso doctor`, or try the other kind of link with --link stdio.',
    );
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([link, died, late]);
  } finally {
    over.abort();
  }
}

function stdioLink(world: World, running: RunningSandbox, gates: Gates): Promise<GuestLink> {
  if (!running.stdio)
    return Promise.reject(new LassoError('SANDBOX_START_FAILED', 'The engine gave no stdio to carry the link', 'Leave out --link.'));
  return openStdioLink({ stdio: running.stdio, graceMs: 0, log: world.log, ...settingsOf(gates) });
}

const settingsOf = ({ gate, network, guard, files }: Gates): Pick<LinkSettings, 'gate' | 'network' | 'guard' | 'files'> => ({
  guard,
  files,
  ...(gate === undefined ? {} : { gate }),
  ...(network === undefined ? {} : { network }),
});
