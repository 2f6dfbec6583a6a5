/** Starts a real guest as pid 1 of bubblewrap's namespaces, without any engine, and opens its link in either way. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { ExecGate } from '../../helper/guest/exec.ts';
import type { FileGate } from '../../helper/guest/files.ts';
import type { GuestExit, GuestLink, GuestProcess, SpawnRequest } from '../../helper/guest/contract.ts';
import type { GuardGate, NetworkGate } from '../../helper/guest/network.ts';
import { openLowPorts } from '../../helper/backends/bubblewrap-ports.ts';
import { openSocketLink, openStdioLink } from '../../helper/guest/open.ts';
import { LassoError } from '../../helper/protocol/errors.ts';
import { silentLog } from '../../helper/base/log.ts';
import { guestEnvironment, guestPaths } from '../../helper/protocol/guest.ts';
import type { LinkKind } from '../../helper/protocol/sandbox.ts';

/** descriptors of bubblewrap's report, and of what it waits for before the guest begins */
const held = { report: 3, wait: 4 } as const;

const root = join(import.meta.dirname, '..', '..');
export const guestProgram = join(root, 'dist', 'guest', `guest-linux-${process.arch}`);
/** opens ports below 1024 in a world's own network */
export const portsProgram = join(root, 'dist', 'ports', `ports-linux-${process.arch}`);
/** the guest built with sanitizers, where the host has a compiler for it */
export const checkedGuestProgram = join(root, '.cache', 'guest', 'guest-checked');

export interface GuestOptions {
  readonly kind: LinkKind;
  readonly graceMs?: number;
  readonly program?: string;
  readonly limits?: string;
  readonly gate?: ExecGate;
  /** decides on names and connections; with it the guest may listen on ports below 1024 */
  readonly network?: NetworkGate;
  /** answers hooks of agents */
  readonly guard?: GuardGate;
  /** says which files are closed and hidden, and hears what the guest refuses */
  readonly files?: FileGate;
  /** fills the workspace before the guest is there */
  readonly prepare?: (workspace: string) => void;
  /** adds programs or checks to the world inside: bubblewrap arguments */
  readonly extra?: readonly string[];
}

