/**
 * The embedded default backend: bubblewrap on Linux, without a daemon and without an image, on the host's own /usr read-only.
 * A sandbox here ends with the helper that started it; one whose helper died is cleared away, never taken over.
 */
import { join } from 'node:path';
import type { Backend, FoundSandbox, Probe, RunningSandbox, SandboxSpec } from './backend.ts';
import { lookForBubblewrap, systemEyes, type BubblewrapFacts } from './bubblewrap-probe.ts';
import { discardLeft, findLeft } from './bubblewrap-remains.ts';
import { openLowPorts } from './bubblewrap-ports.ts';
import { startSandbox, type StartFacts } from './bubblewrap-start.ts';
import type { BackendOptions } from './options.ts';
import { hardLimitsOf } from './hard-limits.ts';
import { lookAtSystem } from './system-root.ts';
import { LassoError } from '../protocol/errors.ts';

export function createBubblewrap(options: BackendOptions): Backend {
  return new Bubblewrap(options);
}

class Bubblewrap implements Backend {
  readonly name = 'bubblewrap';
  readonly #options: BackendOptions;
  readonly #running = new Set<RunningSandbox>();
  #facts: Promise<BubblewrapFacts> | undefined;
  #start: Promise<StartFacts> | undefined;

  constructor(options: BackendOptions) {
    this.#options = options;
  }

  async probe(signal?: AbortSignal): Promise<Probe> {
    const { probe, facts } = await lookForBubblewrap(this.#options.host, systemEyes, signal);
    this.#facts = facts === null ? undefined : Promise.resolve(facts);
    this.#start = undefined;
    return probe;
  }

  async start(spec: SandboxSpec, signal?: AbortSignal): Promise<RunningSandbox> {
    if (spec.isolation !== 'container') {
      throw new LassoError('ISOLATION_ABSENT', `bubblewrap cannot isolate with ${spec.isolation}.`, 'Use Docker or Podman for it.');
    }
    this.#facts ??= this.#look();
    this.#start ??= this.#facts.then(async (facts) => ({
      ...facts,
      system: await lookAtSystem(join(this.#options.folders.cache, 'system')),
      hardLimits: hardLimitsOf(),
      cpu: process.arch === 'arm64' ? 'arm64' : 'x64',
      uid: this.#options.host.uid ?? 0,
      openPorts: async (pid) => {
        const why = await openLowPorts(this.#options.portsProgram, pid);
        if (why !== undefined) this.#options.log.warn(`ports below 1024 stay closed in a sandbox: ${why}`);
      },
    }));
    let facts: StartFacts;
    try {
      facts = await this.#start;
    } catch (error) {
      this.#facts = this.#start = undefined;
      if (error instanceof LassoError) throw error;
      const said = error instanceof Error ? error.message : String(error);
      throw new LassoError(
        'SANDBOX_START_FAILED',
        `The system cannot be shown to sandboxes: ${said}`,
        'See that LASSO’s cache folder can be written.',
        {
          cause: error,
        },
      );
    }
    const sandbox = await startSandbox(spec, facts, signal);
    this.#running.add(sandbox);
    void sandbox.ended.then(() => this.#running.delete(sandbox));
    return sandbox;
  }

  find(owner: string): Promise<readonly FoundSandbox[]> {
    return findLeft(this.#options.folders.runtime, owner);
  }

  adopt(): Promise<null> {
    return Promise.resolve(null);
  }

  async discard(found: FoundSandbox, scratch: string): Promise<void> {
    await discardLeft(found, scratch);
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.#running].map((sandbox) => sandbox.remove()));
  }

  async #look(): Promise<BubblewrapFacts> {
    const { probe, facts } = await lookForBubblewrap(this.#options.host);
    if (facts !== null) return facts;
    const code = probe.failure === 'permission' ? 'ENGINE_PERMISSION' : 'ENGINE_FAILED';
    throw new LassoError(code, probe.reason ?? 'bubblewrap does not work here.', probe.hint ?? 'Run `lasso doctor`.');
  }
}
