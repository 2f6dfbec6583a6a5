/** The helper's front door with a core of nothing behind it: what clients may rely on. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, test } from 'node:test';
import { systemRandom } from '../../../../helper/base/random.ts';
import { claimHelper } from '../../../../helper/faces/rpc/claim.ts';
import type { RegisterLanguage } from '../../../../helper/faces/rpc/server.ts';
import { LassoError } from '../../../../helper/protocol/errors.ts';
import type { Progress } from '../../../../helper/protocol/events.ts';
import { testPlace } from '../../../kit/folders.ts';
import { frame, served, stillServes } from '../../../kit/served.ts';

const undo: (() => void)[] = [];
afterEach(() => {
  for (const step of undo.splice(0).reverse()) step();
});

function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

const token = (): string => randomBytes(32).toString('hex');
test('a request reaches its handler with defaults filled in, and its result comes back', async () => {
  const seen: unknown[] = [];
  const { client } = await served(undo, {
    stop: (params, { actor }) => {
      seen.push(params, actor.face, actor.kind);
      return Promise.resolve({ stopped: ['a'] });
    },
  });
  assert.deepEqual(await (await client('editor')).call('stop', { sandbox: 'all' }), { stopped: ['a'] });
  assert.deepEqual(seen, [{ sandbox: 'all', graceSeconds: 3 }, 'editor', 'user']);
});

test('a server of tools acts as an agent, and can neither answer what a person is asked nor change what holds', async () => {
  const seen: unknown[] = [];
  const { client } = await served(undo, {
    stop: (_params, { actor }) => {
      seen.push(actor.face, actor.kind);
      return Promise.resolve({ stopped: [] });
    },
  });
  const connection = await client('mcp');
  await connection.call('stop', { sandbox: 'a' });
  assert.deepEqual(seen, ['mcp', 'agent']);
  const id = { id: '1' };
  const sandbox = { sandbox: 'a' };
  const refused = [
    ...[connection.call('approve', id), connection.call('deny', id), connection.call('attend', {}), connection.call('approvals', {})],
    ...[
      connection.call('learningStart', sandbox),
      connection.call('mode', { ...sandbox, mode: 'autonomous' }),
      connection.call('reload', sandbox),
    ],
    ...[connection.call('remove', sandbox), connection.call('up', {}), connection.call('authToken', {}), connection.call('secretList', {})],
  ];
  for (const call of refused) await assert.rejects(call, { code: 'UNSUPPORTED' });
});

test('parameters that do not fit are refused by name, before the handler', async () => {
  const { client } = await served(undo, { exec: () => assert.fail('the handler ran') });
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
  const { client } = await served(undo, {
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
  const { client, logged } = await served(undo, { doctor: () => Promise.reject(new Error('secret path /x')) });
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
    const { client } = await served(undo, {
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
  const { client } = await served(undo, {
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
  const { client, core } = await served(undo);
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
    const { client } = await served(undo, {
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

test('the language service shares the connection, and its exit does not end the helper', async () => {
  const notified: string[] = [];
  const language: RegisterLanguage = (connection) => {
    connection.onRequest('initialize', () => ({ capabilities: {} }));
    connection.onNotification('exit', () => void notified.push('exit'));
    return { dispose: () => void notified.push('disposed') };
  };
  const place = await served(undo, {}, { language });
  const socket = await place.raw();
  const first = frame({ jsonrpc: '2.0', id: 1, method: 'initialize', params: { processId: null } });
  socket.write(`LASSO/1 ${place.claim.announcement.token} rpc editor\n${first}${frame({ jsonrpc: '2.0', method: 'exit' })}`);
  assert.match(String((await once(socket, 'data'))[0]), /"capabilities"/);
  await stillServes(place);
  assert.ok(notified.includes('exit'));
});

test('quit is refused while sandboxes run, and leads out otherwise', async () => {
  const place = await served(undo);
  const connection = await place.client();
  place.core.sandboxes = 1;
  await assert.rejects(connection.call('quit', {}), { code: 'HELPER_OUTDATED' });
  place.core.sandboxes = 0;
  await connection.call('quit', {});
  await new Promise(setImmediate);
  assert.deepEqual(place.left, ['quit']);
});

test('the server is idle only without clients and without sandboxes', async () => {
  const place = await served(undo, {}, { idleMs: 5 });
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
