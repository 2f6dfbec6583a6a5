/**
 * `lasso learn`: a program runs in a sandbox of its own that is let do what its profile does not list; then the profile it would
 * have needed is shown, and saved only where a name for it was given.
 */
import type { OperationInput } from '../../protocol/operations.ts';
import { saveChange, savedNote } from './accept.ts';
import { withAgreement } from './agree.ts';
import { exec } from './exec.ts';
import { visible } from './render/text.ts';
import { conclude, type Seat } from './seat.ts';
import { joinTerminal } from './terminal.ts';

/** what runs when nothing is named and nobody sits at a terminal; every base system has it */
const plainShell = ['/bin/sh'] as const;

/** Exit status for the shell outside: the program's own. */
export async function learn(seat: Seat, { save, command = [], ...creation }: OperationInput<'learn'>): Promise<number> {
  const { connection, console, options } = seat;
  const sandbox = await withAgreement(seat, creation, (without) =>
    connection.call('create', without ? { ...creation, ignoreWorkspaceProfile: true } : creation, options),
  );
  try {
    await connection.call('learningStart', { sandbox: sandbox.id });
    seat.ready();
    console.stderr.write('lasso: learning: what the profile does not list is let through and on record; what it refuses by name is not\n');
    const status = await runIn(seat, { sandbox: sandbox.id, name: sandbox.name, command });
    const { lessons, change } = await connection.call('learningEnd', {
      sandbox: sandbox.id,
      ...(save === undefined ? {} : { name: save }),
    });
    if (change === undefined) {
      const why =
        lessons === 0 ? 'nothing more than the profile allows was needed' : 'what was needed cannot be said in a profile; see the record';
      console.stderr.write(`lasso: ${why}\n`);
      return status;
    }
    console.stderr.write(`lasso: what would have allowed it, as the profile ${visible(change.profile)}:\n`);
    console.stdout.write(change.after.split('\n').map(visible).join('\n'));
    if (save === undefined) console.stderr.write('lasso: nothing is saved; `lasso learn --save NAME …` saves it\n');
    else console.stdout.write(savedNote(change, await saveChange(connection, change)));
    return status;
  } finally {
    await connection.call('remove', { sandbox: sandbox.id });
  }
}

async function runIn(
  { connection, console }: Seat,
  { sandbox, name, command }: { readonly sandbox: string; readonly name: string; readonly command: readonly string[] },
): Promise<number> {
  if (console.stdin.isTTY !== true)
    return await exec(connection, console, { sandbox, command: [...(command.length > 0 ? command : plainShell)] });
  const end = await joinTerminal(connection, console, (stream, size) =>
    connection.call('terminalOpen', { sandbox, command: [...command], ...size, stream }),
  );
  return conclude(end, name, console);
}
