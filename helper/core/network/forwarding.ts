/**
 * Ports of sandboxes reached from this machine. Each listens on 127.0.0.1 alone, ends with its sandbox, and nothing passes that
 * is not on record first.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { errnoOf } from '../../base/atomic-file.ts';
import { reset, tunnel } from '../../egress/tunnel.ts';
import { LassoError } from '../../protocol/errors.ts';
import type { Forward } from '../../protocol/forward-operations.ts';
import type { Actor, RecordValue } from '../../protocol/record.ts';
import { systemActor } from '../lifecycle.ts';
import type { Live } from '../live.ts';
import type { Sandbox } from '../sandbox.ts';

const address = '127.0.0.1';
/** of one sandbox */
const forwardLimit = 64;
/** at once, of one port */
const connectionLimit = 512;

export interface PortPair {
  readonly port: number;
  /** 0: any that is free */
  readonly hostPort: number;
}

/** what is needed of a sandbox */
export type Forwarded = Pick<Sandbox, 'id' | 'record' | 'note'> & {
  readonly saved: Pick<Sandbox['saved'], 'name'>;
  requireLive(): { readonly link: Pick<Live['link'], 'forward' | 'ended'> };
};

interface Entry {
  readonly port: number;
  hostPort: number;
  readonly over: AbortController;
  connections: number;
  /** settles when it listens */
  ready: Promise<void>;
  /** settles when it is closed and its end on record */
  closed: Promise<void>;
}

export class Forwards {
  readonly #bySandbox = new Map<string, Map<number, Entry>>();

