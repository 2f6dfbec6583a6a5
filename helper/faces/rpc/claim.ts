/**
 * One helper per user, decided by the file system alone: bind a socket of a fresh name, then announce the next generation
 * with link(2). Of many that start at once exactly one wins; the others find the winner and leave without a trace.
 */
import { createServer, type Socket } from 'node:net';
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { socketAddress, socketPathLimitBytes, type Folders, type Host } from '../../base/platform.ts';
import type { Random } from '../../base/random.ts';
import { LassoError } from '../../protocol/errors.ts';
import { announce, generationsIn, knock, readAnnouncement, withdraw, type Announcement } from '../client/announcement.ts';
import { prepareRuntimeFolder } from '../client/runtime-folder.ts';

/** the right to be this user's helper, with the doors open and nobody let in yet */
export interface HelperClaim {
  readonly announcement: Announcement;
  /** Hands over every connection: those that wait, then each new one. */
  serve(onConnection: (socket: Socket) => void): void;
  /** Stops listening at once; who knocks from now on starts another helper. The announcement stays, so generations grow. */
  close(): void;
}

export interface ClaimOptions {
  readonly host: Host;
  readonly folders: Pick<Folders, 'runtime'>;
  readonly version: string;
  readonly build: string;
  readonly random: Random;
}

/** connections open at once at most */
const connectionLimit = 1024;

/** Becomes the helper, or gives null because there is one already. @throws LassoError HELPER_DIRECTORY_UNSAFE, HELPER_UNREACHABLE */
export async function claimHelper(options: ClaimOptions): Promise<HelperClaim | null> {
  const { host, folders, random } = options;
  await prepareRuntimeFolder(host, folders.runtime);
  const address = socketAddress(host, folders.runtime, `helper-${random.hex(8)}`);
  checkLength(host, address);
  const { serve, close } = await listen(address);
  const offer = { socket: address, pid: process.pid, version: options.version, build: options.build, token: random.hex(32) };
  try {
    const announcement = await contend(folders.runtime, offer);
    if (announcement === null) {
      close();
      return null;
    }
    await clearBelow(folders.runtime, announcement.generation);
    return { announcement, serve, close };
  } catch (error) {
    close();
    throw error;
  }
}

async function contend(folder: string, offer: Omit<Announcement, 'generation'>): Promise<Announcement | null> {
  for (;;) {
    const [highest = 0] = await generationsIn(folder);
    if (highest > 0 && (await answers(folder, highest))) return null;
    const mine = { generation: highest + 1, ...offer };
    if (!(await announce(folder, mine))) continue;
    // A slow starter may announce a number a later winner has cleared away: only the highest counts.
    const [now = 0] = await generationsIn(folder);
    if (now === mine.generation) return mine;
    await withdraw(folder, mine.generation);
  }
}

async function answers(folder: string, generation: number): Promise<boolean> {
  const found = await readAnnouncement(folder, generation);
  if (found === undefined) return false;
  for (let attempt = 0; ; attempt += 1) {
    const answer = await knock(found.socket);
    if (answer.kind === 'open') answer.socket.destroy();
    if (answer.kind !== 'busy') return answer.kind === 'open';
    // A full backlog is a sign of life; a newcomer must not push in beside it.
    if (attempt >= 20) return true;
    await delay(25);
  }
}

/** Removes what dead generations left: their announcements and, on Unix, their sockets. */
async function clearBelow(folder: string, generation: number): Promise<void> {
  for (const lower of await generationsIn(folder)) {
    if (lower >= generation) continue;
    const left = await readAnnouncement(folder, lower);
    if (left !== undefined && left.socket.startsWith(folder)) await rm(left.socket, { force: true });
    await withdraw(folder, lower);
  }
}

function listen(address: string): Promise<Pick<HelperClaim, 'serve' | 'close'>> {
  const waiting: Socket[] = [];
  let receive = (socket: Socket): void => void waiting.push(socket);
  // Paused, so that nothing is read before somebody listens.
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    receive(socket);
  });
  server.maxConnections = connectionLimit;
  const serve = (onConnection: (socket: Socket) => void): void => {
    receive = onConnection;
    waiting.splice(0).forEach(onConnection);
  };
  const close = (): void => {
    server.close();
    for (const socket of waiting.splice(0)) socket.destroy();
  };
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(
        new LassoError(
          'HELPER_UNREACHABLE',
          `The helper cannot listen on ${address}: ${error.message}`,
          'Set LASSO_RUNTIME_DIR to a local folder only you can reach.',
          {
            cause: error,
          },
        ),
      );
    });
    server.listen(address, () => resolve({ serve, close }));
  });
}

function checkLength(host: Host, address: string): void {
  const limit = socketPathLimitBytes(host.platform);
  if (limit === undefined || Buffer.byteLength(address) <= limit) return;
  throw new LassoError(
    'HELPER_UNREACHABLE',
    `The path of the helper's socket is ${Buffer.byteLength(address)} bytes long, and the system allows ${limit}: ${address}`,
    'Set LASSO_RUNTIME_DIR to a folder with a shorter path.',
  );
}
