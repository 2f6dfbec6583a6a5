/** An SSH server (sshd) of a test's own, on loopback, for one user and one key, with a host key made for it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { runChild } from '../../../helper/base/child.ts';
import { findProgram } from '../../../helper/base/program.ts';
import { listening } from '../sockets.ts';

export interface SshServer {
  readonly port: number;
  /** of whom to log in as */
  readonly user: string;
  /** kind and key, as in a known_hosts file */
  readonly hostKey: string;
  /** Lets in whoever holds the other half. @param publicKey a line as in a .pub file */
  admit(publicKey: string): void;
  stop(): Promise<void>;
}

/** where Debian and others put it; no place a user's PATH names */
const searched = `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin`;

const separation = '/run/sshd';

/** True where there is a server to start. */
export const hasSshServer = (): boolean => findProgram('sshd', searched) !== undefined;

/** @param folder an empty one for its files */
export async function startSshServer(folder: string): Promise<SshServer> {
  const [hostKey, admitted, settings] = ['host-key', 'admitted', 'sshd_config'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const made = await runChild('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', hostKey], { timeoutMs: 10_000 });
  if (made.code !== 0) throw new Error(made.stderr);
  writeFileSync(admitted, '', { mode: 0o600 });
  const port = await freePort();
  const lines = [
    ...[`Port ${port}`, 'ListenAddress 127.0.0.1', `HostKey ${hostKey}`, `AuthorizedKeysFile ${admitted}`, 'PidFile none'],
    ...['UsePAM no', 'StrictModes no', 'PermitRootLogin yes', 'PasswordAuthentication no', 'UseDNS no'],
  ];
  writeFileSync(settings, `${lines.join('\n')}\n`);
  // A server that root starts wants this empty folder, which is there where the system has one of its own.
  const lacking = process.getuid?.() === 0 && !existsSync(separation);
  if (lacking) mkdirSync(separation, { mode: 0o755 });
  const child = spawn(findProgram('sshd', searched) ?? 'sshd', ['-D', '-e', '-f', settings], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const gone = once(child, 'exit');
  for (let tries = 0; !(await answers(port)); tries += 1) {
    if (child.exitCode !== null || tries === 200) throw new Error(`sshd did not start:\n${said}`);
    await delay(25);
  }
  return {
    port,
    user: userInfo().username,
    hostKey: readFileSync(`${hostKey}.pub`, 'utf8').split(' ').slice(0, 2).join(' '),
    admit: (publicKey) => {
      writeFileSync(admitted, publicKey);
    },
    stop: async () => {
      child.kill();
      await gone;
      if (lacking) rmdirSync(separation);
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  server.close();
  await once(server, 'close');
  return port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false));
    socket.once('close', () => socket.destroy()).end();
  });
}
