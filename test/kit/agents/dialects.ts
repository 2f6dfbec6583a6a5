/** What agents are told under the built-in profiles, as texts for tests. Groups of hosts have made-up hosts of their own. */
import { agents } from '../../../helper/agents/index.ts';
import type { Brief } from '../../../helper/agents/brief.ts';
import { fileText } from '../../../helper/agents/told/file-text.ts';
import { briefOf } from '../../../helper/agents/make-brief.ts';
import type { HostGroups } from '../../../helper/policy/network/rules.ts';
import { policyOf } from '../../../helper/policy/policy.ts';
import { loadProfile } from '../../../helper/profile/load.ts';
import type { AgentName } from '../../../helper/protocol/agent.ts';
import { builtInGroups, memorySources } from '../profile-sources.ts';

export const madeUpGroups: HostGroups = Object.fromEntries(
  Object.entries(builtInGroups).map(([name, hosts]) => [
    name,
    hosts.map(({ host }, index) => ({ host: `${host.startsWith('*.') ? '*.' : ''}${name}-${index}.example` })),
  ]),
);

/** `text`: a profile of the name `mine` instead of a built-in one */
export async function briefFor(name: string, text?: string): Promise<Brief> {
  const files = text === undefined ? {} : { '/user/mine.toml': text };
  const { profile, digest } = await loadProfile(text === undefined ? name : 'mine', memorySources(files));
  return briefOf(policyOf(profile, madeUpGroups, digest), madeUpGroups);
}

/** a profile whose names and patterns are as odd as a profile may hold */
const oddWords = ['a b', '*', "it's", '"q"', 'c++', '[', 'x]', '(y', '\\z', 'ü', '--', '-n*'].map((word) => `'''${word}'''`).join(', ');
export const oddProfile =
  `name = "mine"\n[commands]\nmode = "blacklist"\nblacklist = ["docker", ${oddWords}]\n` +
  `blocked_args = { git = [${oddWords}] }\nask_args = { npm = [${oddWords}] }\n` +
  `[workspace]\nhidden = ['.env', 'a[', 'b[z-a]', '(c', 'd"e', 'f{g,h}', '!i', '# j']\n`;

export interface DialectText {
  /** in the workspace, or absolute in the sandbox */
  readonly path: string;
  readonly text: string;
}

/** Files of a workspace that has none yet, then those of the sandbox. */
export function dialectTexts(name: AgentName, brief: Brief): readonly DialectText[] {
  const { render, managed } = agents[name];
  return [...render(brief).files.map((file) => ({ path: file.path, text: fileText(file, brief) })), ...(managed?.(brief) ?? [])];
}
