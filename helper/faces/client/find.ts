/** Finds this user's helper, or starts one, and opens a first connection to it. It decides nothing about versions. */
import type { Socket } from 'node:net';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Folders, Host } from '../../base/platform.ts';
import { LassoError } from '../../protocol/errors.ts';
import { generationsIn, knock, readAnnouncement, type Announcement } from './announcement.ts';
import { prepareRuntimeFolder } from './runtime-folder.ts';
import { clearMarkers, mayStart, startDetached, type StartOptions } from './start.ts';

export interface FindOptions {
  readonly host: Pick<Host, 'platform' | 'uid'>;
  readonly folders: Pick<Folders, 'runtime' | 'log'>;
  /** how a helper is started when none answers; null: only look */
  readonly spawn: StartOptions | (() => void) | null;
  readonly signal?: AbortSignal;
}

export interface FoundHelper {
  readonly announcement: Announcement;
  readonly socket: Socket;
}

const pollMs = 20;

/** @throws LassoError HELPER_UNREACHABLE, HELPER_DIRECTORY_UNSAFE, or the signal's reason */
export async function findHelper(options: FindOptions, deadlineMs: number): Promise<FoundHelper> {
  const { runtime } = options.folders;
  await prepareRuntimeFolder(options.host, runtime);
  let failed: string | undefined;
  let dead = 0;
  for (let round = 0; ; round += 1) {
    options.signal?.throwIfAborted();
    const [highest = 0] = await generationsIn(runtime);
    if (highest > dead) {
      const announcement = await readAnnouncement(runtime, highest);
      const answer = announcement === undefined ? undefined : await knock(announcement.socket);
      if (announcement !== undefined && answer?.kind === 'open') {
        if (round > 0) await clearMarkers(runtime, highest);
        return { announcement, socket: answer.socket };
      }
      // A dead socket stays dead, so the same announcement need not be tried again.
      if (answer?.kind === 'dead' || announcement === undefined) dead = highest;
    }
    if (highest <= dead) {
      if (options.spawn === null) throw await unreachable(options, 'No helper runs.');
      if (await mayStart(runtime, highest)) await start(options.spawn, options.folders.log, (why) => (failed = why));
    }
    if (failed !== undefined) {
      // The next try need not wait for this one's marker to expire.
      await clearMarkers(runtime, highest + 1);
      throw await unreachable(options, `The helper could not be started: ${failed}.`);
    }
    if (performance.now() > deadlineMs) throw await unreachable(options, 'The helper did not answer in time.');
    await delay(Math.min(pollMs + round, 100));
  }
}

async function start(how: StartOptions | (() => void), logFile: string, onFailure: (why: string) => void): Promise<void> {
  if (typeof how === 'function') how();
  else await startDetached({ ...how, onFailure }, logFile);
}

/** The failure as a person needs it: with the last lines of the helper's log. */
export async function unreachable(options: Pick<FindOptions, 'folders'>, message: string): Promise<LassoError> {
  const log = await readFile(options.folders.log, 'utf8').catch(() => '');
  const details = log
    .split('\n')
    .filter((line) => line !== '')
    .slice(-10);
  return new LassoError('HELPER_UNREACHABLE', message, `Its log says more: ${options.folders.log}`, { details });
}
