/** `lasso run`: a sandbox with an agent in it, and the agent at work where a person sits, or on what is fed to it. */
import type { AgentFinding } from '../../protocol/agent.ts';
import type { OperationInput } from '../../protocol/operations.ts';
import { withAgreement } from './agree.ts';
import type { Console } from './console.ts';
import { exec } from './exec.ts';
import { visible } from './render/text.ts';
import { conclude, type Seat } from './shell.ts';
import { joinTerminal } from './terminal.ts';

/** Exit status for the shell outside: the agent's. */
export async function runAgent(seat: Seat, { agent, mode, keep = false, words = [], ...creation }: OperationInput<'run'>): Promise<number> {
  const { connection, console, options } = seat;
  const interactive = console.stdin.isTTY === true;
  const start = { ...creation, agent, ephemeral: interactive && !keep };
  const sandbox = await withAgreement(seat, creation, (without) =>
    connection.call('create', without ? { ...start, ignoreWorkspaceProfile: true } : start, options),
  );
  const state = { joined: false };
  try {
    if (mode !== undefined) await connection.call('mode', { sandbox: sandbox.id, mode });
    const { command, findings } = await connection.call('agentLaunch', { sandbox: sandbox.id, agent, words: [...words] }, options);
    seat.ready();
    tell(console, agent, findings);
    if (!interactive) return await exec(connection, console, { sandbox: sandbox.id, command });
    const end = await joinTerminal(connection, console, async (stream, size) => {
      const opened = await connection.call('terminalOpen', { sandbox: sandbox.id, command, ...size, stream, hangup: !keep });
      state.joined = true;
      return opened;
    });
    return conclude(end, sandbox.name, console);
  } finally {
    // With a terminal in it, an ephemeral sandbox goes with its last one.
    if (!keep && !state.joined) await connection.call('remove', { sandbox: sandbox.id });
  }
}

/** What a person is to know before the agent takes the terminal. What its dialect says differently is only counted. */
function tell({ stderr }: Console, agent: string, findings: readonly AgentFinding[]): void {
  const isOwn = ({ severity, code }: AgentFinding): boolean => severity !== 'information' || code.startsWith('agent-');
  const own = findings.filter(isOwn);
  for (const { message, hint } of own) stderr.write(`lasso: ${visible(hint === undefined ? message : `${message} ${hint}`)}\n`);
  const others = findings.length - own.length;
  if (others > 0) stderr.write(`lasso: ${others} more remarks: \`lasso agent config ${agent}\`.\n`);
}
