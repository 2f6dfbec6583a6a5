/**
 * Knowing when a container ended, whatever happens to the engine meanwhile. It never rejects and never waits for ever: an engine
 * that stays silent is an end too.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import type { SandboxEnd } from './backend.ts';
import { statusOf, wordsOf } from './engine-failure.ts';

export interface EndWatch {
  /** the container on a connection that works now; a lost connection is made anew */
  readonly container: () => Promise<Docker.Container>;
  /** settles when the container may have ended, or the engine; at the latest when `signal` fires */
  readonly wait: (signal: AbortSignal) => Promise<void>;
  /** name shown to people */
  readonly engine: string;
  /** how long a silent engine is waited for */
  readonly patienceMs: number;
  /** how often a container is looked at although nothing was reported */
  readonly lookMs: number;
  /** last words of pid 1 */
  readonly words: () => string;
}

const retryMs = 200;
/** status a shell gives a process killed by SIGKILL */
const killedStatus = 137;

/** Settles when the container is not running any more. */
export async function containerEnd(watch: EndWatch, signal: AbortSignal): Promise<SandboxEnd> {
  let silentSinceMs: number | undefined;
  for (;;) {
    try {
      const container = await watch.container();
      silentSinceMs = undefined;
      await watch.wait(AbortSignal.any([AbortSignal.timeout(watch.lookMs), signal]));
      signal.throwIfAborted();
      const end = readState(await container.inspect(), watch.words());
      if (end !== undefined) return end;
    } catch (error) {
      if (statusOf(error) === 404) return gone('The container was removed.');
      silentSinceMs ??= performance.now();
      if (signal.aborted || performance.now() - silentSinceMs > watch.patienceMs) {
        return gone(`${watch.engine} stopped answering: ${wordsOf(error)}`);
      }
      await delay(retryMs);
    }
  }
}

const gone = (message: string): SandboxEnd => ({ code: null, signal: null, outOfMemory: false, message });

function readState(details: Docker.ContainerInspectInfo, words: string): SandboxEnd | undefined {
  const { Running, Paused, Restarting, OOMKilled, ExitCode } = details.State;
  if (Running || Paused || Restarting) return undefined;
  const killed = OOMKilled || ExitCode === killedStatus;
  const message = words === '' ? details.State.Error : words;
  return {
    code: killed ? null : ExitCode,
    signal: killed ? 9 : null,
    outOfMemory: OOMKilled,
    ...(message === '' ? {} : { message }),
  };
}