/** the world a guest is started in; more than one link may be opened to it, one after the other */
export interface GuestWorld {
  readonly directory: string;
  readonly socketPath: string;
  readonly token: string;
  readonly workspace: string;
  readonly child: ChildProcess;
  readonly link: GuestLink;
  readonly intruders: string[];
  /** exit code of the world; settles when everything inside is gone */
  readonly gone: Promise<number | null>;
  /** what pid 1 and bubblewrap said */
  words(): string;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Arguments of bubblewrap that make a world like a sandbox: no capabilities, an ordinary user, its own pid namespace. */
export function worldArguments(directory: string, options: GuestOptions, token: string): string[] {
  const set = (name: string, value: string): string[] => ['--setenv', name, value];
  return [
    ...['--unshare-all', '--uid', '1000', '--gid', '1000', '--cap-drop', 'ALL', '--as-pid-1', '--die-with-parent', '--clearenv'],
    ...['--ro-bind', '/usr', '/usr', '--symlink', 'usr/bin', '/bin', '--symlink', 'usr/lib', '/lib', '--symlink', 'usr/lib64', '/lib64'],
    ...['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp', '--bind', join(directory, 'workspace'), guestPaths.workspace],
    ...['--ro-bind', options.program ?? guestProgram, guestPaths.program, '--bind', join(directory, 'link'), guestPaths.linkDirectory],
    ...set(guestEnvironment.LINK, options.kind),
    ...set(guestEnvironment.TOKEN, token),
    ...set(guestEnvironment.LIMITS, options.limits ?? 'core=0:0'),
    ...set('ASAN_OPTIONS', 'detect_leaks=0'),
    ...(options.extra ?? []),
    guestPaths.program,
  ];
}

export async function startGuest(options: GuestOptions): Promise<GuestWorld> {
  const directory = await mkdtemp(join(tmpdir(), 'lasso-guest-'));
  await mkdir(join(directory, 'link'));
  await mkdir(join(directory, 'workspace'));
  options.prepare?.(join(directory, 'workspace'));
  const token = randomBytes(32).toString('hex');
  const socketPath = join(directory, 'link', 'socket');
  const intruders: string[] = [];
  const { gate, network, guard, files } = options;
  const settings = {
    log: silentLog,
    ...(files ? { files } : {}),
    ...(gate ? { gate } : {}),
    ...(network ? { network } : {}),
    ...(guard ? { guard } : {}),
  };
  const pending =
    options.kind === 'socket'
      ? await openSocketLink({ socketPath, token, graceMs: options.graceMs ?? 0, ...settings, onIntruder: (why) => intruders.push(why) })
      : null;
  const holding = network ? ['--info-fd', `${held.report}`, '--block-fd', `${held.wait}`] : [];
  const child = spawn('bwrap', [...holding, ...worldArguments(directory, options, token)], {
    stdio: ['pipe', 'pipe', 'pipe', ...(network ? (['pipe', 'pipe'] as const) : [])],
    env: { PATH: process.env['PATH'] },
  });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => (words += part));
  const gone = new Promise<number | null>((resolve) => child.once('close', resolve));
  const end = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
    await pending?.dispose();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    if (network) await openPorts(child);
    const opening =
      pending?.link ?? openStdioLink({ stdio: Duplex.from({ readable: child.stdout, writable: child.stdin }), graceMs: 0, ...settings });
    const early = gone.then((code) => Promise.reject(new Error(`guest ended with ${String(code)}: ${words}`)));
    early.catch(() => undefined);
    // A guest that ends at once has said why; the link only knows that it is gone.
    const lost = opening.catch((error: unknown) => {
      if (error instanceof LassoError && error.code === 'LINK_LOST') return early;
      throw error;
    });
    const link = await Promise.race([lost, early]);
    return {
      ...{ directory, socketPath, token, child, link, intruders, gone },
      workspace: join(directory, 'workspace'),
      words: () => words,
      [Symbol.asyncDispose]: async () => {
        await link.dispose();
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Lets the guest listen on ports below 1024, as a backend does, and then begin. */
async function openPorts(child: ChildProcess): Promise<void> {
  const [report, wait] = [child.stdio[held.report], child.stdio[held.wait]];
  if (!(report instanceof Duplex) || !(wait instanceof Duplex)) throw new Error('bubblewrap was not started with its descriptors');
  const pid = Number(/"child-pid": (\d+)/.exec(await text(report))?.[1]);
  const why = await openLowPorts(portsProgram, pid);
  if (why !== undefined) throw new Error(`ports below 1024 stay closed: ${why}`);
  wait.end('.');
}

/** A request with the usual things filled in. */
export function request(argv: readonly string[], changes: Partial<SpawnRequest> = {}): SpawnRequest {
  return {
    argv,
    file: argv[0] ?? '',
    cwd: '/tmp',
    environment: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/tmp', TERM: 'xterm', LC_ALL: 'C.UTF-8' },
    terminal: null,
    stdin: true,
    separateStderr: true,
    ...changes,
  };
}

export const shell = (script: string, changes: Partial<SpawnRequest> = {}): SpawnRequest => request(['sh', '-c', script], changes);

export interface Finished {
  readonly exit: GuestExit;
  readonly output: Buffer;
  readonly errors: Buffer;
}

/** Reads a process to its end. */
export async function finish(guest: GuestProcess): Promise<Finished> {
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  guest.stdio.on('data', (bytes: Buffer) => output.push(bytes));
  guest.stderr?.on('data', (bytes: Buffer) => errors.push(bytes));
  guest.stdio.resume();
  const exit = await guest.exited;
  return { exit, output: Buffer.concat(output), errors: Buffer.concat(errors) };
}

/** Runs one command with an empty stdin and says what it printed and how it ended. */
export async function run(link: GuestLink, wanted: SpawnRequest): Promise<{ exit: GuestExit; output: string; errors: string }> {
  const guest = await link.spawn(wanted);
  guest.stdio.end();
  const { exit, output, errors } = await finish(guest);
  return { exit, output: output.toString(), errors: errors.toString() };
}

/** Settles when what `guest` prints holds `text`; everything read so far. */
export async function untilPrinted(guest: GuestProcess, text: string, before = ''): Promise<string> {
  let seen = before;
  if (seen.includes(text)) return seen;
  return new Promise((resolve, reject) => {
    const take = (bytes: Buffer): void => {
      seen += bytes.toString();
      if (!seen.includes(text)) return;
      guest.stdio.off('data', take).off('end', fail);
      guest.stdio.pause();
      resolve(seen);
    };
    const fail = (): void => reject(new Error(`ended before printing ${text}: ${seen}`));
    guest.stdio.on('data', take).on('end', fail);
    guest.stdio.resume();
  });
}
