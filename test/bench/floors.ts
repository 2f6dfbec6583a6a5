/** The plain tools, driven with as little as does the job: what LASSO is measured against. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import Docker from 'dockerode';
import { spawn as spawnTerminal } from 'node-pty';

/** Ends when a program started on the host has ended. */
export async function hostProgram(file: string, argv: readonly string[], environment: NodeJS.ProcessEnv = process.env): Promise<undefined> {
  const child = spawn(file, argv, { stdio: ['ignore', 'ignore', 'pipe'], env: environment });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  await once(child, 'close');
  if (child.exitCode !== 0) throw new Error(`${file} ended with status ${child.exitCode ?? child.signalCode ?? 'unknown'}: ${complaint}`);
  return undefined;
}

/** From nothing to the first output of a shell in bubblewrap, in milliseconds. */
export async function bubblewrapReady(): Promise<number> {
  const argv = ['--unshare-all', '--die-with-parent', '--ro-bind', '/usr', '/usr', '--symlink', 'usr/bin', '/bin'];
  const libraries = [
    '--symlink',
    'usr/lib',
    '/lib',
    '--symlink',
    'usr/lib64',
    '/lib64',
    '--proc',
    '/proc',
    '--dev',
    '/dev',
    '--tmpfs',
    '/tmp',
  ];
  const startedMs = performance.now();
  const child = spawn('bwrap', [...argv, ...libraries, 'sh', '-c', 'echo ready; read x'], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const tookMs = performance.now() - startedMs;
  child.stdin.end();
  await once(child, 'exit');
  return tookMs;
}

/** From nothing to the first output of a container's first process through the engine's API, in milliseconds. */
export async function containerReady(socketPath: string, image: string): Promise<number> {
  const docker = new Docker({ socketPath });
  const startedMs = performance.now();
  const container = await docker.createContainer(plainContainer(image, ['sh', '-c', 'echo ready; exec sleep 60']));
  try {
    const stream = await container.attach({ stream: true, stdout: true });
    const first = once(stream, 'data');
    await container.start();
    await first;
    return performance.now() - startedMs;
  } finally {
    await container.remove({ force: true });
  }
}

/** Milliseconds for `count` containers, `atOnce` at a time; all are removed again. */
export async function manyContainers(socketPath: string, image: string, count: number, atOnce: number): Promise<number> {
  const docker = new Docker({ socketPath });
  const made: Docker.Container[] = [];
  const startedMs = performance.now();
  try {
    await inLanes(count, atOnce, async () => {
      const container = await docker.createContainer(plainContainer(image, ['sleep', '600']));
      made.push(container);
      await container.start();
    });
    return performance.now() - startedMs;
  } finally {
    await inLanes(made.length, atOnce, async (index) => {
      await made[index]?.remove({ force: true });
    });
  }
}

function plainContainer(image: string, command: string[]): Docker.ContainerCreateOptions {
  return {
    Image: image,
    Entrypoint: command.slice(0, 1),
    Cmd: command.slice(1),
    NetworkDisabled: true,
    AttachStdout: true,
    HostConfig: {
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      LogConfig: { Type: 'none', Config: {} },
      Ulimits: [
        { Name: 'nofile', Soft: 4096, Hard: 4096 },
        { Name: 'nproc', Soft: 4096, Hard: 4096 },
      ],
    },
  };
}

/** Runs `count` pieces of work, `atOnce` at a time. */
export async function inLanes(count: number, atOnce: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}

/** Bytes a second through a terminal on the host. */
export async function hostTerminalSpeed(argv: readonly [string, ...string[]]): Promise<number> {
  const startedMs = performance.now();
  let bytes = 0;
  const terminal = spawnTerminal(argv[0], argv.slice(1), { encoding: null, rows: 24, cols: 80 });
  await new Promise<void>((resolve) => {
    terminal.onData((data: string | Uint8Array) => (bytes += data.length));
    terminal.onExit(() => resolve());
  });
  return (bytes / (performance.now() - startedMs)) * 1000;
}

/** Milliseconds from each key to its echo, by a terminal on the host. */
export async function hostEchoMs(keys: number): Promise<readonly number[]> {
  const terminal = spawnTerminal('cat', [], { encoding: null, rows: 24, cols: 80 });
  const took: number[] = [];
  await new Promise((resolve) => setTimeout(resolve, 200));
  for (let key = 0; key < keys; key += 1) {
    const startedMs = performance.now();
    await new Promise<void>((resolve) => {
      const listener = terminal.onData(() => {
        listener.dispose();
        resolve();
      });
      terminal.write('x');
    });
    took.push(performance.now() - startedMs);
  }
  const ended = new Promise<void>((resolve) => terminal.onExit(() => resolve()));
  terminal.kill('SIGKILL');
  await ended;
  return took;
}
