/** The verbs by which a person answers what policy asks, and changes how much an agent may do by itself. */
import type { ProposedChange } from '../../protocol/approval.ts';
import type { OperationHandlers } from './contract.ts';
import type { Registry } from '../registry.ts';
import { writeManaged } from '../agents/managed.ts';
import { reloadProfile } from '../reload.ts';
import type { World } from '../world.ts';

type Verbs = 'mode' | 'reload' | 'approvals' | 'attend' | 'approve' | 'deny';

export function approvalOperations(world: World, registry: Registry): Pick<OperationHandlers, Verbs> {
  return {
    mode: async ({ sandbox: reference, mode }, context) => {
      const sandbox = registry.resolve(reference);
      const live = sandbox.requireLive();
      const before = sandbox.saved.mode ?? live.policy.mode;
      const { profileDigest } = sandbox.saved;
      await sandbox.record.append({
        type: 'policy',
        action: 'mode',
        outcome: 'success',
        actor: context.actor,
        target: mode,
        detail: { before, after: mode, profileDigest },
      });
      await sandbox.change({ mode });
      await writeManaged(world, sandbox.saved, live.policy);
      live.link.forgetDecisions();
      return sandbox.info;
    },
    reload: async ({ sandbox: reference }, { actor }) => {
      const sandbox = registry.resolve(reference);
      const reloaded = await sandbox.exclusive(() => reloadProfile(world, sandbox, actor));
      return { sandbox: sandbox.info, ...reloaded };
    },
    approvals: () => Promise.resolve({ approvals: [...world.approvals.open] }),
    attend: async (_params, { signal }) => {
      const attendance = world.approvals.attend();
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        else signal.addEventListener('abort', () => resolve(), { once: true });
      });
      void attendance.dispose();
      return {};
    },
    approve: async ({ id, for: answer }, { actor }) => {
      // Looked for before the answer, which ends the question; a yes does not wait for it to be accepted.
      const change = answer === 'always' ? await proposal(world, id) : undefined;
      const approval = world.approvals.answer(id, answer, actor, change);
      return change === undefined ? approval : { ...approval, change };
    },
    deny: ({ id }, { actor }) => Promise.resolve(world.approvals.answer(id, 'deny', actor)),
  };
}

/** A profile that cannot be read must not stand between a person and their answer. */
async function proposal(world: World, id: string): Promise<ProposedChange | undefined> {
  try {
    return await world.approvals.proposal(id);
  } catch (error) {
    world.log.error(`what a lasting yes to ${id} would change`, error);
    return undefined;
  }
}
