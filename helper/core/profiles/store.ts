/**
 * The user's own profiles and everything they ever said: each save becomes a numbered version in `.history/NAME` before the
 * profile itself changes, and no version is ever overwritten or thrown away. Never follows a link, never judges what a text says.
 */
import { createHash } from 'node:crypto';
import { lstat, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { errnoOf, writeFileAtomic } from '../../base/atomic-file.ts';
import { LassoError } from '../../protocol/errors.ts';
import { readHistory, type SavedReason, type SavedVersion, versionFile, writeIndex } from './history.ts';
import { readTextFile } from './profiles.ts';

export interface Kept {
  readonly file: string;
  readonly version: number;
}

export class ProfileStore {
  readonly #folder: string;
  readonly #clock: Pick<Clock, 'now'>;
  /** what is under way for a name; whoever comes next waits for it */
  readonly #turns = new Map<string, Promise<unknown>>();

  /** @param folder ~/.lasso/profiles; made 0700 when it is first needed */
  constructor(folder: string, clock: Pick<Clock, 'now'>) {
    this.#folder = folder;
    this.#clock = clock;
  }

  /** Where the profile of that name is, or would be. The name must be a profile's name. */
  fileOf(name: string): string {
    return join(this.#folder, `${name}.toml`);
  }

  /** Text as it is now, or undefined. @throws LassoError BAD_REQUEST for a link or what is no file */
  async read(name: string): Promise<string | undefined> {
    const file = this.fileOf(name);
    return (await isPlainFile(file)) ? await readTextFile(file) : undefined;
  }

  /**
   * Makes `text` the profile. The same text again changes nothing.
   * @param onlyNew refuse where there is one already
   * @throws LassoError PROFILE_EXISTS, BAD_REQUEST
   */
  save(name: string, text: string, reason: SavedReason, { onlyNew = false } = {}): Promise<Kept> {
    return this.#inTurn(name, async () => {
      const file = this.fileOf(name);
      const before = await this.read(name);
      if (onlyNew && before !== undefined) throw exists(name, file);
      const versions = await this.#withPresent(name, before);
      const last = versions.at(-1);
      if (before === text && last) return { file, version: last.version };
      const version = await this.#keep(name, versions, text, reason);
      await writeFileAtomic(file, text);
      return { file, version };
    });
  }

  /** Takes the profile away; its text stays in its history. @throws LassoError UNKNOWN_PROFILE, BAD_REQUEST */
  delete(name: string): Promise<Kept> {
    return this.#inTurn(name, async () => {
      const file = this.fileOf(name);
      const before = await this.read(name);
      if (before === undefined) throw absent(name, file);
      const version = await this.#keep(name, await this.#withPresent(name, before), before, 'deleted');
      await rm(file);
      return { file, version };
    });
  }

  /**
   * Oldest first; a change made by hand since the last save is kept as a version of its own.
   * @throws LassoError UNKNOWN_PROFILE where there is neither a profile nor a history, BAD_REQUEST
   */
  history(name: string): Promise<readonly SavedVersion[]> {
    return this.#inTurn(name, async () => {
      const versions = await this.#withPresent(name, await this.read(name));
      if (versions.length === 0) throw absent(name, this.fileOf(name));
      return versions;
    });
  }

  /** Text of one version. @throws LassoError BAD_REQUEST where there is none of that number */
  async versionText(name: string, version: number): Promise<string> {
    const versions = await this.history(name);
    const found = versions.find((entry) => entry.version === version);
    const text = found && (await isPlainFile(found.file)) ? await readTextFile(found.file) : undefined;
    if (text !== undefined) return text;
    const numbers = versions.map((entry) => entry.version).join(', ');
    throw new LassoError('BAD_REQUEST', `${name} has no version ${version}`, `There are: ${numbers}.`);
  }

  /** The history, with the present text in it. */
  async #withPresent(name: string, present: string | undefined): Promise<readonly SavedVersion[]> {
    const versions = await readHistory(await this.#historyFolder(name));
    if (present === undefined || versions.findLast(({ reason }) => reason !== 'deleted')?.digest === digestOf(present)) return versions;
    await this.#keep(name, versions, present, 'edited');
    return await readHistory(await this.#historyFolder(name));
  }

  async #keep(name: string, versions: readonly SavedVersion[], text: string, reason: SavedReason): Promise<number> {
    const folder = await this.#historyFolder(name);
    const version = (versions.at(-1)?.version ?? 0) + 1;
    const file = versionFile(folder, version);
    await writeFileAtomic(file, text);
    await writeIndex(folder, [...versions, { version, savedAt: this.#clock.now().toISOString(), reason, digest: digestOf(text), file }]);
    return version;
  }

  async #historyFolder(name: string): Promise<string> {
    const all = join(this.#folder, '.history');
    const folder = join(all, name);
    for (const path of [all, folder]) {
      const there = await lstat(path).catch(() => undefined);
      if (there?.isDirectory() !== false) continue;
      throw new LassoError('BAD_REQUEST', `${path} is not a folder of its own`, 'Histories are not kept behind links: move it aside.');
    }
    return folder;
  }

  #inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    // One turn for names that a file system may take for the same.
    const key = name.toLowerCase();
    const turn = (this.#turns.get(key) ?? Promise.resolve()).then(work);
    const settled = turn.then(
      () => undefined,
      () => undefined,
    );
    this.#turns.set(key, settled);
    void settled.then(() => (this.#turns.get(key) === settled ? this.#turns.delete(key) : false));
    return turn;
  }
}

export function exists(name: string, file: string): LassoError {
  return new LassoError(
    'PROFILE_EXISTS',
    `There is a profile ${name} already: ${file}`,
    'Choose another name, or `lasso profile edit` it.',
  );
}

function absent(name: string, file: string): LassoError {
  return new LassoError('UNKNOWN_PROFILE', `You have no profile ${name}: there is no ${file}`, '`lasso profile list` shows what there is.');
}

/** False where there is nothing. @throws LassoError BAD_REQUEST for anything but a file */
async function isPlainFile(file: string): Promise<boolean> {
  try {
    const found = await lstat(file);
    if (found.isFile()) return true;
    const what = found.isSymbolicLink() ? 'a link' : 'no file';
    throw new LassoError('BAD_REQUEST', `${file} is ${what}`, 'Profiles are kept as plain files: put the file itself there.');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');
