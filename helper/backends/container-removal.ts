/** Removing a container so that it is gone, also when the engine is busy with it or its shim was killed. */
import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import { isUnreachable, statusOf } from './engine-failure.ts';

const tries = 25;
const pauseMs = 200;

/** Resolves when the engine does not know it any more; gives up on a silent engine after `patienceMs`. */
export async function removeContainer(
  container: () => Promise<Docker.Container>,
  query: Readonly<Record<string, unknown>>,
  patienceMs: number,
): Promise<void> {
  const startMs = performance.now();
  for (let left = tries; ; left -= 1) {
    try {
      const target = await container();
      await target.remove({ ...query, force: true, v: true });
      return;
    } catch (error) {
      if (statusOf(error) === 404) return;
      const hopeless = isUnreachable(error) ? performance.now() - startMs > patienceMs : left <= 1;
      if (hopeless) throw error;
    }
    await delay(pauseMs);
  }
}
