/** The helper's front door in this process, with a core of nothing behind it, and clients for it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { systemRandom } from '../../helper/base/random.ts';
import { silentLog, type Log } from '../../helper/base/log.ts';
import type { OperationHandlers } from '../../helper/core/operations/contract.ts';
import { connectHelper, type HelperConnection } from '../../helper/faces/client/connection.ts';
import type { ClientFace } from '../../helper/faces/client/preface.ts';
import { claimHelper, type HelperClaim } from '../../helper/faces/rpc/claim.ts';
import { serveRpc, type RegisterLanguage, type RpcServer } from '../../helper/faces/rpc/server.ts';
import { fakeCore, type FakeCore } from './fake-core.ts';
import { testPlace } from './folders.ts';

export interface Served {
  readonly core: FakeCore;
  readonly server: RpcServer;
  readonly claim: HelperClaim;
  readonly left: string[];
  readonly logged: string[];
  readonly client: (face?: ClientFace) => Promise<HelperConnection>;
  readonly raw: () => Promise<Socket>;
}

/** Serves until the steps put into `undo` are taken, last first. */
export async function served(
  undo: (() => void)[],
  handlers: Partial<OperationHandlers> = {},
  options: { language?: RegisterLanguage; idleMs?: number } = {},
): Promise<Served> {
  const { host, folders, remove } = testPlace();
  undo.push(remove);
  const claim = await claimHelper({ host, folders, version: '2.0.0', build: 'build', random: systemRandom });
  assert.ok(claim);
  const core = fakeCore(handlers);
  const left: string[] = [];
  const logged: string[] = [];
  const log: Log = {
    ...silentLog,
    warn: (text) => void logged.push(text),
    error: (text, cause) => void logged.push(`${text} ${String(cause)}`),
  };
  const language = options.language ?? (() => ({ dispose: () => undefined }));
  const server = serveRpc({
    ...{ host, folders, version: '2.0.0', build: 'build', claim, core, language, log },
    idleMs: options.idleMs ?? 60_000,
    onIdle: (reason) => void left.push(reason),
  });
  undo.push(() => server.dispose());
  const client = async (face: ClientFace = 'cli'): Promise<HelperConnection> => {
    const connection = await connectHelper({ host, folders, version: '2.0.0', build: 'build', spawn: null, face });
    undo.push(() => connection.dispose());
    return connection;
  };
  const raw = async (): Promise<Socket> => {
    const socket = connect(server.socketPath);
    socket.on('error', () => undefined);
    undo.push(() => socket.destroy());
    await once(socket, 'connect');
    return socket;
  };
  return { core, server, claim, left, logged, client, raw };
}

export async function stillServes({ client }: Served): Promise<void> {
  assert.equal((await (await client()).call('hello', { version: '2.0.0', build: 'build' })).pid, process.pid);
}

/** A message as it goes over the wire. */
export const frame = (message: unknown): string => {
  const body = typeof message === 'string' ? message : JSON.stringify(message);
  return `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
};
