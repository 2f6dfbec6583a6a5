/** Frames that ask the guest for something, and what its refusals mean to a person. */
import { execAnswer, frameLimitBytes, frameType, guestProtocolVersion, spawnFlag, spawnStage, welcomeFlag } from '../protocol/guest.ts';
import { LassoError } from '../protocol/errors.ts';
import type { SpawnRequest } from './contract.ts';
import type { ExecAnswer } from './exec.ts';
import { encodeFrame } from './encode.ts';
import { lineOf } from './network-frames.ts';

/** tokens of a process's two streams */
export interface StreamTokens {
  readonly main: Buffer;
  readonly errors: Buffer;
}

/** spawnFlag bits of a request */
export function flagsOf(request: SpawnRequest): number {
  if (request.terminal) return spawnFlag.TERMINAL;
  return (request.separateStderr ? spawnFlag.STDERR : 0) | (request.stdin ? 0 : spawnFlag.NO_STDIN);
}

/** @throws LassoError BAD_REQUEST for what no process could be given */
export function encodeSpawn(id: number, request: SpawnRequest, tokens: StreamTokens): Buffer {
  const environment = Object.entries(request.environment).map(([name, value]) => `${name}=${value}`);
  const strings = [request.cwd, request.file, ...request.argv, ...environment];
  const text = Buffer.from(strings.map((string) => `${string}\0`).join(''));
  const head = Buffer.alloc(9);
  head.writeUInt8(flagsOf(request), 0);
  head.writeUInt16BE(request.terminal?.rows ?? 0, 1);
  head.writeUInt16BE(request.terminal?.columns ?? 0, 3);
  if (request.argv.length === 0 || strings.some((string) => string.includes('\0')))
    throw new LassoError(
      'BAD_REQUEST',
      'A command needs at least its own name, and none of its words may hold a NUL.',
      'Correct the command.',
    );
  if (request.argv.length + environment.length > 32_768 || text.length > frameLimitBytes - 256)
    throw new LassoError('BAD_REQUEST', 'The command and its environment are too long.', 'Pass long input through a file or stdin.');
  head.writeUInt16BE(request.argv.length, 5);
  head.writeUInt16BE(environment.length, 7);
  return encodeFrame(frameType.SPAWN, id, Buffer.concat([head.subarray(0, 5), tokens.main, tokens.errors, head.subarray(5), text]));
}

export function encodeWelcome(graceMs: number, wants: { readonly gated: boolean; readonly networked: boolean }): Buffer {
  const payload = Buffer.alloc(7);
  payload.writeUInt16BE(guestProtocolVersion, 0);
  payload.writeUInt32BE(graceMs, 2);
  payload.writeUInt8((wants.gated ? welcomeFlag.GATED : 0) | (wants.networked ? welcomeFlag.NETWORKED : 0), 6);
  return encodeFrame(frameType.WELCOME, 0, payload);
}

export function encodeReopen(id: number, tokens: StreamTokens): Buffer {
  return encodeFrame(frameType.REOPEN, id, Buffer.concat([tokens.main, tokens.errors]));
}

export function encodeResize(id: number, rows: number, columns: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt16BE(rows, 0);
  payload.writeUInt16BE(columns, 2);
  return encodeFrame(frameType.RESIZE, id, payload);
}

export function encodeU32(type: typeof frameType.SHUTDOWN | typeof frameType.WINDOW, id: number, value: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(value, 0);
  return encodeFrame(type, id, payload);
}

/** errno values of Linux, whatever the host is */
const errno = {
  EPERM: 1,
  ENOENT: 2,
  E2BIG: 7,
  ENOEXEC: 8,
  EAGAIN: 11,
  EACCES: 13,
  ENOTDIR: 20,
  ENAMETOOLONG: 36,
  ELOOP: 40,
  ECANCELED: 125,
};

/** What a FAILED frame means; stage and number are hostile and only shown. `refusal` is what the gate said, where it said no. */
export function failureOf(request: SpawnRequest, stage: number, number: number, refusal?: string): LassoError {
  if (refusal !== undefined && stage === spawnStage.EXECUTE && number === errno.EPERM)
    return new LassoError(
      'COMMAND_DENIED',
      refusal.replace(/^LASSO: /, ''),
      'Ask `lasso why` what the profile says, or change the profile.',
    );
  if (stage === spawnStage.DIRECTORY)
    return new LassoError('BAD_REQUEST', `${request.cwd} is not a folder the sandbox can enter.`, 'Choose a folder below /workspace.');
  if (stage === spawnStage.EXECUTE && (number === errno.ENOENT || number === errno.ENOTDIR || number === errno.ENAMETOOLONG))
    return new LassoError('COMMAND_NOT_FOUND', `${request.file}: command not found in the sandbox.`, 'Check its spelling and the PATH.');
  if (stage === spawnStage.EXECUTE && number === errno.E2BIG)
    return new LassoError('BAD_REQUEST', 'The command and its environment are too long.', 'Pass long input through a file or stdin.');
  if (stage === spawnStage.EXECUTE)
    return new LassoError(
      'COMMAND_NOT_EXECUTABLE',
      `${request.file} cannot be executed (${reasonOf(number)}).`,
      'Check that it is a program for this processor and has the execute bit.',
    );
  if (number === errno.EAGAIN)
    return new LassoError(
      'SANDBOX_NOT_RUNNING',
      'The sandbox has as many processes as it may have.',
      'End some of them, or raise the limit.',
    );
  if (number === errno.ECANCELED) return new LassoError('SANDBOX_NOT_RUNNING', 'The sandbox is ending.', 'Start it again.');
  return new LassoError('INTERNAL', `The sandbox could not start ${request.file} (stage ${stage}, errno ${number}).`, 'See the log.');
}

function reasonOf(number: number): string {
  if (number === errno.EACCES) return 'permission denied';
  if (number === errno.ENOEXEC) return 'not a program';
  if (number === errno.EPERM) return 'not permitted';
  if (number === errno.ELOOP) return 'too many links';
  return `errno ${number}`;
}

/** The answer to one question about a program start. */
export function encodeAnswer(question: number, answer: ExecAnswer): Buffer {
  const bits = answer.allow ? execAnswer.ALLOW | (answer.keep === true ? execAnswer.KEEP : 0) : 0;
  return encodeFrame(frameType.EXEC_ANSWER, question, Buffer.concat([Buffer.of(bits), lineOf(answer.allow ? '' : answer.message)]));
}
