/**
 * What somebody has the engine itself start in a container (`docker exec`), heard from the engine's events. Such a start passes the
 * guest by: it is told of, never stopped, and an engine that keeps no events tells of none.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import type { OutsideStart } from './backend.ts';

export interface OutsideWatch {
  readonly container: string;
  /** a connection that works now */
  readonly docker: () => Promise<Docker>;
  /** seconds since 1970; what happened before is not told */
  readonly since: number;
  /** names of what was started before, which is not told again */
  readonly known: readonly string[];
  /** pause before events are asked for again */
  readonly retryMs: number;
  readonly told: (start: OutsideStart) => void;
  /** why events cannot be heard; said once until they are heard again */
  readonly failed: (error: unknown) => void;
}

/** longest line of events that is read; the engine's own words, a command line in them */
const lineLimit = 1_000_000;

/** Tells of starts until `signal` fires; never rejects. What an interrupted connection missed is told when it is back. */
export async function watchOutside(watch: OutsideWatch, signal: AbortSignal): Promise<void> {
  const { container, retryMs } = watch;
  const seen = new Set(watch.known);
  let { since } = watch;
  let failing = false;
  const over = (): boolean => signal.aborted;
  while (!over()) {
    try {
      const docker = await watch.docker();
      const stream = await docker.getEvents({ filters: { container: [container] }, since, abortSignal: signal });
      failing = false;
      for await (const line of linesOf(stream)) {
        const event = readEvent(line);
        if (event === undefined || seen.has(event.key)) continue;
        seen.add(event.key);
        since = Math.max(since, event.second);
        watch.told(await startOf(event, docker, container, seen));
      }
    } catch (error) {
      if (!failing && !over()) watch.failed(error);
      failing = true;
    }
    await delay(retryMs, undefined, { signal }).catch(() => undefined);
  }
}

interface OutsideEvent {
  /** the same when an event is read twice */
  readonly key: string;
  readonly second: number;
  /** Docker's name of the start; Podman has none in its events */
  readonly id: string | undefined;
  /** command line, where the event has it */
  readonly text: string;
}

async function* linesOf(stream: NodeJS.ReadableStream): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + chunk.toString()).split('\n');
    rest = (lines.pop() ?? '').slice(0, lineLimit);
    yield* lines;
  }
}

/** A start among the engine's events: `exec_start: sh -c …` of Docker, `exec` of Podman. */
function readEvent(line: string): OutsideEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const [action, second, nano] = [field(value, 'Action'), field(value, 'time'), field(value, 'timeNano')];
  const started = typeof action === 'string' ? /^exec(?:_start: ([^]*))?$/.exec(action) : null;
  if (started === null || typeof second !== 'number') return undefined;
  const id = field(field(field(value, 'Actor'), 'Attributes'), 'execID');
  return { key: `${String(nano)} ${started[0]}`, second, id: typeof id === 'string' ? id : undefined, text: started[1] ?? '' };
}

/** What was started, as far as the engine still knows it. */
async function startOf(event: OutsideEvent, docker: Docker, container: string, seen: Set<string>): Promise<OutsideStart> {
  const unknown: OutsideStart = { command: event.text, argv: null, user: null, privileged: null };
  try {
    if (event.id !== undefined) return described(await docker.getExec(event.id).inspect()) ?? unknown;
    // Docker says null where there are none.
    for (const id of (await docker.getContainer(container).inspect()).ExecIDs ?? []) {
      if (seen.has(id)) continue;
      const found: unknown = await docker.getExec(id).inspect();
      // One that was made and not started yet has an event of its own to come.
      if (field(found, 'Running') !== true && field(found, 'CanRemove') !== true) continue;
      seen.add(id);
      return described(found) ?? unknown;
    }
  } catch {
    // It was over, and forgotten by the engine, before it could be asked for.
  }
  return unknown;
}

function described(found: unknown): OutsideStart | undefined {
  const config = field(found, 'ProcessConfig');
  const [program, rest] = [field(config, 'entrypoint'), field(config, 'arguments')];
  if (typeof program !== 'string') return undefined;
  const argv = [program, ...(Array.isArray(rest) ? rest.filter((word) => typeof word === 'string') : [])];
  const [user, privileged] = [field(config, 'user'), field(config, 'privileged')];
  return {
    command: argv.join(' '),
    argv,
    user: typeof user === 'string' && user !== '' ? user : null,
    privileged: typeof privileged === 'boolean' ? privileged : null,
  };
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
