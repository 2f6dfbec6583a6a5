/** `lasso shell` and `lasso attach`: from a folder or a name to a terminal a person sits in. */
import { realpathSync } from 'node:fs';
import { LassoError } from '../../protocol/errors.ts';
import type { OperationInput } from '../../protocol/operations.ts';
import type { SandboxInfo } from '../../protocol/sandbox.ts';
import { withAgreement } from './agree.ts';
import type { Connection } from './connection.ts';
import type { Console } from './console.ts';
import { exec } from './exec.ts';
import { conclude, type Seat } from './seat.ts';
import { joinTerminal } from './terminal.ts';

/** what runs when commands are fed and nobody sits at a terminal; every base system has it */
const plainShell = ['/bin/sh'] as const;

/** Exit status for the shell outside. */
export async function shell(seat: Seat, { keep = false, command = [], ...creation }: OperationInput<'shell'>): Promise<number> {
  const { connection, console, options } = seat;
  const interactive = console.stdin.isTTY === true;
  const start = { ...creation, ephemeral: interactive && !keep };
  const sandbox = await withAgreement(seat, creation, (without) =>
    connection.call('create', without ? { ...start, ignoreWorkspaceProfile: true } : start, options),
  );
  seat.ready();
  const state = { joined: false };
  try {
    if (!interactive)
      return await exec(connection, console, { sandbox: sandbox.id, command: [...(command.length > 0 ? command : plainShell)] });
    const end = await joinTerminal(connection, console, async (stream, size) => {
      const opened = await connection.call('terminalOpen', { sandbox: sandbox.id, command: [...command], ...size, stream, hangup: !keep });
      state.joined = true;
      return opened;
    });
    return conclude(end, sandbox.name, console);
  } finally {
    // With a terminal in it, an ephemeral sandbox goes with its last one.
    if (!keep && !state.joined) await connection.call('remove', { sandbox: sandbox.id });
  }
}

/** Exit status for the shell outside. */
export async function attach(
  seat: Seat,
  { sandbox: wanted, terminal, new: another = false, agent }: OperationInput<'attach'>,
): Promise<number> {
  const { connection, console } = seat;
  if ((another || agent !== undefined) && terminal !== undefined) {
    throw new LassoError('BAD_REQUEST', 'attach: --terminal excludes --new and --agent', 'Try `lasso attach -h`.');
  }
  const sandbox = await choose(connection, console, wanted);
  if (agent !== undefined) {
    const running = another ? undefined : sandbox.terminals.find(({ title }) => title === agent);
    if (running !== undefined) return await attach(seat, { sandbox: sandbox.id, terminal: running.id });
    const { launch } = await import('./agent-run.ts');
    return await launch(seat, sandbox, { agent, words: [] }, false);
  }
  seat.ready();
  const open = another || (sandbox.terminals.length === 0 && terminal === undefined);
  if (open && console.stdin.isTTY !== true) return await exec(connection, console, { sandbox: sandbox.id, command: [...plainShell] });
  const end = await joinTerminal(connection, console, (stream, size) =>
    open
      ? connection.call('terminalOpen', { sandbox: sandbox.id, ...size, stream })
      : connection.call('terminalAttach', { sandbox: sandbox.id, ...(terminal === undefined ? {} : { terminal }), ...size, stream }),
  );
  return conclude(end, sandbox.name, console);
}

/** The sandbox that was named, or the only running one of this folder. */
async function choose(connection: Connection, console: Console, wanted: string | undefined): Promise<SandboxInfo> {
  const { sandboxes } = await connection.call('status', wanted === undefined ? {} : { sandbox: wanted });
  const [named] = sandboxes;
  if (wanted !== undefined && named) return named;
  const folder = resolved(console.cwd);
  const here = sandboxes.filter(({ state, workspace }) => workspace === folder && (state === 'running' || state === 'suspended'));
  const [first, second] = here;
  if (first && !second) return first;
  if (!first) {
    throw new LassoError(
      'SANDBOX_UNKNOWN',
      'this folder has no running sandbox',
      '`lasso shell` opens one; `lasso status` lists those of other folders.',
      {
        details: sandboxes.map(describe),
      },
    );
  }
  throw new LassoError('SANDBOX_AMBIGUOUS', `this folder has ${here.length} sandboxes`, 'Say which: `lasso attach NAME`.', {
    details: here.map(describe),
  });
}

/** Without links; as it is when it is gone. */
function resolved(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

function describe({ name, id, state, profile, workspace }: SandboxInfo): string {
  return `${name}  ${id}  ${state}  ${profile}  ${workspace}`;
}
