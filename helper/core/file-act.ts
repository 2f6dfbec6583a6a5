/**
 * One file of a sandbox read or written for somebody outside, by the guest's own program inside: judged first, on record before it
 * begins, ended when nobody waits for it. What a link leads to, and what a path really is, the sandbox's kernel decides.
 */
import type { Readable } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import type { GuestProcess } from '../guest/contract.ts';
import { judgeTool } from '../policy/tools.ts';
import { LassoError } from '../protocol/errors.ts';
import type { CommandExit } from '../protocol/events.ts';
import { guestPaths } from '../protocol/guest.ts';
import type { Verdict } from '../protocol/verdict.ts';
import type { Live } from './live.ts';
import type { OperationContext } from './operations/contract.ts';
import { placeOf, rulesNow } from './rules-now.ts';
import type { Sandbox } from './sandbox.ts';
import { verdictDetail } from './verdict-detail.ts';

export interface FileAct {
  readonly action: 'read' | 'write';
  /** absolute path in the sandbox, as it is judged and opened */
  readonly path: string;
  /** arguments of the guest's program */
  readonly words: readonly string[];
  /** what it is fed */
  readonly input?: Buffer;
  readonly outputLimitBytes: number;
}

/** longest that a file may take whose disk does not answer */
const patienceMs = 30_000;
const graceMs = 1000;
const sigterm = 15;
const sigkill = 9;

/**
 * What the program said.
 * @throws LassoError COMMAND_DENIED naming the rule, FILE_UNAVAILABLE, CANCELLED, TIMED_OUT, and as `Sandbox.spawn`
 */
export async function carryOut(
  sandbox: Sandbox,
  act: FileAct,
  { actor, signal }: Pick<OperationContext, 'actor' | 'signal'>,
  clock: Clock,
): Promise<Buffer> {
  const { action, path, words, input } = act;
  const verdict = await requireAllowed(sandbox, sandbox.requireLive(), act, actor);
  const more = (): { readonly sizeBytes?: number } => (input === undefined ? {} : { sizeBytes: input.length });
  const { process, ended } = await sandbox.spawn({
    ...{ type: 'file', action, actor, target: path, verdict, more },
    request: {
      ...{ argv: [guestPaths.program, ...words], file: guestPaths.program, cwd: '/', environment: {} },
      ...{ terminal: null, stdin: input !== undefined, separateStderr: false, ownAct: true },
    },
  });
  const stopped = stopper(process, ended, signal, clock);
  process.stdio.on('error', () => undefined);
  process.stdio.end(input);
  const said = await collect(process.stdio, act.outputLimitBytes);
  const { code } = await ended;
  const reason = stopped();
  if (reason !== undefined) throw reason;
  if (code !== 0) throw failure(act, code);
  return said;
}

/** @throws LassoError COMMAND_DENIED naming the rule */
async function requireAllowed(sandbox: Sandbox, live: Live, { action, path }: FileAct, actor: OperationContext['actor']): Promise<Verdict> {
  const { files, network, workspaceWritable } = live.policy;
  const rules = { files, network, workspaceWritable, commands: rulesNow(sandbox.saved, live.policy) };
  const verdict = judgeTool({ kind: action, paths: [path] }, rules, placeOf(sandbox.saved));
  if (verdict.decision === 'allow' || verdict.decision === 'exec') return verdict;
  const detail = verdictDetail(verdict, live);
  await sandbox.record.append({ type: 'file', action, outcome: 'blocked', actor, target: path, detail });
  const by = (verdict.rule === undefined ? undefined : live.originOf(verdict.rule)) ?? verdict.rule;
  const message = `To ${action} ${path} is blocked${by === undefined ? '' : ` by ${by}`}: ${verdict.reason}`;
  throw new LassoError('COMMAND_DENIED', message, 'Leave it to a person, who may also change the profile.');
}

/** Ends the program when nobody waits for it or it takes too long; the result says why, where it did. */
function stopper(process: GuestProcess, ended: Promise<unknown>, signal: AbortSignal, clock: Clock): () => LassoError | undefined {
  let why: LassoError | undefined;
  const over = new AbortController();
  const end = (reason: LassoError): void => {
    if (over.signal.aborted || why !== undefined) return;
    why = reason;
    process.signal(sigterm, 'tree');
    void clock.sleep(graceMs, over.signal).then(
      () => process.signal(sigkill, 'tree'),
      () => undefined,
    );
  };
  const cancelled = (): void =>
    end(new LassoError('CANCELLED', 'The request was cancelled; nothing was changed.', 'Ask again when you are ready.'));
  void ended.then(() => {
    over.abort();
    signal.removeEventListener('abort', cancelled);
  });
  if (signal.aborted) cancelled();
  signal.addEventListener('abort', cancelled, { once: true });
  void clock.sleep(patienceMs, over.signal).then(
    () => end(new LassoError('TIMED_OUT', 'The file did not answer in time.', 'Look whether its disk still works.')),
    () => undefined,
  );
  return () => why;
}

async function collect(stream: Readable, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let kept = 0;
  stream.on('data', (bytes: Buffer) => {
    const taken = bytes.subarray(0, limitBytes - kept);
    kept += taken.length;
    if (taken.length > 0) chunks.push(taken);
  });
  await new Promise<void>((resolve) => {
    stream.once('end', resolve).once('close', resolve);
  });
  return Buffer.concat(chunks);
}

/** error numbers of Linux, as the program's exit status */
const errno: Readonly<Record<number, readonly [what: string, hint: string]>> = {
  1: ['the sandbox does not permit it', 'Leave it to a person.'],
  2: ['there is no such file or folder', 'Look with `ls` which there are; make a folder before writing into it.'],
  13: ['the sandbox does not permit it', 'Leave it to a person.'],
  16: ['it is kept as it is here', 'Leave it to a person.'],
  19: ['it is not an ordinary file', 'Give the path of a file.'],
  20: ['a part of the path is not a folder', 'Look with `ls` what there is.'],
  21: ['it is a folder', 'Give the path of a file; `ls` lists a folder.'],
  27: ['it would be larger than a file may be here', 'Write less, or let a person raise the limit.'],
  28: ['there is no space left', 'Make room first.'],
  30: ['it lies where nothing can be written', 'Write below /workspace.'],
  36: ['a name in the path is too long', 'Choose a shorter one.'],
  40: ['its links lead nowhere', 'Give the path of the file itself.'],
  122: ['there is no space left', 'Make room first.'],
};

function failure({ action, path }: FileAct, code: CommandExit['code']): LassoError {
  const [what, hint] = (code === null ? undefined : errno[code]) ?? [
    `the system said ${code ?? 'nothing'}`,
    'Try it with a program in the sandbox.',
  ];
  const message = `${path} cannot be ${action === 'read' ? 'read' : 'written'}: ${what}`;
  return new LassoError(code === 1 || code === 13 ? 'COMMAND_DENIED' : 'FILE_UNAVAILABLE', message, hint);
}
