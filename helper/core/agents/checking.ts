/**
 * Looks at what an agent is about to be told before it starts. Most agents drop a broken file silently and run with no rules at all,
 * so a file that cannot be read as what it is keeps the agent from starting.
 */
import { agents } from '../../agents/index.ts';
import type { Brief } from '../../agents/brief.ts';
import { formProblem } from '../../agents/form.ts';
import { LassoError } from '../../protocol/errors.ts';
import type { AgentName } from '../../protocol/agent.ts';

/** @throws LassoError CANNOT_ENFORCE, naming the file */
export function requireSoundSettings(agent: AgentName, brief: Brief): void {
  for (const { path, text } of agents[agent].managed?.(brief) ?? []) {
    const problem = formProblem(path, text);
    if (problem === undefined) continue;
    throw new LassoError(
      'CANNOT_ENFORCE',
      `${agents[agent].title} was not started: its settings in ${path} are broken: ${problem}`,
      'This is a fault of LASSO, or a name in the profile that no agent can be told: please report it.',
    );
  }
}
