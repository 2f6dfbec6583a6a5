/** Looks at what agents are told, in a folder and in sandboxes: its form, LASSO's marks in it, and what the agents' own programs make of it. */
import { agents } from '../../agents/index.ts';
import type { GeneratedFile } from '../../agents/agent.ts';
import { textProblem } from '../../agents/told/file-text.ts';
import { formProblem } from '../../agents/told/form.ts';
import { type Present } from '../../agents/told/plan.ts';
import type { FileStanding } from '../../agents/told/standing.ts';
import { type AgentCheckRow, type AgentName, agentNames } from '../../protocol/agent.ts';
import type { World } from '../world.ts';
import { type FolderWish, lookAtStandings } from './configuring.ts';
import { detectedIn } from './detecting.ts';
import { ownCheck } from './own-check.ts';

/** @param names none: those the folder uses or LASSO told something */
export async function checkAgents(world: World, wish: FolderWish, names: readonly AgentName[]): Promise<readonly AgentCheckRow[]> {
  const { folder, standings } = await lookAtStandings(world, wish);
  const detected = (await detectedIn(folder.place.root, standings.made)).map(({ name }) => name);
  const meant = names.length > 0 ? names : agentNames.filter((name) => detected.includes(name) || standings.agents.has(name));
  const { brief, present } = folder;
  const rows = meant.map((agent): readonly AgentCheckRow[] => {
    const { render, managed } = agents[agent];
    const told = standings.agents.get(agent);
    return [
      ...render(brief).files.map((file) => formRow(agent, file, present.get(file.path))),
      ...(told === undefined
        ? [untold(agent)]
        : told.map((file) => markRow(agent, file, standings.profile?.profile ?? brief.profile.name))),
      ...(managed?.(brief) ?? []).map(({ path, text }) => managedRow(agent, path, text)),
    ];
  });
  const own = await Promise.all(meant.map((agent) => ownCheck(world, agent, brief)));
  return meant.flatMap((_, at) => [...(rows[at] ?? []), ...(own[at] ?? [])]);
}

function formRow(agent: AgentName, file: GeneratedFile, present: Present | undefined): AgentCheckRow {
  const row = { agent, file: file.path, by: 'form' } as const;
  if (present?.reason !== undefined) return { ...row, status: 'problem', message: present.reason };
  if (present?.text === undefined || present.text === null) return { ...row, status: 'absent', message: 'There is no such file.' };
  const problem = textProblem(file, present.text);
  if (problem === undefined) return { ...row, status: 'ok', message: 'It can be read.' };
  return { ...row, status: 'problem', message: problem, hint: 'Correct it: most agents drop a broken file and say nothing.' };
}

function markRow(agent: AgentName, { path, standing }: FileStanding, profile: string): AgentCheckRow {
  const row = { agent, file: path, by: 'mark' } as const;
  const hint = '`lasso init` writes it again.';
  switch (standing) {
    case 'current':
      return { ...row, status: 'ok', message: `It says what profile ${profile} says.` };
    case 'drifted':
      return { ...row, status: 'problem', message: `It no longer matches profile ${profile}, which has changed.`, hint };
    case 'edited':
      return { ...row, status: 'problem', message: 'Somebody changed or removed what LASSO wrote.', hint };
  }
}

const untold = (agent: AgentName): AgentCheckRow => ({
  agent,
  file: '.lasso/agents.json',
  by: 'mark',
  status: 'absent',
  message: `LASSO has told ${agents[agent].title} nothing in this folder.`,
  hint: `\`lasso init --agent ${agent}\` does.`,
});

function managedRow(agent: AgentName, file: string, text: string): AgentCheckRow {
  const problem = formProblem(file, text);
  const row = { agent, file, by: 'form' } as const;
  if (problem === undefined) return { ...row, status: 'ok', message: 'It can be read.' };
  return { ...row, status: 'problem', message: problem, hint: 'This is a fault of LASSO: please report it.' };
}
