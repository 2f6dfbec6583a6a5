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
/** longest wait for a helper that went silent to be seen ending, in milliseconds */
const endingMs = 1000;

/** Looks for the helper as often as its owner needs to, and remembers what became of those it started. */
export class HelperSearch {
  readonly #options: FindOptions;
  readonly #deadlineMs: number;
  #started: Promise<void> | undefined;
  #failure: string | undefined;

  /** `deadlineMs`: on the clock of `performance.now()` */
  constructor(options: FindOptions, deadlineMs: number) {
    this.#options = options;
    this.#deadlineMs = deadlineMs;
  }

  /** @throws LassoError HELPER_UNREACHABLE, HELPER_DIRECTORY_UNSAFE, or the signal's reason */
  async find(): Promise<FoundHelper> {
    const { runtime } = this.#options.folders;
    await prepareRuntimeFolder(this.#options.host, runtime);
    let dead = 0;
    for (let round = 0; ; round += 1) {
      this.#options.signal?.throwIfAborted();
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
      if (highest <= dead) await this.#startAfter(highest);
      if (this.#failure !== undefined) {
        // The next try need not wait for this one's marker to expire.
        await clearMarkers(runtime, highest + 1);
        throw await unreachable(this.#options, `The helper could not be started: ${this.#failure}.`);
      }
      if (performance.now() > this.#deadlineMs) throw await unreachable(this.#options, 'The helper did not answer in time.');
      await delay(Math.min(pollMs + round, 100));
    }
  }

  async #startAfter(generation: number): Promise<void> {
    const { spawn, folders } = this.#options;
    if (spawn === null) throw await unreachable(this.#options, 'No helper runs.');
    if (!(await mayStart(folders.runtime, generation))) return;
    // One that answered and went: whether it failed is known a moment later, and then another would fail alike.
    if (this.#started) await Promise.race([this.#started, delay(endingMs)]);
    if (this.#failure !== undefined) return;
    if (typeof spawn === 'function') spawn();
    else {
      const { ended } = await startDetached(spawn, folders.log);
      this.#started = ended.then((failure) => {
        this.#failure ??= failure ?? undefined;
      });
    }
  }
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
