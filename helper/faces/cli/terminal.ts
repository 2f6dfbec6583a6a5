/**
 * Joins the terminal a person sits at to a terminal in a sandbox: every byte both ways, sizes, and the way out. However it
 * ends, the person's own terminal is given back as it was.
 */
import type { Duplex } from 'node:stream';
import type { CommandExit } from '../../protocol/events.ts';
import { LassoError } from '../../protocol/errors.ts';
import type { TerminalInfo } from '../../protocol/sandbox.ts';
import { Chord } from './chord.ts';
import type { Connection } from './connection.ts';
import { sizeOf } from './console.ts';
import type { Console, Size, Terminal } from './console.ts';
import { holdTerminal } from './hold.ts';
import { streamToken } from './token.ts';

/** how long what is still under way may take once one side of a terminal is over, in ms */
const patienceMs = 2_000;
/** how long a screen stays quiet before fed input counts as answered, in ms */
const quietMs = 300;

export interface OpenedTerminal {
  readonly sandbox: string;
  readonly terminal: TerminalInfo;
}

export type TerminalEnd =
  | { readonly kind: 'exited'; readonly exit: CommandExit }
  | { readonly kind: 'detached' }
  | { readonly kind: 'signalled'; readonly signal: NodeJS.Signals };

export interface JoinedTerminal extends OpenedTerminal {
  readonly end: TerminalEnd;
}

/**
 * Opens a terminal by `open` and stays in it until it, its viewer or its helper goes.
 * @throws LassoError what `open` throws; LINK_LOST or HELPER_UNREACHABLE with the way back
 */
export async function joinTerminal(
  connection: Connection,
  console: Console,
  open: (stream: string, size: Size) => Promise<OpenedTerminal>,
): Promise<JoinedTerminal> {
  const token = streamToken(console.platform);
  const [streamed, answered] = await Promise.allSettled([connection.openStream(token), open(token, sizeOf(console.stdout))]);
  if (answered.status === 'rejected') {
    if (streamed.status === 'fulfilled') streamed.value.destroy();
    throw answered.reason;
  }
  if (streamed.status === 'rejected') throw streamed.reason;
  const opened = answered.value;
  try {
    return { ...opened, end: await pump({ connection, console, token, opened, stream: streamed.value }) };
  } finally {
    streamed.value.destroy();
  }
}

interface Joint {
  readonly connection: Connection;
  readonly console: Console;
  readonly token: string;
  readonly opened: OpenedTerminal;
  readonly stream: Duplex;
}

async function pump(joint: Joint): Promise<TerminalEnd> {
  const { connection, console, token, opened, stream } = joint;
  const where = { sandbox: opened.sandbox, terminal: opened.terminal.id };
  const held = holdTerminal(console, (size) => void connection.call('terminalResize', { ...where, ...size }).catch(() => undefined));
  const abort = new AbortController();
  try {
    const exit = connection.call('terminalWait', where, { signal: abort.signal });
    exit.catch(() => undefined);
    const drained = forwardOutput(stream, console.stdout, held.watch);
    const end = await Promise.race([
      exited(exit, drained, opened),
      forwardInput(joint, drained.lastByte).then((): TerminalEnd => ({ kind: 'detached' })),
      held.signalled.then((signal): TerminalEnd => ({ kind: 'signalled', signal })),
    ]);
    // Without this the helper would end a program whose terminal was opened to go with its window.
    if (end.kind === 'detached') await connection.call('terminalDetach', { ...where, stream: token });
    return end;
  } finally {
    abort.abort();
    held.release();
  }
}

interface Output {
  /** settles when the stream has ended and all of it was written */
  readonly over: Promise<void>;
  /** monotonic milliseconds at which output came last */
  readonly lastByte: () => number;
}

function forwardOutput(stream: Duplex, stdout: Terminal, watch: (bytes: Uint8Array) => void): Output {
  let last = performance.now();
  stream.on('data', (bytes: Buffer) => {
    last = performance.now();
    watch(bytes);
    if (stdout.write(bytes)) return;
    stream.pause();
    stdout.once('drain', () => stream.resume());
  });
  stream.on('error', () => undefined);
  const over = new Promise<void>((resolve) => {
    stream.once('end', resolve).once('close', resolve);
  });
  return { over, lastByte: () => last };
}

async function exited(exit: Promise<CommandExit>, output: Output, { sandbox }: OpenedTerminal): Promise<TerminalEnd> {
  try {
    const first = await Promise.race([exit, output.over]);
    if (first) {
      await Promise.race([output.over, after(patienceMs)]);
      return { kind: 'exited', exit: first };
    }
    const late = await Promise.race([exit, after(patienceMs)]);
    if (late) return { kind: 'exited', exit: late };
  } catch (thrown) {
    if (!(thrown instanceof LassoError) || (thrown.code !== 'HELPER_UNREACHABLE' && thrown.code !== 'LINK_LOST')) throw thrown;
    throw new LassoError(thrown.code, `the terminal is lost: ${thrown.message}`, wayBack(sandbox), { cause: thrown });
  }
  throw new LassoError('LINK_LOST', 'the helper let go of this terminal; its program goes on', wayBack(sandbox));
}

function wayBack(sandbox: string): string {
  return `\`lasso attach ${sandbox}\` returns to it if it still runs; \`lasso status\` tells.`;
}

/** Settles when the person detaches, or when input that was fed is over and answered; otherwise never. */
function forwardInput({ console: { stdin }, stream }: Joint, lastByte: () => number): Promise<void> {
  const chord = new Chord();
  return new Promise((resolve) => {
    stdin.on('data', (piece: Buffer | string) => {
      const input = typeof piece === 'string' ? Buffer.from(piece) : piece;
      const { bytes, detach } = stdin.isTTY === true ? chord.take(input) : { bytes: input, detach: false };
      const room = bytes.length === 0 || stream.destroyed || stream.write(bytes);
      if (detach) return resolve();
      if (room) return;
      stdin.pause();
      stream.once('drain', () => stdin.resume());
    });
    // A question asked before has paused it, and a listener alone does not set it going again.
    stdin.resume();
    stdin.once('error', () => resolve());
    stdin.once('end', () => {
      const timer = setInterval(() => {
        if (performance.now() - lastByte() < quietMs) return;
        clearInterval(timer);
        resolve();
      }, quietMs);
    });
  });
}

function after(ms: number): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms, undefined).unref();
  });
}
