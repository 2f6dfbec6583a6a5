/**
 * What became of the files of a sandbox's workspace, for its record. The first look waits until the sandbox is in use, so that nobody
 * waits for it; the last one is bounded, so that a stop is not held up.
 */
import { FileChanges } from '../../audit/entries/file-changes.ts';
import type { Actor } from '../../protocol/record.ts';
import type { Sandbox } from '../sandbox.ts';
import type { World } from '../world.ts';

/** between the start and the first look */
const restMs = 500;
/** the look at the end takes no longer */
const lastLookMs = 3000;

const system: Actor = { kind: 'system', face: 'helper' };

export interface FileWitness {
  /** Compares, and writes down what is different. Never rejects. */
  tell(): Promise<void>;
}

export function witnessFiles(world: Pick<World, 'host' | 'clock'>, sandbox: Sandbox, startedMs: number): FileWitness {
  const { clock } = world;
  const changes = new FileChanges({ platform: world.host.platform, root: sandbox.saved.workspace, startedMs });
  const over = new AbortController();
  const first = clock
    .sleep(restMs, over.signal)
    .then(() => changes.look(over.signal, () => clock.now()))
    .catch(() => undefined);
  return {
    tell: async () => {
      over.abort();
      await first;
      const bound = new AbortController();
      const done = new AbortController();
      void clock.sleep(lastLookMs, done.signal).then(
        () => bound.abort(),
        () => undefined,
      );
      const detail = await changes.compare(bound.signal);
      done.abort();
      await sandbox.note({ type: 'file', action: 'changed', outcome: 'success', actor: system, target: sandbox.saved.workspace, detail });
    },
  };
}
