/**
 * Runs one command in a sandbox with our stdin, stdout and stderr as its own. Bytes are passed on as they are and never kept;
 * whatever asks this process to end also ends the command and all its children.
 */
import type { Duplex } from 'node:stream';
import type { CommandExit } from '../../protocol/events.ts';
import { LassoError } from '../../protocol/errors.ts';
import type { OperationInput, OperationResult } from '../../protocol/operations.ts';
import type { Connection } from './connection.ts';
import { paintFor } from './console.ts';
import type { Console } from './console.ts';
import { brokenPipeStatus, remarkOn, statusOf, statusOfSignal } from './exit.ts';
import { drainInto, type Sink } from './sink.ts';
import { streamToken } from './token.ts';

/** how long the helper may take to end a cancelled command, in ms */
const patienceMs = 5_000;
const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const satisfies readonly NodeJS.Signals[];

type ExecInput = Omit<OperationInput<'exec'>, 'stdin' | 'stdio' | 'stderr'>;

/** why we stop before the command does */
type Interruption = { readonly signal: NodeJS.Signals } | { readonly closed: true } | { readonly failure: unknown };

/** Exit status for the shell. @throws LassoError as the helper gave it */
export async function exec(connection: Connection, console: Console, input: ExecInput): Promise<number> {
  const fed = console.stdin.isTTY !== true;
  const stdio = streamToken(console.platform);
  const stderr = streamToken(console.platform);
  const abort = new AbortController();
  const asked = whenAsked();
  // Streams are opened while the request is on its way: a round trip less.
  const call = connection.call('exec', { ...input, stdin: fed, stdio, stderr }, { signal: abort.signal });
  call.catch(() => undefined);
  const opening = [stdio, stderr].map(async (token) => await connection.openStream(token));
  try {
    const [output, errors] = await Promise.race([Promise.all(opening), failureOnly(call)]);
    if (!output || !errors) throw new LassoError('INTERNAL', 'a stream is missing', 'This is a fault of LASSO: please report it.');
    const sinks = [drainInto(console.stdout.fd ?? 1, output), drainInto(console.stderr.fd ?? 2, errors)] as const;
    errors.end();
    if (fed) feed(console, output);
    else output.end();
    const first = await Promise.race([finished(call, sinks), asked.signal, closed(sinks[0])]);
    if ('exit' in first) return report(first.exit, console);
    abort.abort();
    // Output that nobody takes would keep the helper waiting.
    for (const stream of [output, errors]) stream.destroy();
    await Promise.race([call.catch(() => undefined), after(patienceMs)]);
    return interrupted(first, sinks);
  } finally {
    abort.abort();
    asked.forget();
    console.stdin.destroy();
    for (const stream of await Promise.allSettled(opening)) if (stream.status === 'fulfilled') stream.value.destroy();
  }
}

async function finished(call: Promise<OperationResult<'exec'>>, sinks: readonly Sink[]): Promise<{ readonly exit: CommandExit }> {
  const { exit } = await call;
  await Promise.all(sinks.map(({ over }) => over));
  return { exit };
}

function failureOnly(call: Promise<unknown>): Promise<never> {
  return new Promise((_, reject) => {
    call.catch(reject);
  });
}

/** Settles only when nobody reads our stdout, or it cannot be written. */
function closed(sink: Sink): Promise<Interruption> {
  return new Promise((resolve) => {
    sink.over.then(
      (end) => (end === 'closed' ? resolve({ closed: true }) : undefined),
      (failure: unknown) => resolve({ failure }),
    );
  });
}

/** The first signal cancels the command; a second one ends this process in the usual way. */
function whenAsked(): { readonly signal: Promise<Interruption>; readonly forget: () => void } {
  let tell: (interruption: Interruption) => void = () => undefined;
  const signal = new Promise<Interruption>((resolve) => {
    tell = resolve;
  });
  const told = (name: NodeJS.Signals): void => {
    forget();
    tell({ signal: name });
  };
  const forget = (): void => {
    for (const name of endings) process.off(name, told);
  };
  for (const name of endings) process.on(name, told);
  return { signal, forget };
}

function feed({ stdin }: Console, stdio: Duplex): void {
  // A command that ends without reading its input is not an error.
  stdio.on('error', () => stdin.destroy());
  stdin.on('error', () => stdio.end());
  stdin.pipe(stdio);
}

function report(exit: CommandExit, { stderr, environment }: Console): number {
  const remark = remarkOn(exit);
  if (remark !== undefined) stderr.write(`${paintFor(stderr, environment)('red', 'lasso:')} ${remark}\n`);
  return statusOf(exit);
}

function interrupted(cause: Interruption, sinks: readonly Sink[]): number {
  if ('closed' in cause) return brokenPipeStatus;
  if ('failure' in cause) {
    const message = cause.failure instanceof Error ? cause.failure.message : String(cause.failure);
    throw new LassoError('INTERNAL', `the output cannot be written: ${message}`, 'The command was ended.', { cause: cause.failure });
  }
  // A write that waits for its reader would make an ordinary exit wait as well.
  if (sinks.some(({ busy }) => busy())) process.kill(process.pid, cause.signal);
  return statusOfSignal(cause.signal);
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
