/** All sandboxes of this user, by id and by name. The only list there is; faces hear of every change in it. */
import type { SandboxRecord } from '../audit/writing/log.ts';
import { fitArguments } from '../audit/entries/fit-arguments.ts';
import { redactEntry } from '../audit/entries/redact-record.ts';
import type { LassoEvent } from '../protocol/events.ts';
import type { SavedSandbox } from './state.ts';
import type { World } from './world.ts';
import { LassoError } from '../protocol/errors.ts';
import { tellingBlocked } from './records/blocked.ts';
import { Emitter } from './events.ts';
import { Sandbox } from './sandbox.ts';

export class Registry {
  readonly events: Emitter<LassoEvent>;
  readonly #world: World;
  readonly #sandboxes = new Map<string, Sandbox>();
  readonly #reserved = new Set<string>();
  #onIdle: (sandbox: Sandbox) => void = () => undefined;

  constructor(world: World) {
    this.#world = world;
    this.events = new Emitter((error) => world.log.error('a listener failed', error));
  }

  /** Called when a sandbox’s last terminal has ended. */
  set onIdle(listener: (sandbox: Sandbox) => void) {
    this.#onIdle = listener;
  }

  get all(): readonly Sandbox[] {
    return [...this.#sandboxes.values()];
  }

  /** Sandboxes that keep the helper from leaving. */
  get active(): number {
    return this.all.filter(({ saved }) => saved.state !== 'stopped' && saved.state !== 'failed').length;
  }

  /** Names in use, those of sandboxes being made included. */
  get names(): ReadonlySet<string> {
    return new Set([...this.all.map(({ saved }) => saved.name), ...this.#reserved]);
  }

  /** Keeps a name while its sandbox is being made; the result gives it back. */
  reserve(name: string): () => void {
    this.#reserved.add(name);
    return () => this.#reserved.delete(name);
  }

  add(saved: SavedSandbox, record: SandboxRecord): Sandbox {
    const { log, clock, state, secrets } = this.#world;
    const redaction = { key: saved.token, secrets: () => secrets.seen };
    const told = tellingBlocked(record, saved.id, {
      clock,
      emit: (event) => this.events.emit(event),
      prepare: (entry) => fitArguments(redactEntry(entry, redaction)),
    });
    const sandbox = new Sandbox(saved, told, {
      changed: (changed) => {
        if (this.#sandboxes.has(changed.id)) this.events.emit({ type: 'sandbox', sandbox: changed.info });
      },
      terminalEnded: (owner, terminal, exit) => {
        this.events.emit({ type: 'terminal-exit', sandbox: owner.id, terminal: terminal.id, exit });
        if (owner.terminals.size === 0) this.#onIdle(owner);
      },
      save: (facts) => state.save(facts),
      logError: (message, cause) => log.error(message, cause),
      monotonicMs: () => clock.monotonicMs(),
    });
    this.#sandboxes.set(saved.id, sandbox);
    return sandbox;
  }

  async forget(sandbox: Sandbox): Promise<void> {
    this.#sandboxes.delete(sandbox.id);
    await this.#world.state.forget(sandbox.id);
    await sandbox.record.close();
    await this.#world.outbox.end(sandbox.id);
    this.events.emit({ type: 'removed', id: sandbox.id });
  }

  /**
   * The sandbox `reference` means: an id, the start of one, or a name.
   * @throws LassoError SANDBOX_UNKNOWN, SANDBOX_AMBIGUOUS
   */
  resolve(reference: string): Sandbox {
    const named = this.all.find(({ saved }) => saved.name === reference) ?? this.#sandboxes.get(reference);
    if (named) return named;
    const begun = /^[0-9a-f]{3,}$/.test(reference) ? this.all.filter(({ id }) => id.startsWith(reference)) : [];
    const [first] = begun;
    if (first && begun.length === 1) return first;
    const known = this.all.map(({ saved }) => saved.name).sort();
    if (begun.length > 1) {
      throw new LassoError(
        'SANDBOX_AMBIGUOUS',
        `${begun.length} sandboxes have ids that begin with ${reference}`,
        `Give more of the id, or a name: ${begun.map(({ saved }) => saved.name).join(', ')}.`,
      );
    }
    throw new LassoError(
      'SANDBOX_UNKNOWN',
      `There is no sandbox ${JSON.stringify(reference)}`,
      known.length === 0 ? 'Make one with `lasso create`.' : `There are: ${known.join(', ')}.`,
    );
  }

  /** The sandboxes `reference` means, `all` included. */
  resolveMany(reference: string): readonly Sandbox[] {
    return reference === 'all' ? this.all : [this.resolve(reference)];
  }

  ofWorkspace(workspace: string): readonly Sandbox[] {
    return this.all.filter(({ saved }) => saved.workspace === workspace);
  }
}
