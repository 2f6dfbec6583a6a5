/** `lasso run`: a sandbox with an agent in it, and the agent at work where a person sits, or on what is fed to it. */
import type { AgentFinding, AgentName } from '../../protocol/agent.ts';
import type { OperationInput } from '../../protocol/operations.ts';
import type { SandboxInfo } from '../../protocol/sandbox.ts';
import { withAgreement } from './agree.ts';
import type { Console } from './console.ts';
import { exec } from './exec.ts';
import { visible } from './render/text.ts';
import { conclude, type Seat } from './seat.ts';
import { joinTerminal } from './terminal.ts';

interface Wanted {
  readonly agent: AgentName;
  /** arguments for it */
  readonly words: readonly string[];
}

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
    return await launch(seat, sandbox, { agent, words }, !keep, () => (state.joined = true));
  } finally {
    // With a terminal in it, an ephemeral sandbox goes with its last one.
    if (!keep && !state.joined) await connection.call('remove', { sandbox: sandbox.id });
  }
}

/**
 * Starts an agent in a sandbox that has it; exit status for the shell outside.
 * @param hangup whether it ends with the terminal outside @param joined called once it runs in a terminal
 */
export async function launch(
  { connection, console, options, ready }: Seat,
  { id, name }: Pick<SandboxInfo, 'id' | 'name'>,
  { agent, words }: Wanted,
  hangup: boolean,
  joined: () => void = () => undefined,
): Promise<number> {
  const { command, findings } = await connection.call('agentLaunch', { sandbox: id, agent, words: [...words] }, options);
  ready();
  tell(console, agent, findings);
  if (console.stdin.isTTY !== true) return await exec(connection, console, { sandbox: id, command });
  const end = await joinTerminal(connection, console, async (stream, size) => {
    const opened = await connection.call('terminalOpen', { sandbox: id, command, ...size, stream, hangup });
    joined();
    return opened;
  });
  return conclude(end, name, console);
}

/** What a person is to know before the agent takes the terminal. What its dialect says differently is only counted. */
function tell({ stderr }: Console, agent: string, findings: readonly AgentFinding[]): void {
  const isOwn = ({ severity, code }: AgentFinding): boolean => severity !== 'information' || code.startsWith('agent-');
  const own = findings.filter(isOwn);
  for (const { message, hint } of own) stderr.write(`lasso: ${visible(hint === undefined ? message : `${message} ${hint}`)}\n`);
  const others = findings.length - own.length;
  if (others > 0) stderr.write(`lasso: ${others} more remarks: \`lasso agent config ${agent}\`.\n`);
}
