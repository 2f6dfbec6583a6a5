/** The verbs about agents' files in a folder: what they would become, writing them, and how they stand. Running agents is told elsewhere. */
import { agents } from '../../agents/index.ts';
import { fileText } from '../../agents/told/file-text.ts';
import { overall } from '../../agents/told/standing.ts';
import { agentNames } from '../../protocol/agent.ts';
import type { OperationParams, OperationResult } from '../../protocol/operations.ts';
import { checkAgents } from '../agents/checks.ts';
import { lookAtFolder, lookAtStandings, planAgents, writeAgents } from '../agents/configuring.ts';
import { detectedIn, programOn } from '../agents/detecting.ts';
import type { World } from '../world.ts';
import type { OperationHandlers } from './contract.ts';

type Verbs = 'agentPlan' | 'agentWrite' | 'agentList' | 'agentConfig' | 'agentCheck';

export function agentOperations(world: World): Pick<OperationHandlers, Verbs> {
  let turn: Promise<unknown> = Promise.resolve();
  return {
    agentPlan: async (params) => (await planAgents(world, params)).told,
    agentWrite: (params) => {
      // One at a time: what one reads the other may be writing.
      const mine = turn.then(() => writeAgents(world, params));
      turn = mine.catch(() => undefined);
      return mine;
    },
    agentList: (params) => listed(world, params),
    agentConfig: (params) => config(world, params),
    agentCheck: async ({ agents: names, ...wish }) => {
      const rows = await checkAgents(world, wish, names);
      return { rows: [...rows], sound: rows.every(({ status }) => status !== 'problem') };
    },
  };
}

async function listed(world: World, params: OperationParams<'agentList'>): Promise<OperationResult<'agentList'>> {
  const { folder, standings } = await lookAtStandings(world, params);
  const detected = await detectedIn(folder.place.root, standings.made);
  const infos = agentNames.map(async (name) => {
    const { title, program } = agents[name];
    const installed = program === undefined ? undefined : await programOn(world.host, program);
    const version = world.agentStore.placeOf(name)?.version;
    const standing = overall(standings.agents.get(name));
    return {
      name,
      title,
      ...(version === undefined ? {} : { version }),
      ready: await world.agentStore.isReady(name),
      ...(installed === undefined ? {} : { installed }),
      detected: [...(detected.find((each) => each.name === name)?.traces ?? [])],
      standing,
      ...(standing === 'absent' || standings.profile === undefined ? {} : { profile: standings.profile.profile }),
    };
  });
  return { agents: await Promise.all(infos) };
}

async function config(world: World, { agent, ...wish }: OperationParams<'agentConfig'>): Promise<OperationResult<'agentConfig'>> {
  const { brief } = await lookAtFolder(world, wish, 'leave-out');
  const { render, managed, run } = agents[agent];
  const { files, findings } = render(brief);
  return {
    agent,
    files: files.map((file) => ({ path: file.path, text: fileText(file, brief) })),
    managed: [...(managed?.(brief) ?? [])],
    command: [...(run?.command([], brief) ?? [])],
    findings: [...findings],
  };
}