  of(sandbox: Forwarded): readonly Forward[] {
    return [...(this.#bySandbox.get(sandbox.id)?.values() ?? [])]
      .filter(({ hostPort }) => hostPort > 0)
      .map(({ port, hostPort, connections }) => ({ port, hostPort, connections }))
      .sort((a, b) => a.port - b.port);
  }

  /**
   * Settles when connections are taken; the same pair again changes nothing.
   * @throws LassoError SANDBOX_NOT_RUNNING, BAD_REQUEST, PORT_TAKEN, RECORD_FAILED
   */
  async begin(sandbox: Forwarded, { port, hostPort }: PortPair, actor: Actor): Promise<void> {
    const { link } = sandbox.requireLive();
    const all = this.#bySandbox.get(sandbox.id) ?? new Map<number, Entry>();
    const known = all.get(port);
    if (known) {
      await known.ready;
      if (hostPort === 0 || hostPort === known.hostPort) return;
      throw new LassoError(
        'BAD_REQUEST',
        `Port ${port} of ${sandbox.saved.name} is reached on ${address}:${known.hostPort} already.`,
        `End that first with \`lasso forward ${sandbox.saved.name} --end ${port}\`.`,
      );
    }
    if (all.size >= forwardLimit)
      throw new LassoError('BAD_REQUEST', `${sandbox.saved.name} has ${forwardLimit} ports that are reached already.`, 'End one of them.');
    const entry: Entry = { port, hostPort: 0, over: new AbortController(), connections: 0, ready: settled, closed: settled };
    all.set(port, entry);
    this.#bySandbox.set(sandbox.id, all);
    const forget = (): void => {
      all.delete(port);
      if (all.size === 0 && this.#bySandbox.get(sandbox.id) === all) this.#bySandbox.delete(sandbox.id);
    };
    void link.ended.then(() => entry.over.abort(systemActor));
    entry.ready = open({ sandbox, entry, link, actor }, hostPort, forget);
    await entry.ready;
  }

  /** Ends one, and every connection over it. @throws LassoError BAD_REQUEST */
  async end(sandbox: Forwarded, port: number, actor: Actor): Promise<void> {
    const entry = this.#bySandbox.get(sandbox.id)?.get(port);
    if (!entry) {
      const ports = this.of(sandbox).map((one) => one.port);
      const hint = ports.length === 0 ? 'None of its ports is.' : `Ports that are: ${ports.join(', ')}.`;
      throw new LassoError('BAD_REQUEST', `Port ${port} of ${sandbox.saved.name} is not reached from here.`, hint);
    }
    await entry.ready;
    entry.over.abort(actor);
    await entry.closed;
  }
}

interface Door {
  readonly sandbox: Forwarded;
  readonly entry: Entry;
  readonly link: Pick<Live['link'], 'forward'>;
  readonly actor: Actor;
}

/** On record first, then listening. */
async function open(door: Door, hostPort: number, forget: () => void): Promise<void> {
  const { sandbox, entry, actor } = door;
  const about = { type: 'network', action: 'forward', target: `${address}:${hostPort}` } as const;
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => void take(door, socket));
  try {
    const intent = await sandbox.record.append({ ...about, outcome: 'intent', actor, detail: { port: entry.port } });
    try {
      entry.hostPort = await listen(server, hostPort);
    } catch (error) {
      const failure = taken(sandbox, entry.port, hostPort, error);
      await sandbox.note({ ...about, outcome: 'error', actor, detail: { port: entry.port, reason: failure.message } }, intent);
      throw failure;
    }
    const { port } = entry;
    const finished = { ...about, target: `${address}:${entry.hostPort}`, outcome: 'success', detail: { port } } as const;
    entry.closed = overOf(entry.over.signal).then(async (by) => {
      forget();
      const closed = close(server);
      // At once: a sandbox that is removed closes its record soon.
      await sandbox.note({ ...finished, actor: by }, intent);
      await closed;
    });
  } catch (error) {
    forget();
    throw error;
  }
}

/** One connection from this machine: on record, then into the sandbox. */
async function take({ sandbox, entry, link }: Door, socket: Socket): Promise<void> {
  socket.on('error', () => undefined);
  const { signal } = entry.over;
  const about = { type: 'network', action: 'forwarded', target: `${address}:${entry.hostPort}`, actor: systemActor } as const;
  const detail: Record<string, RecordValue> = { port: entry.port, from: socket.remotePort ?? null };
  if (signal.aborted || entry.connections >= connectionLimit) return reset(socket);
  entry.connections += 1;
  let intent: number | undefined;
  try {
    intent = await sandbox.record.append({ ...about, outcome: 'intent', detail });
    const { bytesUp, bytesDown, end } = await tunnel(await link.forward(entry.port), socket, new Uint8Array(), signal);
    const outcome = end === 'both' ? 'success' : 'error';
    await sandbox.note({ ...about, outcome, detail: { ...detail, fromSandboxBytes: bytesUp, toSandboxBytes: bytesDown, end } }, intent);
  } catch (error) {
    reset(socket);
    const reason = error instanceof Error ? error.message : 'unknown error';
    if (intent !== undefined) await sandbox.note({ ...about, outcome: 'error', detail: { ...detail, reason } }, intent);
  } finally {
    entry.connections -= 1;
  }
}

/** The port it listens on. */
function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: address, port, exclusive: true }, () => {
      const bound = server.address();
      if (bound === null || typeof bound === 'string') reject(new Error('no port was given'));
      else resolve(bound.port);
    });
  });
}

/** Settles with whoever ended it. */
function overOf(signal: AbortSignal): Promise<Actor> {
  const by = (): Actor => (isActor(signal.reason) ? signal.reason : systemActor);
  return new Promise((resolve) => {
    if (signal.aborted) resolve(by());
    else signal.addEventListener('abort', () => resolve(by()), { once: true });
  });
}

const isActor = (value: unknown): value is Actor => typeof value === 'object' && value !== null && 'kind' in value && 'face' in value;

const settled = Promise.resolve();

function taken({ saved }: Forwarded, port: number, hostPort: number, error: unknown): LassoError {
  const errno = errnoOf(error);
  const why = errno === 'EADDRINUSE' ? 'is taken by another program' : errno === 'EACCES' ? 'needs more rights' : 'cannot be had';
  return new LassoError(
    'PORT_TAKEN',
    `Port ${hostPort} of ${address} ${why}.`,
    `Choose another: \`lasso forward ${saved.name} ${port}:HOSTPORT\`, where 0 is any that is free.`,
    { cause: error },
  );
}

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    // Connections that are open are reset by the same signal.
    server.close(() => resolve());
  });
