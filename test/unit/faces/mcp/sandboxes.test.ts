/** What a server's callers can see and touch: the sandboxes it made, and no other. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LassoError } from '../../../../helper/protocol/errors.ts';
import { makingHelper, sandboxInfo, testServer } from '../../../kit/mcp-server.ts';

const others = [sandboxInfo('0123456789ab', 'persons'), sandboxInfo('ba9876543210', 'elsewhere', { workspace: '/src/other' })];

test('what others made, in the same folder or elsewhere, is unknown whatever it is called', async () => {
  const { told, calls } = await testServer(makingHelper(others));
  await told('sandbox_exec', { command: ['true'] });
  calls.length = 0;
  for (const sandbox of ['persons', '0123456789ab', '012', 'elsewhere', 'ba9', 'all', '', 'aa', '.*', 'a'.repeat(100_000)]) {
    for (const [tool, args] of [
      ['sandbox_exec', { command: ['true'] }],
      ['sandbox_status', {}],
      ['sandbox_stop', {}],
      ['file_read', { path: 'x' }],
      ['file_write', { path: 'x', text: '' }],
    ] as const) {
      const { text, isError } = await told(tool, { ...args, sandbox });
      assert.ok(isError && text.startsWith('There is no sandbox') && text.length < 1000, `${tool} ${sandbox.slice(0, 20)}: ${text}`);
    }
  }
  assert.deepEqual([...new Set(calls.map(({ name }) => name))], ['status']);
  assert.doesNotMatch((await told('sandbox_list')).text, /persons|elsewhere/);
});

test('its own are found by name, id, and the start of an id', async () => {
  const { told, calls } = await testServer();
  await told('sandbox_create');
  for (const sandbox of ['app-a', 'aaaaaaaaaaaa', 'aaa']) await told('sandbox_stop', { sandbox });
  assert.deepEqual(
    calls.filter(({ name }) => name === 'stop').map(({ params }) => params),
    Array.from({ length: 3 }, () => ({ sandbox: 'aaaaaaaaaaaa', graceSeconds: 3 })),
  );
});

test('every sandbox is made with the folder and the profile the server was started with, and is held', async () => {
  const bounds = { dir: '/src/app', profile: 'strict', backend: 'podman' } as const;
  const { told, calls, held } = await testServer(makingHelper(), bounds);
  await told('sandbox_create');
  await told('sandbox_exec', { line: 'true' });
  assert.deepEqual(
    calls.filter(({ name }) => name === 'create').map(({ params }) => params),
    [bounds, bounds],
  );
  assert.deepEqual(held, ['aaaaaaaaaaaa', 'bbbbbbbbbbbb']);
});

test('calls that come together without a sandbox share the one that is made', async () => {
  const { told, calls } = await testServer();
  await Promise.all(Array.from({ length: 10 }, () => told('sandbox_exec', { command: ['true'] })));
  assert.equal(calls.filter(({ name }) => name === 'create').length, 1);
  assert.deepEqual([...new Set(calls.filter(({ name }) => name === 'exec').map(({ params }) => params['sandbox']))], ['aaaaaaaaaaaa']);
});

test('where the usual one was stopped, the next call makes another', async () => {
  const { told, calls } = await testServer();
  await told('sandbox_exec', { command: ['true'] });
  await told('sandbox_stop', { sandbox: 'app-a' });
  await Promise.all([told('sandbox_exec', { command: ['true'] }), told('sandbox_exec', { command: ['true'] })]);
  assert.equal(calls.filter(({ name }) => name === 'create').length, 2);
  assert.equal(calls.at(-1)?.params['sandbox'], 'bbbbbbbbbbbb');
});

test('a start that failed is tried again by the next call', async () => {
  const helper = makingHelper();
  let failing = true;
  const create: (typeof helper)[string] = (params, options) => {
    if (failing) throw new LassoError('NO_ENGINE', 'No engine works here.', 'Install one.');
    return helper['create']?.(params, options);
  };
  const { told } = await testServer({ ...helper, create });
  assert.deepEqual(await told('sandbox_exec', { command: ['true'] }), { text: 'No engine works here.\nInstall one.', isError: true });
  failing = false;
  assert.equal((await told('sandbox_exec', { command: ['true'] })).isError, false);
});

test('there is an end to how many are made', async () => {
  const { told } = await testServer();
  for (let count = 0; count < 8; count += 1) assert.equal((await told('sandbox_create')).isError, false);
  assert.match((await told('sandbox_create')).text, /as one client may have, 8/);
  await told('sandbox_stop', { sandbox: 'app-a' });
  const more = await Promise.all(Array.from({ length: 5 }, () => told('sandbox_create')));
  assert.equal(more.filter(({ isError }) => !isError).length <= 1, true);
});

test('a folder that has become a link to another is not worked in', async () => {
  const helper = makingHelper();
  const { told, calls } = await testServer({ ...helper, create: (_params, options) => helper['create']?.({ dir: '/etc' }, options) });
  assert.match((await told('sandbox_exec', { command: ['true'] })).text, /has become a link/);
  assert.deepEqual(
    calls.map(({ name }) => name),
    ['create', 'stop'],
  );
});

test('a helper that was lost is looked for again, and what was made is held there too', async () => {
  const { told, held, lose, warnings } = await testServer();
  await told('sandbox_create');
  lose();
  while (held.length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual(held, ['aaaaaaaaaaaa', 'aaaaaaaaaaaa']);
  assert.match(warnings.join('\n'), /went away/);
});
