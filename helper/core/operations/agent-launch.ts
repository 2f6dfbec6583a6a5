/** Verbs that start an agent in a sandbox that was made for it, and forget what it kept. */
import { agents } from '../../agents/index.ts';
import { LassoError } from '../../protocol/errors.ts';
import type { AgentFinding, AgentName } from '../../protocol/agent.ts';
import { briefNow } from '../agents/managed.ts';
import { checkManaged } from '../agents/checking.ts';
import { runnable } from '../agents/profile.ts';
import { plantSeeds } from '../agents/seeding.ts';
import { forgetVolume, homeVolume } from '../agents/volumes.ts';
import { resolveWorkspace } from '../creation.ts';
import type { Registry } from '../registry.ts';
import type { Sandbox } from '../sandbox.ts';
import type { World } from '../world.ts';
import type { OperationHandlers } from './contract.ts';

type Verbs = 'agentLaunch' | 'agentForget';

export function agentLaunchOperations(world: World, registry: Registry): Pick<OperationHandlers, Verbs> {
  return {
    agentLaunch: async ({ sandbox: reference, agent, words }, context) => {
      const sandbox = registry.resolve(reference);
      const live = sandbox.requireLive();
      const known = runnable(agent);
      if (known === undefined || sandbox.saved.agent !== agent) throw notThere(sandbox, agent);
      const { run } = known;
      const brief = briefNow(world, sandbox.saved, live.policy);
      await plantSeeds(sandbox, run.seeds, context.actor);
      const unchecked = await checkManaged(world, sandbox, agent, agents[agent].managed?.(brief) ?? [], context);
      const findings: AgentFinding[] = [
        ...unchecked,
        ...agents[agent].render(brief).findings,
        ...keyFinding(agent, live.policy.secrets),
        ...run.notes.map((message): AgentFinding => ({ severity: 'information', code: 'agent-note', agent, message })),
      ];
      return { sandbox: sandbox.info, command: [...run.command(words, brief)], findings };
    },
    agentForget: async ({ agent, dir }) => {
      const workspace = await resolveWorkspace(world, dir);
      const using = registry.all.find(({ saved }) => saved.agent === agent && saved.workspace === workspace && saved.state !== 'stopped');
      if (using !== undefined) {
        throw new LassoError(
          'BAD_REQUEST',
          `Sandbox ${using.saved.name} uses what ${agent} keeps for ${workspace}`,
          `Stop it first: \`lasso stop ${using.saved.name}\`.`,
        );
      }
      return { agent, forgotten: await forgetVolume(homeVolume(world, agent, workspace)) };
    },
  };
}

function notThere(sandbox: Sandbox, agent: AgentName): LassoError {
  const { agent: has, name } = sandbox.saved;
  const known = runnable(agent);
  if (known === undefined) {
    const message = `LASSO does not run ${agents[agent].title} in sandboxes`;
    return new LassoError('UNSUPPORTED', message, 'See `lasso agent list` for those it does run.');
  }
  const what = has === undefined ? 'was made without an agent' : `was made for ${has}`;
  return new LassoError(
    'BAD_REQUEST',
    `${known.title} is not installed in ${name}, which ${what}`,
    `\`lasso run ${agent}\` makes a sandbox with it; \`lasso up --agent ${agent}\` makes one that stays.`,
  );
}

/** That nobody vouches for it yet; it can still log in by itself where its profile lets it. */
function keyFinding(agent: AgentName, secrets: readonly { readonly env?: string }[]): readonly AgentFinding[] {
  const key = agents[agent].run?.key;
  if (key === undefined || secrets.some(({ env }) => env === key.variable)) return [];
  return [
    {
      severity: 'information',
      code: 'agent-key',
      agent,
      message: `${agents[agent].title} gets no ${key.variable}: none is kept here.`,
      hint: `Log in inside, which is remembered for this folder, or keep one with \`lasso secret set ${key.variable}\`.`,
    },
  ];
}
