/**
 * A lasting yes: shows what it would change in a profile, and has it saved once the person who sees it agrees. Without a person
 * nothing is ever saved.
 */
import { createInterface } from 'node:readline/promises';
import type { ProposedChange } from '../../protocol/approval.ts';
import type { OperationInput, OperationResult } from '../../protocol/operations.ts';
import type { Connection } from './connection.ts';
import { type Console, paintFor } from './console.ts';
import { answered, changeText } from './render/approvals.ts';
import { visible } from './render/text.ts';

interface Seat {
  readonly connection: Connection;
  readonly console: Console;
}

/** Says yes and offers what would make it last. Exit status. @throws LassoError as the helper gave it */
export async function approve({ connection, console }: Seat, input: OperationInput<'approve'>): Promise<number> {
  const approval = await connection.call('approve', input);
  const { stdin, stdout, stderr } = console;
  stdout.write(answered('approved', approval));
  if (approval.change === undefined) {
    if (input.for === 'always') stdout.write(`  ${notLasting}\n`);
    return 0;
  }
  stdout.write(`\n${changeText(approval.change, paintFor(stdout, console.environment))}`);
  if (stdin.isTTY !== true || stderr.isTTY !== true) {
    stdout.write('Nothing is saved: nobody is there to agree.\n');
    return 0;
  }
  const lines = createInterface({ input: stdin, output: stderr });
  // An input that ends answers nothing, and must not be waited for.
  const over = new AbortController();
  lines.once('close', () => over.abort());
  const answer = await lines.question('Save it? [y/N] ', { signal: over.signal }).catch(() => '');
  lines.close();
  if (!/^y(es)?$/i.test(answer.trim())) return 0;
  const saved = await saveChange(connection, approval.change);
  stdout.write(savedNote(approval.change, saved));
  return 0;
}

/** why a lasting yes can last no longer than the sandbox */
export const notLasting = 'No change of a profile means exactly this command, so the yes lasts as long as the sandbox.';

/** @throws LassoError as `profileSave` */
export function saveChange(connection: Connection, { profile, after }: ProposedChange): Promise<OperationResult<'profileSave'>> {
  return connection.call('profileSave', { name: profile, text: after, reason: 'edited' });
}

export function savedNote({ before }: ProposedChange, { name }: OperationResult<'profileSave'>): string {
  const use =
    before === '' ? `Use it with \`lasso create ${visible(name)}\`, or make it the default.` : 'Sandboxes that start from now on have it.';
  return `saved  ${visible(name)}\n  ${use}\n`;
}
