/** The verbs by which a sandbox learns what its profile lacks. What it is let do meanwhile is on record like everything else. */
import { judgeProgram } from '../../policy/commands/judge.ts';
import { judgeConnection } from '../../policy/network/judge.ts';
import { policyOf } from '../../policy/policy.ts';
import { learnedText, type Lesson } from '../../profile/lessons.ts';
import type { ProposedChange } from '../../protocol/approval.ts';
import { LassoError } from '../../protocol/errors.ts';
import type { Profile } from '../../protocol/profile/profile.ts';
import type { Actor } from '../../protocol/record.ts';
import { Learning, listOfRule } from '../learning.ts';
import { proposeChange } from '../profiles/change.ts';
import type { Registry } from '../registry.ts';
import type { Sandbox } from '../sandbox.ts';
import type { World } from '../world.ts';
import type { OperationHandlers } from './contract.ts';

export function learningOperations(world: World, registry: Registry): Pick<OperationHandlers, 'learningStart' | 'learningEnd'> {
  return {
    learningStart: async ({ sandbox: reference }, { actor }) => {
      const sandbox = registry.resolve(reference);
      const live = sandbox.requireLive();
      if (!live.link.gated)
        throw new LassoError(
          'CANNOT_ENFORCE',
          `${sandbox.saved.name} cannot learn: its program starts are not judged, so nobody sees what it needs`,
          'Use isolation = "container" and exec_gate = "required".',
        );
      await note(sandbox, 'learn', actor);
      sandbox.learn(new Learning());
      forget(sandbox);
      return sandbox.info;
    },
    learningEnd: async ({ sandbox: reference, name }, { actor }) => {
      const sandbox = registry.resolve(reference);
      const { learning } = sandbox;
      if (learning === undefined)
        throw new LassoError('BAD_REQUEST', `${sandbox.saved.name} does not learn`, 'Let it learn first, with `lasso learn`.');
      sandbox.learn(undefined);
      forget(sandbox);
      const { lessons } = learning;
      await note(sandbox, 'learned', actor, lessons.length);
      const change = await proposal(world, sandbox, lessons, name);
      return { lessons: lessons.length, ...(change === undefined ? {} : { change }) };
    },
  };
}

async function note(sandbox: Sandbox, action: string, actor: Actor, lessons?: number): Promise<void> {
  const { profileDigest } = sandbox.saved;
  const detail = { profileDigest, ...(lessons === undefined ? {} : { lessons }) };
  await sandbox.record.append({ type: 'policy', action, outcome: 'success', actor, detail });
}

/** Other rules hold from now on, for what is open too. */
function forget(sandbox: Sandbox): void {
  sandbox.live?.link.forgetDecisions();
  sandbox.live?.link.forgetNames();
  sandbox.live?.network?.reconsider();
}

async function proposal(
  world: World,
  sandbox: Sandbox,
  lessons: readonly Lesson[],
  name: string | undefined,
): Promise<ProposedChange | undefined> {
  const { allowedPorts } = (await world.readProfile({ reference: sandbox.saved.profile })).policy.network;
  return await proposeChange(
    {
      profile: sandbox.saved.profile,
      anew: { name },
      edit: (_text, about) => learnedText(lessons, { ...about, ran: sandbox.saved.name, allowedPorts }),
      holds: (changed) => lessons.every((lesson) => isAllowed(lesson, changed, world)),
    },
    world,
  );
}

/** Whether a profile allows what was learned. */
function isAllowed(lesson: Lesson, profile: Profile, { sources }: Pick<World, 'sources'>): boolean {
  const { commands, network } = policyOf(profile, sources.hostGroups);
  switch (lesson.kind) {
    case 'program':
      return !listOfRule.has(judgeProgram([lesson.program], commands).rule ?? '');
    case 'question':
      return judgeProgram([lesson.program, ...lesson.words.split(' ')], commands).decision !== 'ask';
    case 'host':
      return lesson.ports.every((port) => judgeConnection({ host: lesson.host, port }, network).decision === 'allow');
  }
}
