/**
 * Starts bubblewrap and stops it right before it becomes the guest, so that the guest's process can be put into its control
 * group first. Nothing of the words is on a command line, and no descriptor but the standard three reaches the sandbox.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { Duplex, type Readable, type Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { createTail, openConsole } from './bubblewrap-console.ts';
import { isAlive, programOf, type ProcessMark } from './process-mark.ts';
import { descriptors } from './bubblewrap-words.ts';

export interface LaunchRequest {
  /** program and its words, up to and including bubblewrap's own path */
  readonly prefix: readonly string[];
  /** environment of these programs, not of the sandbox */
  readonly environment: Readonly<Record<string, string>>;
  readonly words: readonly string[];
  /** what becomes pid 1 */
  readonly command: readonly string[];
  readonly filter: Buffer;
  /** pipes for a multiplexed link; otherwise a console */
  readonly stdio: boolean;
}

export interface Launched {
  readonly pid: number;
  /** number of the sandbox's first process on this host; undefined when bubblewrap ended before there was one */
  readonly first: Promise<number | undefined>;
  /** Lets the guest begin; false when bubblewrap failed instead. */
  release(guest: ProcessMark): Promise<boolean>;
  readonly stdio: Duplex | null;
  /** how bubblewrap ended; a program's death by a signal is code 128 + signal */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** last words on the console */
  tail(): string;
}

/** how long last words are waited for after the end, in ms */
const drainMs = 200;

/** @throws Error when it cannot be started at all */
export function launch(request: LaunchRequest): Launched | Promise<never> {
  const console = request.stdio ? undefined : openConsole();
  const [program = '', ...prefix] = request.prefix;
  const own =
    console === undefined ? (['pipe', 'pipe', 'pipe'] as const) : ([console.descriptor, console.descriptor, console.descriptor] as const);
  const child = spawn(program, [...prefix, '--args', `${descriptors.words}`, '--', ...request.command], {
    stdio: [...own, 'pipe', 'pipe', 'pipe', 'pipe'],
    env: { ...request.environment },
    cwd: '/',
    // A session of its own: no signal meant for whoever started LASSO reaches it.
    detached: true,
  });
  console?.started();
  const drained = console?.drained ?? new Promise<void>((resolve) => child.stderr?.once('close', resolve));
  const ended = endOf(child).then(async (end) => {
    await Promise.race([drained, delay(drainMs, undefined, { ref: false })]);
    console?.close();
    return end;
  });
  const failure = new Promise<never>((_, reject) => child.once('error', reject));
  failure.catch(() => undefined);
  const { pid } = child;
  if (pid === undefined) return failure;
  const pipe = (index: number): Duplex => {
    const stream: unknown = child.stdio[index];
    if (!(stream instanceof Duplex)) throw new Error(`descriptor ${index} was not opened`);
    return stream.on('error', () => undefined);
  };
  pipe(descriptors.words).end(request.words.map((word) => `${word}\0`).join(''));
  pipe(descriptors.filter).end(request.filter);
  const block = pipe(descriptors.block).resume();
  const closed = new Promise<void>((resolve) => block.once('end', resolve).once('close', resolve));
  const first = firstProcess(pipe(descriptors.information));
  const errors = createTail();
  child.stderr?.setEncoding('utf8').on('data', (text: string) => errors.add(text));
  const tail = (): string => console?.tail() ?? errors.text();
  return {
    pid,
    ended,
    first,
    stdio: child.stdin && child.stdout ? joined(child.stdout, child.stdin) : null,
    release: async (guest) => {
      block.write('.');
      // The first process closes its end when the root is in place and its program comes next, or when it fails.
      await closed;
      block.destroy();
      for (let name = await programOf(guest); name === 'bwrap'; name = await programOf(guest)) await delay(1);
      if (await isAlive(guest)) return true;
      await ended;
      // A guest that ended at once has begun all the same; only bubblewrap's own complaints bear its name.
      return !/^bwrap: /m.test(tail());
    },
    tail,
  };
}

function endOf(child: ChildProcess): Launched['ended'] {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: null, signal: null }));
  });
}

/** A program's output and input as one stream. */
function joined(output: Readable, input: Writable): Duplex {
  const stream = new Duplex({
    read: () => void output.resume(),
    write: (bytes: Buffer, _encoding, done) => void input.write(bytes, done),
    final: (done) => void input.end(done),
    destroy: (error, done) => {
      output.destroy();
      input.destroy();
      done(error);
    },
  });
  output.on('data', (bytes: Buffer) => {
    if (!stream.push(bytes)) output.pause();
  });
  output.once('end', () => stream.push(null)).on('error', () => stream.destroy());
  // A program that no longer reads is told by the end of its output.
  input.on('error', () => undefined);
  return stream;
}

/** Reads bubblewrap's report to its end: a JSON object with `child-pid`. */
async function firstProcess(report: Duplex): Promise<number | undefined> {
  let text = '';
  try {
    for await (const bytes of report) text += String(bytes);
  } catch {
    return undefined;
  }
  const found = /"child-pid": (\d+)/.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}
