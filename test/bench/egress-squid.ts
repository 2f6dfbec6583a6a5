/** Squid as a plain forward proxy on this machine, which ends with the bench and leaves nothing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { listening } from '../kit/sockets.ts';

const program = '/usr/sbin/squid';

export interface Squid {
  readonly port: number;
  end(): Promise<void>;
}

/**
 * Carries to one port of names that lead to this loopback.
 * @returns a sentence where there is none
 */
export async function startSquid(names: readonly string[], serverPort: number): Promise<Squid | string> {
  if (!existsSync(program)) return 'squid is not installed';
  const folder = await mkdtemp(join(tmpdir(), 'lasso-bench-squid-'));
  // It reads its files as a user of its own.
  await chmod(folder, 0o755);
  const port = await freePort();
  await writeFile(join(folder, 'hosts'), `127.0.0.1 ${names.join(' ')}\n`);
  const lines = [
    `http_port 127.0.0.1:${port}`,
    `acl there port ${serverPort}`,
    'http_access allow there',
    'cache deny all',
    'visible_hostname bench.example',
    `hosts_file ${join(folder, 'hosts')}`,
    'pid_filename none',
    'access_log none',
    'cache_log /dev/null',
    'pinger_enable off',
    'max_filedescriptors 8192',
    `coredump_dir ${folder}`,
    'shutdown_lifetime 0 seconds',
  ];
  await writeFile(join(folder, 'conf'), `${lines.join('\n')}\n`);
  const child = spawn(program, ['-N', '-f', join(folder, 'conf')], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => void child.once('exit', () => resolve()).once('error', () => resolve()));
  const end = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  for (let tries = 0; tries < 100 && child.exitCode === null; tries += 1) {
    if (await answers(port)) return { port, end };
    await delay(100);
  }
  await end();
  return 'squid did not start';
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answers(port: number): Promise<boolean> {
  const probe = connect({ host: '127.0.0.1', port });
  const up = await once(probe, 'connect').then(
    () => true,
    () => false,
  );
  probe.destroy();
  return up;
}
