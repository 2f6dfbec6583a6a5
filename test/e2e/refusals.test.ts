/** What is asked for and cannot be had: each refusal names the reason and the way out, and nothing is started. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { runChild } from '../../helper/base/child.ts';
import { TestLasso, lassoProgram } from '../kit/lasso.ts';
import { sh } from '../kit/programs.ts';

let lasso: TestLasso;
let workspace: string;

beforeEach(() => {
  lasso = new TestLasso();
  workspace = join(lasso.root, 'work');
  mkdirSync(workspace);
});

afterEach(() => lasso.dispose());

const create = (more: Partial<Parameters<TestLasso['create']>[0]> = {}): ReturnType<TestLasso['create']> =>
  lasso.create({ dir: workspace, backend: 'bubblewrap', ...more });

test('two windows on one folder get two sandboxes with names of their own', async () => {
  const [first, second] = await Promise.all([create(), create()]);
  assert.deepEqual([first.name, second.name].sort(), ['work', 'work-2']);
  await lasso.exec(first.name, sh('echo one > shared'));
  assert.equal((await lasso.exec(second.name, ['cat', 'shared'])).stdout, 'one\n');
});

test('a name can be had once', async () => {
  await create({ name: 'mine' });
  await assert.rejects(create({ name: 'mine' }), { code: 'NAME_TAKEN' });
});

test('a workspace that is missing, not a folder, or not a project is refused with the reason', async () => {
  await assert.rejects(create({ dir: join(workspace, 'no') }), { code: 'WORKSPACE_MISSING' });
  writeFileSync(join(workspace, 'file'), '');
  await assert.rejects(create({ dir: join(workspace, 'file') }), { code: 'WORKSPACE_REFUSED' });
  for (const dir of ['/', lasso.host.home, '/etc', '/proc', lasso.folders.home])
    await assert.rejects(create({ dir }), { code: 'WORKSPACE_REFUSED' }, dir);
});

test('a workspace behind a link is the folder the link leads to, and is judged as that', async () => {
  symlinkSync(workspace, join(lasso.root, 'link'));
  const info = await create({ dir: join(lasso.root, 'link') });
  assert.equal(info.workspace, workspace);
  symlinkSync('/etc', join(lasso.root, 'trap'));
  await assert.rejects(create({ dir: join(lasso.root, 'trap') }), { code: 'WORKSPACE_REFUSED' });
});

test('mounts that would hand over the host are refused, also through a link', async () => {
  symlinkSync('/', join(lasso.root, 'innocent'));
  mkdirSync(join(lasso.root, '.ssh'));
  for (const mount of [
    '/:/data',
    `${lasso.root}/innocent:/data`,
    `${lasso.host.home}:/data`,
    `${lasso.root}/.ssh:/data`,
    '/var/run:/data',
    `${workspace}:/etc`,
    `${workspace}:/workspace`,
    'relative:/data',
    workspace,
  ]) {
    await assert.rejects(create({ mount: [mount] }), { code: 'MOUNT_REFUSED' }, mount);
  }
});

test('a link that was put where a mounted folder was is not followed when the sandbox starts again', async () => {
  const mounted = join(workspace, 'sub');
  mkdirSync(mounted);
  const { name } = await create({ mount: [`${mounted}:/data:ro`] });
  // The gate sees ln; a program that makes a link by itself is not a start.
  writeFileSync(join(workspace, 'plant.pl'), 'rename "sub", "old"; symlink "/etc", "sub";\n');
  await lasso.exec(name, ['perl', './plant.pl']);
  assert.equal(readlinkSync(mounted), '/etc');
  const connection = await lasso.connect();
  await connection.call('stop', { sandbox: name });
  await assert.rejects(connection.call('start', { sandbox: name }), { code: 'MOUNT_REFUSED' });
  const [left] = (await connection.call('status', { sandbox: name })).sandboxes;
  assert.equal(left?.state, 'stopped');
});

test('a workspace that became a link is not followed when the sandbox starts again', async () => {
  const { name } = await create();
  const connection = await lasso.connect();
  await connection.call('stop', { sandbox: name });
  renameSync(workspace, `${workspace}-old`);
  symlinkSync(`${workspace}-old`, workspace);
  await assert.rejects(connection.call('start', { sandbox: name }), { code: 'WORKSPACE_REFUSED' });
});

test('profiles that are unknown or wrong are refused with the place', async () => {
  await assert.rejects(create({ profile: 'standrad' }), { code: 'UNKNOWN_PROFILE', hint: /standard/ });
  lasso.profile('broken', 'name = "broken"\n[resources]\nmax_memory_mb = "lots"\n');
  await assert.rejects(create({ profile: 'broken' }), (error: unknown) => {
    assert.ok(error instanceof Error && 'code' in error && 'details' in error && Array.isArray(error.details));
    assert.equal(error.code, 'BAD_PROFILE');
    assert.match(String(error.details[0]), /broken\.toml:3:/);
    return true;
  });
});

test('an isolation that is not there is refused with the reason, before anything is started', async () => {
  for (const isolation of ['gvisor', 'kata'] as const) await assert.rejects(create({ isolation }), { code: 'ISOLATION_ABSENT' });
});

test('with no engine at all the error says what to do', async () => {
  for (const backend of ['docker', 'podman'] as const) await assert.rejects(create({ backend }), { code: 'NO_ENGINE' });
});

test(
  'an engine that this user may not use is told apart from one that is not there',
  { skip: process.getuid?.() === 0 ? false : 'only root can become somebody else' },
  async (t) => {
    const [uid, place] = [61234, join(lasso.root, 'other')];
    const become = ['--reuid', `${uid}`, '--regid', `${uid}`, '--clear-groups'];
    const readable = await runChild('setpriv', [...become, 'test', '-r', lassoProgram], { timeoutMs: 10_000 });
    if (readable.code !== 0) {
      t.skip('no other user can read this checkout');
      return;
    }
    const socket = join(lasso.root, 'docker.sock');
    const engine = createServer().listen(socket);
    t.after(() => engine.close());
    await once(engine, 'listening');
    chmodSync(socket, 0o600);
    chmodSync(lasso.root, 0o711);
    for (const folder of [place, join(place, 'work')]) {
      mkdirSync(folder);
      chownSync(folder, uid, uid);
    }
    const own = { HOME: place, LASSO_HOME: join(place, 'home'), LASSO_RUNTIME_DIR: join(place, 'run'), LASSO_IDLE_MS: '200' };
    const environment = { ...lasso.environment, ...own, DOCKER_HOST: `unix://${socket}` };
    const create = ['create', '--backend', 'docker', '--dir', join(place, 'work')];
    const result = await runChild('setpriv', [...become, process.execPath, lassoProgram, ...create], { timeoutMs: 60_000, environment });
    assert.equal(result.code, 77, result.stderr);
    assert.match(result.stderr, /permission|not allowed|may not/i);
    assert.match(result.stderr, /group|rootless/i);
    for (let tries = 0; ownedBy(uid).length > 0; tries += 1) {
      assert.ok(tries < 100, 'the helper of the other user does not leave');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  },
);

test('an executable in the workspace is never run in place of an engine', async () => {
  const trap = join(workspace, 'bwrap');
  writeFileSync(trap, `#!/bin/sh\ntouch ${join(lasso.root, 'ran')}\n`);
  chmodSync(trap, 0o755);
  await lasso.cli(['doctor'], { cwd: workspace, environment: { PATH: `.:${lasso.environment['PATH'] ?? ''}` } });
  assert.equal(existsSync(join(lasso.root, 'ran')), false);
});

/** processes of a user */
function ownedBy(uid: number): readonly string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && statSync(`/proc/${name}`, { throwIfNoEntry: false })?.uid === uid);
}

for (const mode of ['read-only', 'review'])
  test(`a workspace of mode ${mode} is seen and cannot be changed`, async () => {
    writeFileSync(join(workspace, 'file'), 'as it was\n');
    const profile = lasso.profile('looking', `name = "looking"\nextends = "standard"\n[workspace]\nmode = "${mode}"\n`);
    const { name, notices } = await create({ profile });
    const { stdout, stderr } = await lasso.exec(name, sh('cat file; echo changed > file; touch another'));
    assert.equal(stdout, 'as it was\n');
    assert.match(stderr, /Read-only file system[^]*Read-only file system/);
    assert.deepEqual(readdirSync(workspace), ['file']);
    assert.equal(
      notices.some((notice) => notice.includes('read-only')),
      mode === 'review',
    );
  });
