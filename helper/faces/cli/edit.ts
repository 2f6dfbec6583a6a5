/**
 * `lasso profile edit`: a profile in the person's editor, checked and saved by the helper when the editor ends. What a person
 * typed is never lost: a text that cannot be saved stays where it was edited, and that place is told.
 */
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { LassoError } from '../../protocol/errors.ts';
import type { OperationResult } from '../../protocol/operations.ts';
import type { Connection } from './connection.ts';
import { type Console, paintFor } from './console.ts';
import { type Draft, draftOf } from './editor.ts';
import { failureOf, failureText } from './failure.ts';
import { savedText } from './render/profile-results.ts';
import { visible } from './render/text.ts';

interface Seat {
  readonly connection: Connection;
  readonly console: Console;
}

/** Exit status for the shell. @throws LassoError, whose hint names the draft where there is one */
export async function editProfile(seat: Seat, name: string): Promise<number> {
  const { connection, console } = seat;
  const file = await ownFile(seat, name);
  const text = await readFile(file, 'utf8');
  const draft = await draftOf(text, `${name}.lasso.toml`, console);
  const shown = paintFor(console.stdout, console.environment);
  for (;;) {
    const edited = await draft.edit();
    if (edited === text) {
      await draft.remove();
      console.stdout.write(`unchanged  ${visible(name)}\n`);
      return 0;
    }
    const changed = (await readFile(file, 'utf8').catch(() => undefined)) !== text;
    const saved = await trySaving(connection, name, edited);
    if (!(saved instanceof LassoError)) {
      await draft.remove();
      const view = { paint: shown, now: console.now(), single: true, asked: {}, terminal: console.stdout.isTTY === true };
      console.stdout.write(savedText('saved', saved, view));
      if (changed) console.stderr.write('lasso: it was changed meanwhile; that text is in its history\n');
      return 0;
    }
    if (console.stdin.isTTY !== true) throw withDraft(saved, draft);
    console.stderr.write(failureText(saved, { json: false, paint: paintFor(console.stderr, console.environment) }));
    if (!(await editAgain(console))) {
      console.stderr.write(`lasso: nothing was saved; your text is in ${visible(draft.file)}\n`);
      return 1;
    }
  }
}

/** @throws LassoError UNKNOWN_PROFILE, BAD_REQUEST for a profile that is not among the user's own */
async function ownFile({ connection, console }: Seat, name: string): Promise<string> {
  const { profiles } = await connection.call('profileList', { dir: console.cwd });
  const found = profiles.find((profile) => profile.name === name);
  if (found === undefined)
    throw new LassoError('UNKNOWN_PROFILE', `There is no profile ${name}`, `\`lasso profile new ${name}\` begins one.`);
  if (found.source === 'built-in')
    throw new LassoError(
      'BAD_REQUEST',
      `${name} is a built-in profile and cannot be changed`,
      `Begin one of your own from it: \`lasso profile new NAME --from ${name}\`.`,
    );
  // Only profiles that LASSO keeps have a history.
  const kept = found.source === 'user' && (await connection.call('profileHistory', { name }).catch(() => undefined)) !== undefined;
  if (!kept) throw new LassoError('BAD_REQUEST', `${name} lies in ${found.file}, which LASSO only reads`, 'Change that file itself.');
  return found.file;
}

async function trySaving(connection: Connection, name: string, text: string): Promise<OperationResult<'profileSave'> | LassoError> {
  try {
    return await connection.call('profileSave', { name, text, reason: 'edited' });
  } catch (thrown) {
    return failureOf(thrown);
  }
}

function withDraft({ code, message, hint, details }: LassoError, draft: Draft): LassoError {
  return new LassoError(code, message, `${hint} Nothing was saved; your text is in ${draft.file}.`, { details });
}

async function editAgain({ stdin, stderr }: Console): Promise<boolean> {
  const lines = createInterface({ input: stdin, output: stderr });
  try {
    for (;;) {
      const answer = (await lines.question('Edit again, or discard? [E/d] ')).trim().toLowerCase();
      if (answer === '' || 'edit'.startsWith(answer)) return true;
      if ('discard'.startsWith(answer)) return false;
    }
  } catch {
    // An input that ended answers nothing more.
    return false;
  } finally {
    lines.close();
  }
}
