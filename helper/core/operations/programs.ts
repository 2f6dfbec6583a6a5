/** Verbs that run something in a sandbox: commands and terminals. */
import type { Duplex } from 'node:stream';
import type { OperationContext, OperationHandlers } from './contract.ts';
import type { Registry } from '../registry.ts';
import type { Live } from '../live.ts';
import type { Sandbox } from '../sandbox.ts';
import type { Terminal } from '../terminals/terminal.ts';
import type { World } from '../world.ts';
import type { SpawnRequest } from '../../guest/contract.ts';
import { LassoError } from '../../protocol/errors.ts';
import type { OperationResult } from '../../protocol/operations.ts';
import type { Verdict } from '../../protocol/verdict.ts';
import { guestPaths } from '../../protocol/guest.ts';
import { runCommand } from '../commands.ts';
import { requireVariables } from '../creation.ts';
import { requireLine } from '../shell-line.ts';

type Verbs = 'exec' | 'terminalOpen' | 'terminalAttach' | 'terminalResize' | 'terminalWait' | 'terminalDetach';

export function programOperations(world: World, registry: Registry): Pick<OperationHandlers, Verbs> {
  return {
    exec: async (params, context) => {
      const sandbox = registry.resolve(params.sandbox);
      const live = sandbox.requireLive();
      const given = requireVariables(params.env);
      const environment = { ...live.environment, ...given };
      const [stdio, stderr] = await Promise.all([takeIf(context, params.stdio), takeIf(context, params.stderr)]);
      const { line, cwd } = params;
      const carryOut = (argv: readonly string[], verdict?: Verdict): Promise<OperationResult<'exec'>> =>
        runCommand({
          sandbox,
          ...(verdict === undefined ? {} : { verdict }),
          variables: Object.keys(given),
          keepsOutput: live.profile.now.content.audit.include_command_output,
          request: {
            ...program(argv, cwd),
            environment,
            terminal: null,
            stdin: params.stdin,
            separateStderr: stdio === undefined || stderr !== undefined,
          },
          actor: context.actor,
          stdio,
          stderr,
          timeoutMs: params.timeoutSeconds === undefined ? (live.policy.commandTimeoutMs ?? undefined) : params.timeoutSeconds * 1000,
          signal: context.signal,
          clock: world.clock,
        });
      try {
        if (line === undefined) return await carryOut(params.command);
        const verdict = await requireLine(line, cwd, sandbox, context.actor);
        return await withBestShell((shell) => carryOut([shell, '-c', line], verdict));
      } catch (error) {
        stdio?.destroy();
        stderr?.destroy();
        throw error;
      }
    },
    terminalOpen: async ({ sandbox: reference, command, cwd, rows, columns, stream: token, hangup }, context) => {
      const sandbox = registry.resolve(reference);
      const live = sandbox.requireLive();
      const stream = await context.streams.take(token);
      try {
        const terminal = await openTerminal(sandbox, live, { command, cwd, rows, columns }, context);
        await terminal.attach({ stream, token, hangup }, false);
        return { sandbox: sandbox.id, terminal: terminal.info };
      } catch (error) {
        stream.destroy();
        throw error;
      }
    },
    terminalAttach: async ({ sandbox: reference, terminal: id, rows, columns, stream: token, hangup }, context) => {
      const sandbox = registry.resolve(reference);
      const terminal = sandbox.terminal(id);
      const stream = await context.streams.take(token);
      await sandbox.note({ type: 'terminal', action: 'attach', outcome: 'success', actor: context.actor, target: terminal.id });
      await terminal.attach({ stream, token, hangup }, true);
      terminal.resize(rows, columns);
      return { sandbox: sandbox.id, terminal: terminal.info };
    },
    terminalResize: async ({ sandbox, terminal, rows, columns }) => {
      registry.resolve(sandbox).terminal(terminal).resize(rows, columns);
      return {};
    },
    terminalWait: async ({ sandbox, terminal }) => registry.resolve(sandbox).terminalExit(terminal),
    terminalDetach: async ({ sandbox: reference, terminal: id, stream }, context) => {
      const sandbox = registry.resolve(reference);
      const terminal = sandbox.terminal(id);
      terminal.release(stream);
      await sandbox.note({ type: 'terminal', action: 'detach', outcome: 'success', actor: context.actor, target: terminal.id });
      // Leaving a shell that goes on means that its sandbox is wanted too.
      if (sandbox.saved.ephemeral) await sandbox.change({ ephemeral: false });
      return {};
    },
  };
}

interface Wish {
  readonly command: readonly string[];
  readonly cwd: string | undefined;
  readonly rows: number;
  readonly columns: number;
}

/** Opens a terminal on a command, or on the best shell there is. */
async function openTerminal(sandbox: Sandbox, live: Live, wish: Wish, context: OperationContext): Promise<Terminal> {
  const { rows, columns } = wish;
  const environment = { ...live.environment, TERM: 'xterm-256color', COLORTERM: 'truecolor' };
  const ownShell = wish.command.length === 0;
  const open = (argv: readonly string[]): Promise<Terminal> =>
    sandbox.openTerminal(
      {
        type: 'terminal',
        action: wish.command.length === 0 ? 'shell' : 'run',
        actor: context.actor,
        request: { ...program(argv, wish.cwd), environment, terminal: { rows, columns }, stdin: true, separateStderr: false, ownShell },
      },
      { rows, columns },
    );
  if (wish.command.length > 0) return open(wish.command);
  return await withBestShell((shell) => open([shell]));
}

async function withBestShell<T>(start: (shell: string) => Promise<T>): Promise<T> {
  try {
    return await start('bash');
  } catch (error) {
    if (error instanceof LassoError && error.code === 'COMMAND_NOT_FOUND') return await start('sh');
    throw error;
  }
}

function program(argv: readonly string[], cwd: string | undefined): Pick<SpawnRequest, 'argv' | 'file' | 'cwd'> {
  const [file] = argv;
  if (file === undefined || file === '')
    throw new LassoError('BAD_REQUEST', 'There is no command to run', 'Put it after --, as in `lasso exec app -- npm test`.');
  if ([...argv, cwd ?? ''].some((text) => text.includes('\0')))
    throw new LassoError('BAD_REQUEST', 'A command cannot hold a NUL character', 'Leave it out.');
  return { argv, file, cwd: cwd ?? guestPaths.workspace };
}

async function takeIf(context: OperationContext, token: string | undefined): Promise<Duplex | undefined> {
  return token === undefined ? undefined : context.streams.take(token);
}
