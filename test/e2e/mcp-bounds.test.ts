/** What bounds a server of tools: its folder, its profile, a person's word, and its client's life. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { gone, lassoProgram, TestLasso } from '../kit/lasso.ts';
import { TestTools } from '../kit/mcp-client.ts';

let lasso: TestLasso;
let tools: TestTools;

const limit = { timeout: 60_000 };
const insideProfile = 'name = "inside"\nextends = "open"\n';

before(async () => {
  lasso = new TestLasso();
  tools = await TestTools.start(lasso, 'project');
});

after(async () => {
  await tools.close();
  await lasso.dispose();
});

test('callers cannot name a folder, a profile, mounts, variables or isolation', limit, async () => {
  const more = [{ dir: '/' }, { profile: 'unsafe' }, { mount: ['/:/host'] }, { env: ['X=1'] }, { isolation: 'container' }, { name: 'x' }];
  for (const args of more) {
    await tools.refusal('sandbox_create', args);
    await tools.refusal('sandbox_exec', { command: ['true'], ...args });
  }
  for (const stream of ['stdio', 'stderr']) await tools.refusal('sandbox_exec', { command: ['true'], [stream]: 'f'.repeat(64) });
});

test('sandboxes that others made are unknown: of another folder, of the same, by name, id, or “all”', limit, async () => {
  const other = await lasso.create({ dir: join(realpathSync(lasso.root)), backend: 'bubblewrap', name: 'others' }).catch(() => undefined);
  const same = await lasso.create({ dir: tools.folder, backend: 'bubblewrap', name: 'persons' });
  for (const reference of [other?.id ?? 'others', 'others', same.id, 'persons', same.id.slice(0, 6), 'all', '', '../x']) {
    assert.match(await tools.refusal('sandbox_exec', { sandbox: reference, command: ['true'] }), /no sandbox/);
    assert.match(await tools.refusal('sandbox_status', { sandbox: reference }), /no sandbox/);
    assert.match(await tools.refusal('sandbox_stop', { sandbox: reference }), /no sandbox/);
    assert.match(await tools.refusal('file_read', { sandbox: reference, path: 'README.md' }), /no sandbox/);
  }
  assert.doesNotMatch((await tools.done('sandbox_list')).text, /persons|others/);
  assert.equal((await (await lasso.connect()).call('status', { sandbox: 'persons' })).sandboxes[0]?.state, 'running');
});

test('what needs a person’s word waits for it, and no model can give it', limit, async () => {
  const text = 'name = "asking"\nextends = "open"\n[commands.ask_args]\ntouch = ["asked"]\n';
  const own = await TestTools.start(lasso, 'asking', ['--profile', lasso.profile('asking', text)]);
  const person = await lasso.connect();
  const attending = new AbortController();
  const attended = person.call('attend', {}, { signal: attending.signal }).catch(() => undefined);
  const answers = ['approve', 'deny'] as const;
  const asked: string[] = [];
  const listener = person.onEvent((event) => {
    if (event.type !== 'approval') return;
    asked.push(event.approval.id);
    void person.call(answers[asked.length - 1] ?? 'deny', { id: event.approval.id });
  });
  try {
    await own.done('sandbox_exec', { command: ['touch', 'asked'] });
    assert.equal(existsSync(join(own.folder, 'asked')), true);
    const { text: told } = await own.call('sandbox_exec', { command: ['touch', 'asked', 'again'] });
    assert.match(told, /needs approval|denied/);
    assert.equal(existsSync(join(own.folder, 'again')), false);
    assert.equal(asked.length, 2);
  } finally {
    await listener.dispose();
    attending.abort();
    await attended;
    await own.close();
  }
});

test('in observe mode files are read and not written', limit, async () => {
  const profile = lasso.profile('watching', 'name = "watching"\nextends = "standard"\nmode = "observe"\n');
  const own = await TestTools.start(lasso, 'watching', ['--profile', profile]);
  try {
    writeFileSync(join(own.folder, 'there'), 'there\n');
    assert.equal((await own.done('file_read', { path: 'there' })).text, 'there\n');
    assert.match(await own.refusal('file_write', { path: 'there', text: 'x' }), /observe mode/);
    assert.equal(readFileSync(join(own.folder, 'there'), 'utf8'), 'there\n');
  } finally {
    await own.close();
  }
});

test('a profile that does not let `cat` run does not keep a file from being read as one', limit, async () => {
  const profile = lasso.profile('few', 'name = "few"\nextends = "open"\n[commands]\nmode = "whitelist"\nwhitelist = ["ls"]\n');
  const own = await TestTools.start(lasso, 'few', ['--profile', profile]);
  try {
    await own.done('file_write', { path: 'there', text: 'there\n' });
    assert.equal((await own.done('file_read', { path: 'there' })).text, 'there\n');
    await own.done('sandbox_exec', { command: ['ls'] });
    for (const command of [
      ['cat', 'there'],
      ['/.lasso/guest', 'read', '/workspace/there', '0', '9'],
      ['/.lasso/guest', 'write', 'x', '0'],
    ])
      assert.match(await own.refusal('sandbox_exec', { command }), /blocked/, command.join(' '));
  } finally {
    await own.close();
  }
});

test('from inside a sandbox no helper is to be reached, and the command line says where it is', limit, async () => {
  const node = dirname(dirname(realpathSync(process.execPath)));
  const mount = [`${dirname(realpathSync(lassoProgram))}:/mnt/lasso:ro`, `${node}:/mnt/node:ro`];
  const { id } = await lasso.create({ dir: tools.folder, backend: 'bubblewrap', profile: lasso.profile('inside', insideProfile), mount });
  const ask = (environment: readonly string[], words: readonly string[]): ReturnType<TestLasso['exec']> =>
    lasso.exec(id, ['env', ...environment, '/mnt/node/bin/node', '/mnt/lasso/lasso.js', ...words]);
  for (const words of [['mcp'], ['ps'], ['helper', 'ensure', '--json']]) {
    const { exit, stdout, stderr } = await ask([], words);
    assert.match(stderr, /This is a LASSO sandbox/);
    assert.deepEqual([exit.code, stdout.includes('token')], [69, false]);
  }
  const { runtime, state, home } = lasso.folders;
  for (const folder of [runtime, state, home]) assert.notEqual((await lasso.exec(id, ['ls', folder])).exit.code, 0, folder);
  // Who denies being inside finds nobody either.
  const denied = await ask(['-u', 'LASSO', `LASSO_HOME=${home}`, `LASSO_RUNTIME_DIR=${runtime}`], ['ps', '-q']);
  assert.deepEqual([denied.stdout, denied.exit.code === 0], ['', false]);
});

test(
  'the server finds a new helper when the old one is killed, and makes a sandbox anew where the old one went with it',
  limit,
  async () => {
    const own = await TestTools.start(lasso, 'restart');
    try {
      await own.done('file_write', { path: 'kept', text: 'here\n' });
      const pid = await lasso.helperPid();
      process.kill(pid, 'SIGKILL');
      await gone(pid);
      assert.equal((await own.done('file_read', { path: 'kept' })).text, 'here\n');
      assert.notEqual(await lasso.helperPid(), pid);
    } finally {
      await own.close();
    }
    await noneOf('restart');
  },
);

test('a client that goes, and a server that is killed, leave no sandbox behind', limit, async () => {
  const [leaving, killed] = [await TestTools.start(lasso, 'leaving'), await TestTools.start(lasso, 'killed')];
  await Promise.all([leaving, killed].map((own) => own.done('sandbox_exec', { command: ['true'] })));
  await leaving.close();
  await noneOf('leaving');
  process.kill(killed.pid, 'SIGKILL');
  await noneOf('killed');
  await killed.close();
});

/** Waits until no sandbox of a folder is there. */
async function noneOf(name: string): Promise<void> {
  const connection = await lasso.connect();
  for (let tries = 0; tries < 200; tries += 1) {
    const { sandboxes } = await connection.call('status', {});
    if (!sandboxes.some(({ workspace }) => workspace.endsWith(`/${name}`))) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`a sandbox of ${name} is left`);
}
