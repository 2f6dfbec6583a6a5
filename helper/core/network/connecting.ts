/**
 * Introduces a sandbox's names and connections to policy, the person who is asked, its record and the way out. Where the profile
 * it was started with allows no network there is nothing to introduce: then nothing listens inside.
 */
import type { EgressEvent } from '../../egress/contract.ts';
import { openEgress } from '../../egress/door.ts';
import { askingUnlisted } from '../../policy/learning.ts';
import type { NetworkRules } from '../../policy/network/rules.ts';
import { ApprovalDesk } from '../gating/approval-desk.ts';
import { namedAuthorities } from './authorities.ts';
import { authorityOf } from './kept-authority.ts';
import { proposedConnection } from './connection-change.ts';
import { connectionDecisions, type ConnectionAsked } from './connection-decisions.ts';
import type { SandboxNetwork } from '../live.ts';
import type { ProfileInForce } from '../profile-in-force.ts';
import type { Sandbox } from '../sandbox.ts';
import { boundSecrets } from '../secrets.ts';
import type { World } from '../world.ts';

export async function networkOf(world: World, sandbox: Sandbox, profile: ProfileInForce): Promise<SandboxNetwork | undefined> {
  if (profile.started.policy.network.mode === 'none') return undefined;
  const { record } = sandbox;
  const logError = (message: string, cause: unknown): void => world.log.error(`${sandbox.id}: ${message}`, cause);
  const upstreamProxy = world.upstreamProxy();
  const { imageEnvironment } = await world.settings.sound();
  const [authority, extraAuthorities] = await Promise.all([
    authorityOf(world, sandbox),
    namedAuthorities(world.host, imageEnvironment['LASSO_CA_CERT']),
  ]);
  const rules = (): NetworkRules => {
    const { network } = profile.now.policy;
    return sandbox.learning === undefined ? network : askingUnlisted(network);
  };
  const egress = openEgress(
    {
      rules,
      nameServers: () => profile.now.policy.nameServers,
      secrets: () => boundSecrets(world.secrets, profile.now.policy.secrets, sandbox.saved),
      decide: connectionDecisions({
        record,
        rules,
        originOf: (rule) => profile.now.originOf(rule),
        learning: () => sandbox.learning,
        ask: asking(world, sandbox, profile),
        logError,
      }),
      report: (event) => void sandbox.note(entryOf(event)),
      network: world.network,
      ...(upstreamProxy === undefined ? {} : { upstreamProxy }),
      extraAuthorities,
    },
    authority,
  );
  return {
    gate: egress,
    authorities: [...extraAuthorities, authority.certificatePem],
    reconsider: () => egress.reconsider(),
    dispose: () => egress.dispose(),
  };
}

function asking(world: World, sandbox: Sandbox, profile: ProfileInForce): Parameters<typeof connectionDecisions>[0]['ask'] {
  const desk = new ApprovalDesk(world.approvals, sandbox.record, world.clock);
  return ({ key, host, port, what, where, verdict }: ConnectionAsked, signal) => {
    const { policy, originOf, reference } = profile.now;
    const origin = verdict.rule === undefined ? undefined : originOf(verdict.rule);
    return desk.ask(
      key,
      {
        ...{ sandbox: sandbox.id, name: sandbox.saved.name, kind: 'connection', what, where, why: verdict.reason },
        ...(verdict.rule === undefined ? {} : { rule: verdict.rule }),
        ...(origin === undefined ? {} : { origin }),
        answers: [...policy.approvalAnswers],
        timeoutMs: policy.approvalTimeoutMs,
        propose: () => proposedConnection({ profile: reference, rules: profile.now.policy.network, host, port }, world),
      },
      signal,
    );
  };
}

function entryOf({ type, action, outcome, target, detail, of, asker }: EgressEvent): Parameters<Sandbox['note']>[0] {
  const actor = { kind: 'agent', face: 'guest' } as const;
  const program = asker ? { pid: asker.pid, executable: asker.executable } : {};
  return { type, action, outcome, actor, target, detail: { ...detail, ...program, ...(of === undefined ? {} : { of }) } };
}
