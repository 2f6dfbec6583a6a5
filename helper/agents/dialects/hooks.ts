/** The one command every hook runs. It fails closed: whatever is not a clear yes ends with 2. */
import type { AgentName } from '../../protocol/agent.ts';
import type { GeneratedFile } from '../agent.ts';

/** seconds a hook may take; most tools take a hook that was cut off for a yes, so this is long */
export const hookSeconds = 60;

/** For files of the workspace, which are read on the host and in sandboxes: there the managed settings ask already. */
export const workspaceGuard = (agent: AgentName): string => `[ -x /.lasso/guest ] && exit 0; lasso guard ${agent} || exit 2`;

/** For managed settings, which only a sandbox has. */
export const sandboxGuard = (agent: AgentName): string => `/.lasso/guest guard ${agent} || exit 2`;

/** Copilot and VS Code read the same folder of hooks; a payload says by itself what it is about. */
export const githubHooks: GeneratedFile = {
  kind: 'whole',
  path: '.github/hooks/lasso.json',
  text: `${JSON.stringify(
    { version: 1, hooks: { preToolUse: [{ type: 'command', bash: workspaceGuard('copilot'), timeoutSec: hookSeconds }] } },
    undefined,
    2,
  )}\n`,
  comment: null,
};
