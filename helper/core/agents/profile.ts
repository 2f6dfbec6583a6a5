/**
 * A profile as it holds in a sandbox with an agent: the agent's own variables beside the profile's, and the credential it usually has as
 * a secret like any other, bound to its own hosts. The profile always wins; a credential that is nowhere is left out.
 */
import { agents } from '../../agents/index.ts';
import type { AgentRun } from '../../agents/agent.ts';
import { type AgentName, agentName } from '../../protocol/agent.ts';
import type { ReadProfile, World } from '../world.ts';

/** how an agent is run in sandboxes, by the name a sandbox bears; undefined for one that LASSO does not run */
export function runnable(
  name: string | undefined,
): { readonly name: AgentName; readonly title: string; readonly run: AgentRun } | undefined {
  const known = agentName.safeParse(name);
  if (!known.success) return undefined;
  const { title, run } = agents[known.data];
  return run === undefined ? undefined : { name: known.data, title, run };
}

/** What its policy says besides in a sandbox with this agent. */
export async function profileWithAgent(
  profile: ReadProfile,
  agent: string | undefined,
  world: Pick<World, 'secrets' | 'sources' | 'host'>,
): Promise<ReadProfile> {
  const known = runnable(agent);
  if (known === undefined) return profile;
  const { policy } = profile;
  const environment = { ...known.run.environment, ...policy.environment };
  const { key } = known.run;
  if (key === undefined || policy.secrets.some(({ env }) => env === key.variable))
    return { ...profile, policy: { ...policy, environment } };
  const from = await sourceOf(key.variable, world);
  if (from === undefined) return { ...profile, policy: { ...policy, environment } };
  const group = key.hosts.replace(/^@/, '');
  const own = {
    name: key.variable,
    from,
    hosts: world.sources.hostGroups[group] ?? [],
    header: key.header.toLowerCase(),
    env: key.variable,
    ...(key.prefix === undefined ? {} : { prefix: key.prefix }),
    files: [],
  };
  return { ...profile, policy: { ...policy, environment, secrets: [...policy.secrets, own] } };
}

/** What LASSO keeps under that name, else the variable of this process; undefined where there is neither. */
async function sourceOf(variable: string, { secrets, host }: Pick<World, 'secrets' | 'host'>): Promise<string | undefined> {
  const kept = await secrets.own.list().catch(() => []);
  if (kept.some(({ name }) => name === variable)) return `keyring:${variable}`;
  const value = host.environment[variable];
  return value === undefined || value === '' ? undefined : `env:${variable}`;
}
