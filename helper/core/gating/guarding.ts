/** Makes what answers hooks of agents in one sandbox from its profile. */
import type { GuardGate } from '../../guest/network.ts';
import { askingUnlisted, withoutLists } from '../../policy/learning.ts';
import type { ProfileInForce } from '../profile-in-force.ts';
import { placeOf, rulesNow } from '../rules-now.ts';
import type { Sandbox } from '../sandbox.ts';
import type { World } from '../world.ts';
import { ApprovalDesk } from './approval-desk.ts';
import { guardGate } from './guard.ts';

export function guardOf(world: World, sandbox: Sandbox, profile: ProfileInForce): GuardGate {
  const desk = new ApprovalDesk(world.approvals, sandbox.record, world.clock);
  return guardGate({
    record: sandbox.record,
    rules: () => {
      const { policy } = profile.now;
      const commands = rulesNow(sandbox.saved, policy);
      if (sandbox.learning === undefined) return { ...policy, commands };
      // What nothing lists is let through and counted where it starts or connects.
      return { ...policy, commands: withoutLists(commands), network: askingUnlisted(policy.network) };
    },
    place: placeOf(sandbox.saved),
    originOf: (rule) => profile.now.originOf(rule),
    asksAtStart: () => sandbox.live?.link.gated === true,
    ask: ({ key, what, where, verdict }, gone) => {
      const { policy, originOf } = profile.now;
      const origin = verdict.rule === undefined ? undefined : originOf(verdict.rule);
      const question = {
        ...{ sandbox: sandbox.id, name: sandbox.saved.name, kind: 'command' as const, what, where, why: verdict.reason },
        ...(verdict.rule === undefined ? {} : { rule: verdict.rule }),
        ...(origin === undefined ? {} : { origin }),
        answers: [...policy.approvalAnswers],
        timeoutMs: policy.approvalTimeoutMs,
      };
      return desk.ask(key, question, gone);
    },
    clock: world.clock,
    logError: (message, cause) => world.log.error(`${sandbox.id}: ${message}`, cause),
  });
}
