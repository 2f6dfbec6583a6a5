/**
 * Asks a person about a profile that a folder brings, before a sandbox starts in it: what it takes away, what has changed, and
 * whether to use it. It decides nothing: each answer is a verb of the helper, about exactly the texts that were shown.
 */
import { createInterface } from 'node:readline';
import { LassoError } from '../../protocol/errors.ts';
import type { OperationInput } from '../../protocol/operations.ts';
import type { WorkspaceProfile } from '../../protocol/profile-operations.ts';
import type { Connection } from './connection.ts';
import { type Console, paintFor } from './console.ts';
import { workspaceText, workspaceTexts } from './render/trust.ts';

export interface Asking {
  readonly connection: Connection;
  readonly console: Console;
  /** ends what progress has shown */
  readonly ready: () => void;
}

/** where sandboxes would start */
export interface AskedAbout {
  readonly dir?: string | undefined;
  readonly profile?: string | undefined;
}

type Answer = 'yes' | 'never' | 'without' | 'ended';

/** Whether a person sits there and can be asked. */
export const canAsk = ({ stdin, stderr }: Console): boolean => stdin.isTTY === true && stderr.isTTY === true;

/** @param attempt starts it, without the folder's profile where it is told so @throws LassoError that of the attempt, when nobody can be asked or answers */
export async function withAgreement<T>(asking: Asking, about: AskedAbout, attempt: (without: boolean) => Promise<T>): Promise<T> {
  try {
    return await attempt(false);
  } catch (thrown) {
    if (!(thrown instanceof LassoError) || thrown.code !== 'PROFILE_UNAPPROVED' || !canAsk(asking.console)) throw thrown;
    asking.ready();
    const answer = await agree(asking, about, true);
    if (answer === undefined) throw thrown;
    return await attempt(answer === 'without');
  }
}

/**
 * Shows what a folder brings and carries out the answer.
 * @param start whether a sandbox is to start, so that going without it once is an answer
 * @returns undefined when nothing was answered, or nothing can be
 */
export async function agree(asking: Asking, about: AskedAbout, start: boolean): Promise<'decided' | 'without' | undefined> {
  const { connection, console } = asking;
  const paint = paintFor(console.stderr, console.environment);
  for (;;) {
    const workspace = await connection.call('profileApprove', { ...named(about), look: true });
    if (start && (workspace.state === 'approved' || workspace.state === 'none')) return 'decided';
    console.stderr.write(workspaceText(workspace, { paint }));
    if (workspace.state === 'none' || workspace.state === 'approved') return 'decided';
    const answer = await answerOf(asking, workspace, start);
    if (answer === 'ended') return undefined;
    if (answer === 'without') return 'without';
    const said = await trySaying(connection, { ...named(about), ...pinned(workspace), decline: answer === 'never' });
    if (said) {
      console.stderr.write(answer === 'never' ? 'Declined: sandboxes here start without it.\n' : 'Agreed.\n');
      return 'decided';
    }
    console.stderr.write('\nIt has changed meanwhile.\n\n');
  }
}

const named = ({ dir, profile }: AskedAbout): { dir?: string; profile?: string } => ({
  ...(dir === undefined ? {} : { dir }),
  ...(profile === undefined ? {} : { profile }),
});

const pinned = ({ digest }: WorkspaceProfile): { digest?: string } => (digest === undefined ? {} : { digest });

/** False when it is not any more what was shown. */
async function trySaying(connection: Connection, params: OperationInput<'profileApprove'>): Promise<boolean> {
  try {
    await connection.call('profileApprove', params);
    return true;
  } catch (thrown) {
    if (thrown instanceof LassoError && thrown.code === 'PROFILE_MISMATCH') return false;
    throw thrown;
  }
}

async function answerOf({ console }: Asking, workspace: WorkspaceProfile, start: boolean): Promise<Answer> {
  const { stdin, stderr } = console;
  const broken = workspace.state === 'broken';
  const choices = [...(broken ? [] : ['[y]es']), '[n]o, never', '[s]how', ...(start ? ['start [w]ithout it this once'] : [])];
  const question = `\n${broken ? 'Go on?' : workspace.state === 'gone' ? 'Agree that it is gone?' : 'Use it?'} ${choices.join(' / ')}: `;
  const lines = createInterface({ input: stdin, output: stderr });
  lines.once('SIGINT', () => lines.close());
  lines.setPrompt(question);
  const closing = new AbortController();
  const over = closing.signal;
  lines.once('close', () => closing.abort());
  try {
    lines.prompt();
    for await (const line of lines) {
      const word = line.trim().toLowerCase();
      if (!broken && (word === 'y' || word === 'yes')) return 'yes';
      if (word === 'n' || word === 'no' || word === 'never') return 'never';
      if (start && (word === 'w' || word === 'without')) return 'without';
      if (word === 's' || word === 'show') stderr.write(`\n${workspaceTexts(workspace, paintFor(stderr, console.environment))}`);
      if (!over.aborted) lines.prompt();
    }
    return 'ended';
  } finally {
    lines.close();
  }
}
