/** The helper's front door with a core of nothing behind it: what clients may rely on, and what hostile ones cannot do. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, test } from 'node:test';
import { systemRandom } from '../../../../helper/base/random.ts';
import { silentLog, type Log } from '../../../../helper/base/log.ts';
import type { OperationHandlers } from '../../../../helper/core/operations/contract.ts';
import { connectHelper, type HelperConnection } from '../../../../helper/faces/client/connection.ts';
import { claimHelper, type HelperClaim } from '../../../../helper/faces/rpc/claim.ts';
import { serveRpc, type RegisterLanguage, type RpcServer } from '../../../../helper/faces/rpc/server.ts';
import { LassoError } from '../../../../helper/protocol/errors.ts';
import type { Progress } from '../../../../helper/protocol/events.ts';
import { fakeCore, type FakeCore } from '../../../kit/fake-core.ts';
import { testPlace } from '../../../kit/folders.ts';

interface Served {
  readonly core: FakeCore;
  readonly server: RpcServer;
  readonly claim: HelperClaim;
  readonly left: string[];
  readonly logged: string[];
  readonly client: (face?: 'cli' | 'editor') => Promise<HelperConnection>;
  readonly raw: () => Promise<Socket>;
}

const undo: (() => void)[] = [];
afterEach(() => {
  for (const step of undo.splice(0).reverse()) step();
});

async function served(
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
  const client = async (face: 'cli' | 'editor' = 'cli'): Promise<HelperConnection> => {
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

function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

const token = (): string => randomBytes(32).toString('hex');
const frame = (message: unknown): string => {
  const body = typeof message === 'string' ? message : JSON.stringify(message);
  return `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
};
const dropped = async (socket: Socket): Promise<void> => {
  socket.resume();
  if (!socket.destroyed) await new Promise((resolve) => socket.once('close', resolve));
};

async function stillServes({ client }: Served): Promise<void> {
  assert.equal((await (await client()).call('hello', { version: '2.0.0', build: 'build' })).pid, process.pid);
}

test('a request reaches its handler with defaults filled in, and its result comes back', async () => {
  const seen: unknown[] = [];
  const { client } = await served({
    stop: (params, { actor }) => {
      seen.push(params, actor.face, actor.kind);
      return Promise.resolve({ stopped: ['a'] });
    },
  });
  assert.deepEqual(await (await client('editor')).call('stop', { sandbox: 'all' }), { stopped: ['a'] });
  assert.deepEqual(seen, [{ sandbox: 'all', graceSeconds: 3 }, 'editor', 'user']);
});

test('parameters that do not fit are refused by name, before the handler', async () => {
  const { client } = await served({ exec: () => assert.fail('the handler ran') });
  const connection = await client();
  await assert.rejects(connection.call('exec', { sandbox: 'a', command: [] }), {
    code: 'BAD_REQUEST',
    message: 'exec: command: say which command',
  });
  await assert.rejects(connection.call('exec', { sandbox: 'a', command: ['x'], stdio: 'short' }), {
    code: 'BAD_REQUEST',
    message: /^exec: stdio: /,
  });
});

test('an error a person can act on arrives whole', async () => {
  const { client } = await served({
    up: () => Promise.reject(new LassoError('NO_ENGINE', 'No engine.', 'Install one.', { details: ['docker: absent'] })),
  });
  await assert.rejects((await client()).call('up', {}), {
    code: 'NO_ENGINE',
    message: 'No engine.',
    hint: 'Install one.',
    details: ['docker: absent'],
  });
});

test('an error nobody expected is told without its stack, and logged with it', async () => {
  const { client, logged } = await served({ doctor: () => Promise.reject(new Error('secret path /x')) });
  await assert.rejects((await client()).call('doctor', {}), (error: unknown) => {
    assert.ok(error instanceof LassoError);
    assert.equal(error.code, 'INTERNAL');
    assert.doesNotMatch(error.message + error.hint + error.details.join(''), /secret|at .*\.ts/);
    return true;
  });
  assert.match(logged.join('\n'), /secret path/);
});

for (const how of ['cancelling', 'disconnecting'] as const) {
  test(`${how} aborts the handler`, async () => {
    const started = deferred<null>();
    const reason = deferred<unknown>();
    const { client } = await served({
      prebuild: (_, { signal }) => {
        started.resolve(null);
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reason.resolve(signal.reason);
            reject(new Error('stopped in the middle'));
          });
        });
      },
    });
    const connection = await client();
    const cancel = new AbortController();
    const call = assert.rejects(connection.call('prebuild', {}, { signal: cancel.signal }), {
      code: how === 'cancelling' ? 'CANCELLED' : 'HELPER_UNREACHABLE',
    });
    await started.promise;
    if (how === 'cancelling') cancel.abort();
    else connection.dispose();
    await call;
    const given = await reason.promise;
    assert.ok(given instanceof LassoError && given.code === 'CANCELLED');
  });
}

test('progress goes to the call that asked for it, and to no other', async () => {
  const { client } = await served({
    prebuild: (_, { emit }) => {
      emit({ message: 'building', fraction: 0.5 });
      return Promise.resolve({ backend: 'docker', image: null, built: true });
    },
  });
  const connection = await client();
  const heard: Progress[] = [];
  await connection.call('prebuild', {});
  await connection.call('prebuild', {}, { onProgress: (progress) => void heard.push(progress) });
  assert.deepEqual(
    heard.map(({ message, fraction }) => [message, fraction]),
    [['building', 0.5]],
  );
});

test('events reach every client until it leaves', async () => {
  const { client, core } = await served();
  const [one, two] = [await client(), await client()];
  const heard: string[] = [];
  const arrived = deferred<null>();
  void one.onEvent((event) => void heard.push(`one ${event.type}`)).dispose();
  two.onEvent((event) => {
    heard.push(event.type);
    if (heard.length === 2) arrived.resolve(null);
  });
  core.tell({ type: 'removed', id: 'a' });
  core.tell({ type: 'removed', id: 'b' });
  await arrived.promise;
  assert.deepEqual(heard, ['removed', 'removed']);
});

for (const order of ['before', 'after'] as const) {
  test(`a stream that arrives ${order} its request carries bytes both ways, each half closed by itself`, async () => {
    const mine = token();
    const { client } = await served({
      terminalOpen: async (params, { streams }) => {
        const stream = await streams.take(params.stream);
        let text = '';
        for await (const chunk of stream) text += String(chunk);
        stream.end(text.toUpperCase());
        return { sandbox: 'a', terminal: { id: 't1', title: 'x', rows: 1, columns: 1, attached: 1 } };
      },
    });
    const connection = await client();
    const open = (): Promise<unknown> => connection.call('terminalOpen', { sandbox: 'a', stream: mine });
    const early = order === 'after' ? open() : undefined;
    if (early) await connection.call('hello', { version: '2.0.0', build: 'build' });
    const stream = await connection.openStream(mine);
    stream.end('typed right behind the first line');
    let back = '';
    stream.setEncoding('utf8').on('data', (text: string) => (back += text));
    const ended = once(stream, 'end');
    await (early ?? open());
    await ended;
    assert.equal(back, 'TYPED RIGHT BEHIND THE FIRST LINE');
  });
}

const firstLines: readonly { readonly name: string; readonly line: (claim: HelperClaim) => string | Buffer }[] = [
  { name: 'a wrong token', line: () => `LASSO/1 ${'0'.repeat(64)} rpc\n` },
  { name: 'a first line that never ends', line: () => 'x'.repeat(600) },
  { name: '10 MB without a line', line: () => Buffer.alloc(10_000_000, 120) },
  { name: 'another protocol', line: () => 'GET / HTTP/1.1\r\n\r\n' },
  { name: 'another version', line: ({ announcement }) => `LASSO/2 ${announcement.token} rpc\n` },
  { name: 'random bytes', line: () => randomBytes(4096) },
  { name: 'a stream without a token', line: ({ announcement }) => `LASSO/1 ${announcement.token} stream \n` },
];
for (const { name, line } of firstLines) {
  test(`${name} is dropped, and the helper serves on`, async () => {
    const place = await served();
    const socket = await place.raw();
    socket.write(line(place.claim));
    await dropped(socket);
    await stillServes(place);
  });
}

const messages: readonly { readonly name: string; readonly bytes: string | Buffer }[] = [
  { name: '10 MB without a header', bytes: Buffer.alloc(10_000_000, 120) },
  { name: 'a message past the limit', bytes: `Content-Length: ${8 * 1024 * 1024 + 1}\r\n\r\n` },
  { name: 'a negative length', bytes: 'Content-Length: -1\r\n\r\n' },
  { name: 'two lengths', bytes: 'Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}' },
  { name: 'no length', bytes: 'Content-Type: x\r\n\r\n{}' },
  { name: 'a body that is no JSON', bytes: frame('{"jsonrpc":') },
  { name: 'a body that is no message', bytes: frame([1, 2, 3]) },
  { name: 'a cancellation of nothing', bytes: frame({ jsonrpc: '2.0', method: '$/cancelRequest' }) },
  { name: 'a request with an object as its id', bytes: frame({ jsonrpc: '2.0', id: {}, method: 'lasso/status' }) },
  { name: 'deeply nested JSON of the wrong shape', bytes: frame(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) },
];
for (const { name, bytes } of messages) {
  test(`${name} costs one client its connection, and the helper serves on`, async () => {
    const place = await served();
    const socket = await place.raw();
    socket.write(`LASSO/1 ${place.claim.announcement.token} rpc\n`);
    socket.write(bytes);
    await dropped(socket);
    await stillServes(place);
  });
}

test('a message in single bytes is a message', async () => {
  const place = await served({ status: () => Promise.resolve({ sandboxes: [] }) });
  const socket = await place.raw();
  const text = `LASSO/1 ${place.claim.announcement.token} rpc\n${frame({ jsonrpc: '2.0', id: 1, method: 'lasso/status', params: {} })}`;
  for (const byte of Buffer.from(text)) {
    socket.write(Buffer.of(byte));
    await new Promise(setImmediate);
  }
  assert.match(String((await once(socket, 'data'))[0]), /"result":\{"sandboxes":\[\]\}/);
});

test('half a message holds up nobody else', async () => {
  const place = await served();
  const socket = await place.raw();
  socket.write(`LASSO/1 ${place.claim.announcement.token} rpc\nContent-Length: 1000\r\n\r\n{"jsonrpc"`);
  await stillServes(place);
});

test('an unknown method is answered as such', async () => {
  const place = await served();
  const socket = await place.raw();
  socket.write(`LASSO/1 ${place.claim.announcement.token} rpc\n${frame({ jsonrpc: '2.0', id: 7, method: 'lasso/format', params: {} })}`);
  assert.match(String((await once(socket, 'data'))[0]), /"id":7,"error":\{"code":-32601/);
});

test('a flood of requests from one client is bounded, and another is served meanwhile', async () => {
  const place = await served({ status: () => new Promise(() => undefined) });
  const socket = await place.raw();
  const one = frame({ jsonrpc: '2.0', id: 'x', method: 'lasso/status', params: {} });
  const many = Array.from({ length: 20_000 }, (_, id) => frame({ jsonrpc: '2.0', id, method: 'lasso/status', params: {} })).join('');
  socket.write(`LASSO/1 ${place.claim.announcement.token} rpc\n${many}${one}`);
  await stillServes(place);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  assert.match(answer.toString(), /Too many requests at once/);
});

test('a client that reads nothing is dropped, not remembered', async () => {
  const place = await served();
  const socket = await place.raw();
  socket.pause();
  socket.write(`LASSO/1 ${place.claim.announcement.token} rpc\n`);
  await stillServes(place);
  const reason = 'x'.repeat(1_000_000);
  for (let n = 0; n < 40 && !place.logged.join().includes('does not read'); n += 1) {
    place.core.tell({ type: 'terminal-exit', sandbox: 'a', terminal: 't1', exit: { code: 0, signal: null, reason } });
    await new Promise(setImmediate);
  }
  assert.match(place.logged.join(), /does not read what it is sent/);
  await stillServes(place);
});

test('the language service shares the connection, and its exit does not end the helper', async () => {
  const notified: string[] = [];
  const language: RegisterLanguage = (connection) => {
    connection.onRequest('initialize', () => ({ capabilities: {} }));
    connection.onNotification('exit', () => void notified.push('exit'));
    return { dispose: () => void notified.push('disposed') };
  };
  const place = await served({}, { language });
  const socket = await place.raw();
  const first = frame({ jsonrpc: '2.0', id: 1, method: 'initialize', params: { processId: null } });
  socket.write(`LASSO/1 ${place.claim.announcement.token} rpc editor\n${first}${frame({ jsonrpc: '2.0', method: 'exit' })}`);
  assert.match(String((await once(socket, 'data'))[0]), /"capabilities"/);
  await stillServes(place);
  assert.ok(notified.includes('exit'));
});

test('quit is refused while sandboxes run, and leads out otherwise', async () => {
  const place = await served();
  const connection = await place.client();
  place.core.sandboxes = 1;
  await assert.rejects(connection.call('quit', {}), { code: 'HELPER_OUTDATED' });
  place.core.sandboxes = 0;
  await connection.call('quit', {});
  await new Promise(setImmediate);
  assert.deepEqual(place.left, ['quit']);
});

test('the server is idle only without clients and without sandboxes', async () => {
  const place = await served({}, { idleMs: 5 });
  place.core.sandboxes = 1;
  const pass = async (): Promise<void> => {
    for (let n = 0; n < 10; n += 1) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const connection = await place.client();
  place.core.sandboxes = 0;
  await pass();
  assert.deepEqual(place.left, [], 'a client is there');
  place.core.sandboxes = 1;
  connection.dispose();
  await pass();
  assert.deepEqual(place.left, [], 'a sandbox is there');
  place.core.sandboxes = 0;
  await pass();
  assert.deepEqual(place.left, ['idle']);
});

test('a second helper finds the first and steps back without touching it', async () => {
  const { host, folders, remove } = testPlace();
  undo.push(remove);
  const options = { host, folders, version: '2.0.0', build: 'build', random: systemRandom };
  const first = await claimHelper(options);
  assert.ok(first);
  undo.push(() => first.close());
  first.serve((socket) => socket.destroy());
  assert.equal(await claimHelper(options), null);
});
