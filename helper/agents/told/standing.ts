/** How what was written for each agent stands to a profile: whether the profile says something else now, or somebody changed it. Pure. */
import { type AgentInfo, type AgentName, agentNames } from '../../protocol/agent.ts';
import type { Agent } from '../agent.ts';
import type { Brief } from '../brief.ts';
import { combine } from './combine.ts';
import { mergeFile, stillThere, wantedDigest } from '../merging/merge.ts';
import { isRefusal, type Mark } from '../merging/outcome.ts';
import { type Present, stateOf, toldBefore } from './plan.ts';

export type Standing = AgentInfo['standing'];

export interface FileStanding {
  readonly path: string;
  readonly standing: Exclude<Standing, 'absent'>;
}

export interface Standings {
  /** profile the files were written from; absent where nothing was */
  readonly profile?: Mark;
  /** files of each agent that was told something; one that was told nothing is not in it */
  readonly agents: ReadonlyMap<AgentName, readonly FileStanding[]>;
  /** files and folders that are here only because LASSO made them */
  readonly made: ReadonlySet<string>;
}

export function standingsOf(agents: Readonly<Record<AgentName, Agent>>, brief: Brief, present: ReadonlyMap<string, Present>): Standings {
  // Nothing is taken out by looking, so whoever wrote the notes may speak.
  const state = stateOf({ agents, brief, present, own: true });
  const { manifest, records } = state;
  const told = toldBefore(state);
  const wanted = combine(told.map((name) => [name, agents[name].render(brief).files]));
  const mark: Mark = { profile: brief.profile.name, digest: brief.profile.digest };
  const standingAt = (path: string): FileStanding['standing'] | undefined => {
    const there = present.get(path);
    const record = records.get(path);
    const now = wanted.get(path);
    // What LASSO cannot write is told when it is to be written, and does not make anything outdated.
    if (!record)
      return now && there?.reason === undefined && !isRefusal(mergeFile(there?.text ?? null, now.file, mark, undefined))
        ? 'drifted'
        : undefined;
    if (there?.text === null || there === undefined || !stillThere(there.text, record)) return 'edited';
    return now && wantedDigest(now.file) === record.wanted ? 'current' : 'drifted';
  };
  const files = (name: AgentName): readonly FileStanding[] => {
    const paths = new Set([...records].filter(([, { agents: readers }]) => readers.includes(name)).map(([path]) => path));
    for (const [path, { agents: readers }] of wanted) if (readers.includes(name)) paths.add(path);
    return [...paths].flatMap((path) => {
      const standing = standingAt(path);
      return standing === undefined ? [] : [{ path, standing }];
    });
  };
  const made = [...records.values()].flatMap(({ path, made: isMade, folders }) => [...(isMade ? [path] : []), ...folders]);
  return {
    ...(manifest && told.length > 0 ? { profile: manifest.profile } : {}),
    agents: new Map(agentNames.filter((name) => told.includes(name)).map((name) => [name, files(name)])),
    made: new Set(made),
  };
}

/** Of an agent, from its files: what somebody changed counts before what the profile changed. */
export function overall(files: readonly FileStanding[] | undefined): Standing {
  if (files === undefined) return 'absent';
  return (['edited', 'drifted'] as const).find((standing) => files.some((file) => file.standing === standing)) ?? 'current';
}
