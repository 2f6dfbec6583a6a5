/**
 * One writer for the records of a home, whatever runtime folder it serves from, decided by the file system: who holds the lock
 * listens on a socket that the announcement of the highest generation names. The kernel closes it with the process, so a killed
 * holder holds nothing; no process id and no clock decides anything.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, rmdir, symlink, unlink } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { createFileAtomic, errnoOf } from '../../base/atomic-file.ts';
import type { Disposable } from '../../base/lifetime.ts';
import { socketAddress, socketPathLimitBytes, type Folders, type Host } from '../../base/platform.ts';
import { LassoError } from '../../protocol/errors.ts';

const announcement = z.object({
  /** of the socket */
  name: z.string().regex(/^store-[0-9a-f]{16}$/),
  pid: z.number().int(),
  /** runtime folder it serves from */
  runtime: z.string(),
});
type Announcement = z.infer<typeof announcement>;

type LockFolders = Pick<Folders, 'home' | 'runtime'>;

/** longest wait for a helper of the same runtime folder, which is about to end, in milliseconds */
const handOverMs = 30_000;

/**
 * Becomes the only writer. Who serves from the same runtime folder is a predecessor on its way out, and is waited for.
 * @throws LassoError RECORD_FAILED when another writes, or the file system cannot tell
 */
export async function lockStore(host: Host, folders: LockFolders, waitMs = handOverMs): Promise<Disposable> {
  const folder = join(folders.home, 'lock');
  const mine: Announcement = { name: `store-${randomBytes(8).toString('hex')}`, pid: process.pid, runtime: folders.runtime };
  let held: Disposable | undefined;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    held = await listen(host, socketAddress(host, folder, mine.name));
    const generation = await contend(host, folder, mine, AbortSignal.timeout(waitMs));
    await clearBelow(host, folder, generation);
    return held;
  } catch (error) {
    await held?.dispose();
    if (error instanceof LassoError) throw error;
    throw new LassoError(
      'RECORD_FAILED',
      `It cannot be told whether another helper writes the records of this home (${errnoOf(error) ?? String(error)}): ${folder}`,
      'LASSO_HOME must be on a local file system with hard links and sockets that you can write.',
      { cause: error },
    );
  }
}

/** The generation announced. */
async function contend(host: Host, folder: string, mine: Announcement, late: AbortSignal): Promise<number> {
  for (;;) {
    const [highest = 0] = await generationsIn(folder);
    const holder = await read(folder, highest);
    const door = holder === undefined ? undefined : await knock(host, socketAddress(host, folder, holder.name));
    if (holder !== undefined && door !== undefined) {
      if (holder.runtime !== mine.runtime || (await closed(door, late)) === 'late') {
        door.destroy();
        throw taken(holder);
      }
      continue;
    }
    if (!(await createFileAtomic(join(folder, String(highest + 1)), JSON.stringify(mine)))) continue;
    // A slow starter may announce a number a later winner has cleared away: only the highest counts.
    const [now = 0] = await generationsIn(folder);
    if (now === highest + 1) return now;
    await rm(join(folder, String(highest + 1)), { force: true });
  }
}

function taken({ pid, runtime }: Announcement): LassoError {
  return new LassoError(
    'RECORD_FAILED',
    `Another helper (process ${pid}) writes the records of this home`,
    `It serves from ${runtime}: set LASSO_RUNTIME_DIR to that, or stop it, or use another LASSO_HOME.`,
  );
}

/** Generations announced, highest first. */
async function generationsIn(folder: string): Promise<readonly number[]> {
  const names = await readdir(folder);
  return names
    .filter((name) => /^[1-9]\d{0,11}$/.test(name))
    .map(Number)
    .sort((a, b) => b - a);
}

async function read(folder: string, generation: number): Promise<Announcement | undefined> {
  try {
    return announcement.parse(JSON.parse(await readFile(join(folder, String(generation)), 'utf8')));
  } catch {
    return undefined;
  }
}

/** Removes what dead generations left. Numbers only grow: the announcement of the last one stays. */
async function clearBelow(host: Host, folder: string, generation: number): Promise<void> {
  for (const lower of await generationsIn(folder)) {
    if (lower >= generation) continue;
    const left = await read(folder, lower);
    if (left !== undefined && host.platform !== 'win32') await rm(socketAddress(host, folder, left.name), { force: true });
    await rm(join(folder, String(lower)), { force: true });
  }
}

/** Listens, and keeps whoever knocks until it is over. */
function listen(host: Host, address: string): Promise<Disposable> {
  const waiting = new Set<Socket>();
  const server = createServer((socket) => {
    waiting.add(socket);
    socket.unref().on('error', () => socket.destroy());
    socket.once('close', () => waiting.delete(socket)).resume();
  }).unref();
  const dispose = async (): Promise<void> => {
    if (host.platform !== 'win32') await rm(address, { force: true });
    server.close();
    for (const socket of waiting) socket.destroy();
  };
  return withShortPath(host, address, (path) => {
    return new Promise((resolve, reject) => {
      server.once('error', reject).listen(path, () => resolve({ dispose }));
    });
  });
}

/** A connection to whoever listens there; undefined where nobody does, and nobody ever will: no address is used twice. */
function knock(host: Host, address: string): Promise<Socket | undefined> {
  return withShortPath(host, address, async (path) => {
    for (;;) {
      const answer = await new Promise<Socket | string>((resolve) => {
        const socket = connect(path, () => resolve(socket));
        socket.once('error', (error) => resolve(errnoOf(error) ?? 'unknown error'));
      });
      if (typeof answer !== 'string') return answer;
      if (['ECONNREFUSED', 'ENOENT', 'ENOTSOCK'].includes(answer)) return undefined;
      // A full backlog is a sign of life; anything else is not known, and is no leave to write.
      if (answer !== 'EAGAIN') throw Object.assign(new Error(`connecting to ${address}: ${answer}`), { code: answer });
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  });
}

function closed(door: Socket, late: AbortSignal): Promise<'closed' | 'late'> {
  return new Promise((resolve) => {
    door.resume();
    door.once('error', () => door.destroy());
    door.once('close', () => resolve('closed'));
    if (late.aborted) resolve('late');
    late.addEventListener('abort', () => resolve('late'), { once: true });
  });
}

/** The same place by a short path where the system's limit for sockets asks for one: through a link that is there meanwhile. */
async function withShortPath<T>(host: Host, address: string, act: (path: string) => Promise<T>): Promise<T> {
  const limit = socketPathLimitBytes(host.platform);
  if (limit === undefined || Buffer.byteLength(address) <= limit) return act(address);
  const alias = await mkdtemp(join(host.temporary, 'lasso-'));
  try {
    await symlink(dirname(address), join(alias, 'l'));
    return await act(join(alias, 'l', basename(address)));
  } finally {
    await unlink(join(alias, 'l')).catch(() => undefined);
    await rmdir(alias);
  }
}
