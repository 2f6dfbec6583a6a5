/**
 * Looks at what an agent is about to be told before it starts. Most agents drop a broken file silently and run with no rules at all, so
 * a file that cannot be read as what it is, or that the agent's own program finds fault with, keeps the agent from starting.
 */
import { createHash } from 'node:crypto';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { ManagedFile } from '../../agents/agent.ts';
import { formProblem } from '../../agents/told/form.ts';
import { agents } from '../../agents/index.ts';
import { createFileAtomic } from '../../base/atomic-file.ts';
import type { AgentFinding, AgentName } from '../../protocol/agent.ts';
import { guestPaths } from '../../protocol/guest.ts';
import { LassoError } from '../../protocol/errors.ts';
import { runCommand } from '../commands.ts';
import type { OperationContext } from '../operations/contract.ts';
import type { Sandbox } from '../sandbox.ts';
import type { World } from '../world.ts';

interface Validator {
  /** words behind its program; it must do nothing else and need no network */
  readonly words: readonly string[];
  /** the line in which it finds fault with a managed file */
  readonly fault: RegExp;
}

/** What each program finds fault with by itself, as tried with broken files: Claude Code 2.1, OpenCode 1.18, Codex 0.169, Gemini CLI 0.61. */
const validators: Readonly<Partial<Record<AgentName, Validator>>> = {
  claude: { words: ['doctor'], fault: /^.*\/etc\/claude-code\/.*(invalid|could not be parsed|not in effect).*$/m },
  opencode: { words: ['debug', 'config'], fault: /^.*invalid at \/etc\/opencode\/.*$/m },
  codex: { words: ['mcp', 'list', '--json'], fault: /^.*\/etc\/codex\/(?:requirements|managed_config)\.toml.*$/m },
  gemini: { words: ['--admin-policy', '/etc/gemini-cli/lasso', '--list-extensions'], fault: /^.*Policy file error in .*$/m },
};

/** longest that a program may take to look at its settings, in milliseconds */
const patienceMs = 30_000;

/** What is to be said of it. @throws LassoError CANNOT_ENFORCE, naming the file */
export async function checkManaged(
  world: World,
  sandbox: Sandbox,
  agent: AgentName,
  files: readonly ManagedFile[],
  { actor, signal, emit }: Pick<OperationContext, 'actor' | 'signal' | 'emit'>,
): Promise<readonly AgentFinding[]> {
  for (const { path, text } of files) {
    const problem = formProblem(path, text);
    if (problem !== undefined) throw broken(agent, `${path}: ${problem}`);
  }
  const validator = validators[agent];
  if (validator === undefined || files.length === 0) return [];
  const version = world.agentStore.placeOf(agent)?.digest ?? '';
  const mark = createHash('sha256')
    .update(JSON.stringify([version, validator.words, validator.fault.source, files]))
    .digest('hex');
  const seen = join(world.agentStore.folder, `.sound-${mark.slice(0, 32)}`);
  if (await isThere(seen)) return [];
  emit({ message: `Checking what ${agents[agent].title} is told` });
  const live = sandbox.requireLive();
  const program = `${guestPaths.agents}/${agent}/bin/${agent}`;
  const { exit, stdout = '' } = await runCommand({
    ...{ sandbox, actor, stdio: undefined, stderr: undefined, timeoutMs: patienceMs, variables: [], keepsOutput: false, signal },
    request: {
      ...{ argv: [program, ...validator.words], file: program, environment: live.environment, terminal: null },
      // Not in the workspace, whose own files are no matter of LASSO's.
      ...{ cwd: '/tmp', stdin: false, separateStderr: false },
    },
    clock: world.clock,
  });
  const fault = validator.fault.exec(stdout)?.[0];
  if (fault !== undefined) throw broken(agent, fault.trim());
  if (exit.reason !== undefined) {
    const message = `Whether ${agents[agent].title} understands its settings could not be seen: ${exit.reason}.`;
    return [{ severity: 'warning', code: 'agent-unchecked', agent, message }];
  }
  await createFileAtomic(seen, '').catch((error: unknown) => world.log.error(`${seen} was not kept`, error));
  return [];
}

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

function broken(agent: AgentName, fault: string): LassoError {
  return new LassoError(
    'CANNOT_ENFORCE',
    `${agents[agent].title} was not started, since it would run without its rules: ${fault}`,
    'Look at what it is told with `lasso agent config`; a name in the profile may be one that it cannot be told.',
  );
}
