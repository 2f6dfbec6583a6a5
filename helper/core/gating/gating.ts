/** Makes a sandbox's exec gate from its profile, and says what it means when the kernel does not tell of program starts. */
import { basename } from 'node:path';
import type { ExecGate } from '../../guest/exec.ts';
import type { GuestLink } from '../../guest/contract.ts';
import type { Policy } from '../../policy/policy.ts';
import { LassoError } from '../../protocol/errors.ts';
import { proposedChange } from './approval-change.ts';
import { ApprovalDesk } from './approval-desk.ts';
import { execGate } from './gate.ts';
import type { ProfileInForce } from '../profile-in-force.ts';
import { placeOf, rulesNow } from '../rules-now.ts';
import type { Sandbox } from '../sandbox.ts';
import type { World } from '../world.ts';

/** what a person is told when program starts go unjudged */
export const ungatedNotice = 'Program starts are not judged here: this kernel does not tell of them.';

/** undefined where the profile wants none */
export function gateOf(world: World, sandbox: Sandbox, profile: ProfileInForce): ExecGate | undefined {
  if (profile.started.policy.execGate === 'off') return undefined;
  const desk = new ApprovalDesk(world.approvals, sandbox.record, world.clock);
  return execGate({
    record: sandbox.record,
    rules: () => rulesNow(sandbox.saved, profile.now.policy),
    place: placeOf(sandbox.saved),
    originOf: (rule) => profile.now.originOf(rule),
    learning: () => sandbox.learning,
    ask: ({ key, what, where, verdict, file, args }, gone) => {
      const { policy, reference, originOf } = profile.now;
      const origin = verdict.rule === undefined ? undefined : originOf(verdict.rule);
      const question = {
        sandbox: sandbox.id,
        name: sandbox.saved.name,
        kind: 'command' as const,
        what,
        where,
        why: verdict.reason,
        ...(verdict.rule === undefined ? {} : { rule: verdict.rule }),
        ...(origin === undefined ? {} : { origin }),
        answers: [...policy.approvalAnswers],
        timeoutMs: policy.approvalTimeoutMs,
        propose: () => proposedChange({ profile: reference, mode: rulesNow(sandbox.saved, policy).mode, file, args }, world),
      };
      return desk.ask(key, question, gone);
    },
    forget: () => sandbox.live?.link.forgetDecisions(),
    logError: (message, cause) => world.log.error(`${sandbox.id}: ${message}`, cause),
  });
}

/** Notices for a sandbox whose guest has said hello. @throws LassoError CANNOT_ENFORCE */
export function requireGate(policy: Policy, link: GuestLink, backend: string): readonly string[] {
  if (policy.execGate === 'off' || link.gated) return [];
  if (policy.execGate === 'preferred') return [ungatedNotice];
  throw new LassoError(
    'CANNOT_ENFORCE',
    `${backend} cannot enforce here: exec_gate, since the kernel inside does not tell of program starts`,
    'Use isolation = "container", or accept it with exec_gate = "preferred" in your profile.',
  );
}

/** FILE:LINE as people are told it. */
export const originText = ({ file, line }: { readonly file: string; readonly line: number }): string => `${basename(file)}:${line}`;
