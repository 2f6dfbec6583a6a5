/**
 * One command in a sandbox, from its streams to its exit. Whoever asked and went away takes the command with them; a
 * time limit ends all it started, wherever that went, and says so. Captured output is bounded; streamed output never waits in memory.
 */
import type { Duplex, Readable } from 'node:stream';
import type { GuestProcess, SpawnRequest } from '../guest/contract.ts';
import type { CommandExit } from '../protocol/events.ts';
import type { OperationResult } from '../protocol/operations.ts';
import type { Clock } from '../base/clock.ts';
import type { Sandbox } from './sandbox.ts';
import type { Actor, RecordEntry } from '../protocol/record.ts';
import type { Verdict } from '../protocol/verdict.ts';
import { type OutputSample, sampleOutput } from './records/output-sample.ts';
import { LassoError } from '../protocol/errors.ts';

const captureLimitBytes = 1024 * 1024;
/** between asking a command to end and ending it */
const graceMs = 2_000;
const sigterm = 15;
const sigkill = 9;

export interface CommandRequest {
  readonly sandbox: Sandbox;
  readonly request: SpawnRequest;
  readonly actor: Actor;
  /** streams of the asking side; without them output is captured */
  readonly stdio: Duplex | undefined;
  readonly stderr: Duplex | undefined;
  readonly timeoutMs: number | undefined;
  /** names of variables given for it */
  readonly variables: readonly string[];
  /** what policy said about the line it is */
  readonly verdict?: Verdict;
  /** whether the beginning of what it writes goes on record */
  readonly keepsOutput: boolean;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** @throws LassoError as `Sandbox.spawn`, and CANCELLED when `signal` fired; a time-out is a result, with its reason */
export async function runCommand(command: CommandRequest): Promise<OperationResult<'exec'>> {
  const { sandbox, request, actor, stdio, stderr, verdict } = command;
  const told: { reason?: () => string | undefined; output?: OutputSample } = {};
  const more = (): NonNullable<RecordEntry['detail']> => {
    const why = told.reason?.();
    const output = told.output?.taken();
    return {
      ...(why === undefined ? {} : { reason: why, ...(why.startsWith('timed out') ? { limit: 'time' } : {}) }),
      ...(output === undefined || Object.keys(output).length === 0 ? {} : { output }),
    };
  };
  const { process, ended } = await sandbox.spawn({
    ...{ type: 'command', action: 'exec', actor, request, more, variables: command.variables },
    ...(verdict === undefined ? {} : { verdict }),
  });
  const stop = stopper(process, ended, command);
  told.reason = stop.reason;
  if (command.keepsOutput) told.output = sampleOutput(process.stdio, process.stderr);
  const captured = stdio ? undefined : { stdout: capture(process.stdio), stderr: process.stderr ? capture(process.stderr) : undefined };
  if (stdio) {
    if (request.stdin) stdio.pipe(process.stdio);
    else process.stdio.end();
    pump(process.stdio, stdio);
    if (process.stderr && stderr) pump(process.stderr, stderr);
    else process.stderr?.resume();
    // Nobody reads any more: the command is told by a closed pipe, as at a shell's.
    stdio.once('close', () => process.stdio.destroy());
  } else process.stdio.end();
  for (const stream of [process.stdio, process.stderr, stdio, stderr]) stream?.on('error', () => undefined);

  const exit = await ended;
  const reason = stop.reason();
  stop.disarm();
  if (command.signal.aborted)
    throw new LassoError(
      'CANCELLED',
      'The command was cancelled; it and everything it started were ended',
      'Run it again when you are ready.',
    );
  const result: CommandExit = reason === undefined ? exit : { ...exit, reason };
  if (!captured) return { exit: result };
  const out = await captured.stdout;
  const err = await captured.stderr;
  return { exit: result, stdout: out.text, stderr: err?.text ?? '', truncated: out.truncated || (err?.truncated ?? false) };
}

interface Stopper {
  /** why it was ended; undefined when it was not */
  readonly reason: () => string | undefined;
  readonly disarm: () => void;
}

/** Ends the command on time-out or when nobody waits for it. */
function stopper(process: GuestProcess, ended: Promise<unknown>, command: CommandRequest): Stopper {
  let reason: string | undefined;
  const over = new AbortController();
  const end = (why: string): void => {
    if (over.signal.aborted || reason !== undefined) return;
    reason = why;
    process.signal(sigterm, 'tree');
    void command.clock.sleep(graceMs, over.signal).then(
      () => process.signal(sigkill, 'tree'),
      () => undefined,
    );
  };
  void ended.then(() => over.abort());
  const onAbort = (): void => end('cancelled');
  if (command.signal.aborted) onAbort();
  command.signal.addEventListener('abort', onAbort, { once: true });
  const { timeoutMs } = command;
  if (timeoutMs !== undefined) {
    void command.clock.sleep(timeoutMs, over.signal).then(
      () => end(`timed out after ${timeoutMs / 1000} s; it and everything it started were ended`),
      () => undefined,
    );
  }
  return { reason: () => reason, disarm: () => command.signal.removeEventListener('abort', onAbort) };
}

/** Moves bytes with back-pressure; the end of the source is the end of what is written. */
function pump(from: Readable, to: Duplex): void {
  from.on('data', (bytes: Buffer) => {
    if (to.destroyed || to.write(bytes)) return;
    from.pause();
    to.once('drain', () => from.resume());
  });
  // A reader that left must not leave the source paused for ever: the rest is read and dropped.
  to.once('close', () => from.resume());
  from.once('end', () => to.end());
}

async function capture(stream: Readable): Promise<{ readonly text: string; readonly truncated: boolean }> {
  const chunks: Buffer[] = [];
  let kept = 0;
  let truncated = false;
  stream.on('data', (bytes: Buffer) => {
    const room = captureLimitBytes - kept;
    truncated ||= bytes.length > room;
    if (room <= 0) return;
    chunks.push(bytes.subarray(0, room));
    kept += Math.min(bytes.length, room);
  });
  await new Promise<void>((resolve) => {
    stream.once('end', resolve).once('close', resolve);
  });
  return { text: Buffer.concat(chunks).toString('utf8'), truncated };
}
