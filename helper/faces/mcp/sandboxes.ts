/**
 * The sandboxes a server may see and touch: those it made itself, all of one folder, under one profile, without mounts or variables.
 * Any other is unknown to its callers, whatever they call it, so that a caller can never get more than this server was started with.
 */
import { LassoError } from '../../protocol/errors.ts';
import type { Progress } from '../../protocol/events.ts';
import type { OperationInput } from '../../protocol/operations.ts';
import type { SandboxInfo } from '../../protocol/sandbox.ts';
import type { HelperLink } from './link.ts';

/** what every sandbox of a server is made with; `dir` with every link resolved */
export type Bounds = { readonly dir: string } & Pick<OperationInput<'create'>, 'profile' | 'backend'>;

/** sandboxes of one server that are there at once */
const sandboxLimit = 8;

export class OwnSandboxes {
  readonly #link: HelperLink;
  readonly #bounds: Bounds;
  readonly #made = new Set<string>();
  #making = 0;
  /** the one that is meant where none is said */
  #usual: Promise<string> | undefined;
  readonly #listeners = new Set<(progress: Progress) => void>();

  constructor(link: HelperLink, bounds: Bounds) {
    this.#link = link;
    this.#bounds = bounds;
  }

  /** Makes another. @throws LassoError BAD_REQUEST when there are too many, and as `create` */
  async create(onProgress: (progress: Progress) => void): Promise<SandboxInfo> {
    this.#making += 1;
    try {
      const live = (await this.list()).filter(({ state }) => state !== 'stopped' && state !== 'failed').length;
      if (live + this.#making <= sandboxLimit) return await this.#create(onProgress);
    } finally {
      this.#making -= 1;
    }
    const message = `There are as many sandboxes as one client may have, ${sandboxLimit}`;
    throw new LassoError('BAD_REQUEST', message, 'Use one of them, or stop one with sandbox_stop.');
  }

  async #create(onProgress: (progress: Progress) => void): Promise<SandboxInfo> {
    const { profile, backend, dir } = this.#bounds;
    const made = await this.#link.call('create', { dir, profile, backend }, { onProgress });
    this.#made.add(made.id);
    this.#link.hold(made.id);
    if (made.workspace === dir) return made;
    await this.#link.call('stop', { sandbox: made.id, graceSeconds: 0 });
    throw new LassoError('WORKSPACE_REFUSED', `${dir} has become a link to another folder`, 'Start the server again for the right folder.');
  }

  /** Those that are still there. */
  async list(): Promise<readonly SandboxInfo[]> {
    if (this.#made.size === 0) return [];
    const { sandboxes } = await this.#link.call('status', {});
    return sandboxes.filter(({ id }) => this.#made.has(id));
  }

  /** Id of the sandbox a caller means. Hostile text. @throws LassoError SANDBOX_UNKNOWN for any other than its own */
  async find(reference: string): Promise<string> {
    const own = await this.list();
    const begun = /^[0-9a-f]{3,12}$/.test(reference) ? own.filter(({ id }) => id.startsWith(reference)) : [];
    const found = own.find(({ name, id }) => name === reference || id === reference) ?? (begun.length === 1 ? begun[0] : undefined);
    if (found) return found.id;
    const known = own.map(({ name }) => name).join(', ');
    const hint = known === '' ? 'Leave it out: then one is made.' : `There are: ${known}.`;
    throw new LassoError('SANDBOX_UNKNOWN', `There is no sandbox ${JSON.stringify(reference.slice(0, 100))}`, hint);
  }

  /** Id of the one kept for the folder; made when there is none that runs. Many that ask at once get the same. */
  async usual(onProgress: (progress: Progress) => void): Promise<string> {
    this.#listeners.add(onProgress);
    try {
      const before = this.#usual;
      const id = await before?.catch(() => undefined);
      if (id !== undefined && (await this.#runs(id))) return id;
      // Who came first has replaced it already.
      if (this.#usual === before || this.#usual === undefined) this.#usual = this.#make();
      return await this.#usual;
    } finally {
      this.#listeners.delete(onProgress);
    }
  }

  async #make(): Promise<string> {
    const { id } = await this.create((progress) => {
      for (const listener of this.#listeners) listener(progress);
    });
    return id;
  }

  async #runs(id: string): Promise<boolean> {
    return (await this.list()).some((one) => one.id === id && (one.state === 'running' || one.state === 'suspended'));
  }
}
