/**
 * The profiles as the helper tells them: asked for when somebody looks, and again when a file of theirs changes. Nothing is
 * polled, and nothing is asked in a workspace that is not trusted.
 */
import * as vscode from 'vscode';
import type { OperationResult } from '../../helper/protocol/operations.ts';
import type { Helper } from '../helper.ts';
import { failureOf } from '../failure.ts';
import { Lifetime } from '../lifetime.ts';
import type { Log } from '../log.ts';
import { foldersHere } from '../sandboxes/folders.ts';
import { broughtBy, sorted, type ListedProfile, type WorkspaceState } from './listed.ts';
import { idOf } from './nodes.ts';
import { meaningIn } from './values.ts';
import { usual, wishOf } from './wish.ts';

export type ShownProfile = OperationResult<'profileShow'>;

export class ProfileList implements vscode.Disposable {
  readonly #helper: Helper;
  readonly #log: Log;
  readonly #lifetime = new Lifetime();
  readonly #changes = this.#lifetime.own(new vscode.EventEmitter<undefined>());
  readonly #shown = new Map<string, Promise<ShownProfile>>();
  readonly #states = new Map<string, WorkspaceState>();
  #known: readonly ListedProfile[] = [];
  #schema: Promise<unknown> | undefined;
  #loading: Promise<void> | undefined;
  /** somebody has looked, so changes are of interest */
  #wanted = false;
  readonly onChange = this.#changes.event;

  constructor(helper: Helper, log: Log) {
    this.#helper = helper;
    this.#log = log;
    this.#lifetime.own(
      helper.onState(({ kind }) => {
        this.#schema = undefined;
        if (kind === 'connected' && this.#wanted) void this.load();
        else this.#changes.fire(undefined);
      }),
    );
  }

  get all(): readonly ListedProfile[] {
    return this.#known;
  }

  /** what became of the profile that a folder brings */
  stateOf(folder: string): WorkspaceState | undefined {
    return this.#states.get(folder);
  }

  /** Values and text of one profile, kept until something changes. @throws Failure */
  show(profile: ListedProfile): Promise<ShownProfile> {
    const id = idOf(profile);
    const kept = this.#shown.get(id);
    if (kept) return kept;
    const asked = this.#helper.request('profileShow', { ...wishOf(profile), all: true });
    this.#shown.set(id, asked);
    return asked;
  }

  /** What a key means, as the schema says it. */
  async meaning(path: string): Promise<string | undefined> {
    this.#schema ??= this.#helper.request('profileSchema', {}).then(({ schema }) => schema);
    return meaningIn(await this.#schema.catch(() => undefined), path);
  }

  /** Asks for the whole list; settles when it is there or cannot be had. Failures show in the helper's state and its log. */
  load(): Promise<void> {
    this.#wanted = true;
    this.#loading ??= this.#load().finally(() => (this.#loading = undefined));
    return this.#loading;
  }

  /** Something may have changed: asks again where somebody has looked before. */
  refresh(): void {
    if (this.#wanted && this.#helper.state.kind === 'connected') void this.load();
  }

  dispose(): void {
    this.#lifetime.dispose();
  }

  async #load(): Promise<void> {
    try {
      const folders = foldersHere();
      const [first = { profiles: [] }, ...more] = await Promise.all(
        (folders.length === 0 ? [undefined] : folders).map((folder) =>
          this.#helper.request('profileList', folder === undefined ? {} : { dir: folder }),
        ),
      );
      const of = (list: OperationResult<'profileList'>, folder: string | undefined): readonly ListedProfile[] =>
        list.profiles.map((entry) => (entry.source === 'workspace' && folder !== undefined ? { ...entry, folder } : entry));
      const others = more.flatMap((list, index) => of(list, folders[index + 1]).filter(({ source }) => source === 'workspace'));
      const brought = await this.#look(folders);
      this.#known = sorted([...of(first, folders[0]), ...others, ...brought]);
      this.#shown.clear();
    } catch (error) {
      this.#log.warn(`list of profiles: ${failureOf(error).message}`);
    }
    this.#changes.fire(undefined);
  }

  /** What folders lay over every choice, and what a person said about it. */
  async #look(folders: readonly string[]): Promise<readonly ListedProfile[]> {
    this.#states.clear();
    for (const folder of folders) {
      try {
        this.#states.set(folder, (await this.#helper.request('profileApprove', { dir: folder, ...usual(), look: true })).state);
      } catch (error) {
        this.#log.debug(`profile of ${folder}: ${failureOf(error).message}`);
      }
    }
    return [...this.#states].flatMap(([folder, state]) => broughtBy(folder, state));
  }
}
