/** What happens when things break: each fault gives a clear message and the right code, and nothing is left behind. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { runChild } from '../../helper/base/child.ts';
import { TestLasso, gone } from '../kit/lasso.ts';
import { processesNaming } from '../kit/engines.ts';
import { sh } from '../kit/programs.ts';

let lasso: TestLasso;
let workspace: string;

const mayMount = process.platform === 'linux' && process.getuid?.() === 0 ? false : 'only root may mount';

beforeEach(() => {
  lasso = new TestLasso();
  workspace = join(lasso.root, 'work');
  mkdirSync(workspace);
});

afterEach(() => lasso.dispose());

const create = (more: Partial<Parameters<TestLasso['create']>[0]> = {}): ReturnType<TestLasso['create']> =>
  lasso.create({ dir: workspace, backend: 'bubblewrap', ...more });

test('a helper that was killed leaves no sandbox running ungoverned, and its successor writes down what it found', async () => {
  const { id } = await create({ name: 'lost' });
  const pid = await lasso.helperPid();
  await lasso.terminal('lost', { rows: 24, columns: 80 });
  process.kill(pid, 'SIGKILL');
  await gone(pid);
  lasso.disconnect();
  const { sandboxes } = await (await lasso.connect()).call('status', {});
  assert.deepEqual(
    sandboxes.map(({ id: found, state }) => [found, state]),
    [[id, 'stopped']],
  );
  assert.match(sandboxes[0]?.reason ?? '', /helper was lost/);
  const { valid } = await (await lasso.connect()).call('auditVerify', { target: id });
  assert.equal(valid, true);
  const { records } = await (await lasso.connect()).call('auditView', { sandbox: id });
  const text = records.map((record) => record.text).join('\n');
  for (const expected of ['helper-lost', 'unknown-outcome']) assert.ok(text.includes(expected), text);
  assert.deepEqual(processesNaming(join(lasso.folders.runtime, id)), []);
  await (await lasso.connect()).call('start', { sandbox: 'lost' });
  assert.equal((await lasso.exec('lost', ['echo', 'back'])).stdout, 'back\n');
});

test('a helper told to end stops its sandboxes first and ends with status 0', async () => {
  const { id } = await create();
  const pid = await lasso.helperPid();
  process.kill(pid, 'SIGTERM');
  await gone(pid);
  lasso.disconnect();
  assert.deepEqual(processesNaming(join(lasso.folders.runtime, id)), []);
  const { sandboxes } = await (await lasso.connect()).call('status', {});
  assert.deepEqual(
    sandboxes.map(({ state, reason }) => [state, reason]),
    [['stopped', 'Stopped.']],
  );
});

test('a hang-up does not end the helper', async () => {
  const { name } = await create();
  process.kill(await lasso.helperPid(), 'SIGHUP');
  assert.equal((await lasso.exec(name, ['echo', 'still here'])).stdout, 'still here\n');
});

test('a sandbox whose process was killed is told as ended, with nothing left', async () => {
  const { id, engineId, name } = await create();
  process.kill(Number(/^\d+/.exec(engineId ?? '')?.[0]), 'SIGKILL');
  for (let tries = 0; ; tries += 1) {
    const [found] = (await (await lasso.connect()).call('status', { sandbox: id })).sandboxes;
    if (found?.state === 'stopped') break;
    assert.ok(tries < 100, found?.state);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await assert.rejects(lasso.exec(name, ['true']), { code: 'SANDBOX_NOT_RUNNING' });
  assert.equal(existsSync(join(lasso.folders.runtime, id)), false);
});

test('garbage and a ten-megabyte line on the socket harm nobody else', async () => {
  const { name } = await create();
  const { socketPath } = await lasso.connect();
  for (const bytes of ['GET / HTTP/1.1\r\n\r\n', 'x'.repeat(10 * 1024 * 1024), '\0\0\0\n', 'LASSO/1 nope rpc\n']) {
    await new Promise<void>((resolve) => {
      const socket = connect(socketPath, () => socket.write(bytes));
      socket.on('error', () => undefined);
      socket.once('close', () => resolve());
      setTimeout(() => socket.destroy(), 500);
    });
  }
  assert.equal((await lasso.exec(name, ['echo', 'unharmed'])).stdout, 'unharmed\n');
});

test('a record that cannot be written stops the command before it starts', async () => {
  const { id, name } = await create();
  const file = join(lasso.folders.audit, `${id}.jsonl`);
  const written = readFileSync(file);
  rmSync(file);
  await assert.rejects(lasso.exec(name, sh('touch effect')), { code: 'RECORD_FAILED' });
  assert.equal(existsSync(join(workspace, 'effect')), false);
  assert.ok(written.length > 0);
});

test('a state file that cannot be read is set aside, and its sandbox is ended, not guessed at', async () => {
  const { id } = await create();
  const pid = await lasso.helperPid();
  process.kill(pid, 'SIGKILL');
  await gone(pid);
  lasso.disconnect();
  const file = join(lasso.folders.state, `${id}.json`);
  writeFileSync(file, '{"version":1,"id":');
  const { sandboxes } = await (await lasso.connect()).call('status', {});
  assert.deepEqual(sandboxes, []);
  assert.ok(existsSync(`${file}.broken`));
  assert.deepEqual(processesNaming(join(lasso.folders.runtime, id)), []);
});

test('a client that goes away takes its command with it, and leaves a shell it did not leave on purpose', async () => {
  const { name } = await create();
  const running = lasso.exec(name, sh('touch started; exec sleep 300'));
  running.catch(() => undefined);
  while (!existsSync(join(workspace, 'started'))) await new Promise((resolve) => setTimeout(resolve, 20));
  lasso.disconnect();
  await assert.rejects(running);
  for (let tries = 0; ; tries += 1) {
    const { stdout } = await lasso.exec(name, sh('cat /proc/[0-9]*/comm | grep -c sleep || true'));
    if (stdout.trim() === '0') break;
    assert.ok(tries < 100, 'the command goes on without its client');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
});

test('a laptop that slept: the helper, stopped and continued, goes on as if nothing had been', async () => {
  const { name } = await create();
  const terminal = await lasso.terminal(name, { rows: 24, columns: 80 });
  const pid = await lasso.helperPid();
  process.kill(pid, 'SIGSTOP');
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  process.kill(pid, 'SIGCONT');
  assert.equal((await lasso.exec(name, ['echo', 'awake'])).stdout, 'awake\n');
  terminal.type('echo st""ill; exit\r');
  await terminal.see(/still/);
  await terminal.exit();
});

test('a full disk stops new commands with the reason, and space makes them possible again', { skip: mayMount }, async () => {
  mkdirSync(lasso.folders.home, { mode: 0o700 });
  await mount(['-t', 'tmpfs', '-o', 'size=512k,mode=700', 'none', lasso.folders.home]);
  try {
    const { name } = await create({ name: 'full' });
    const filler = join(lasso.folders.home, 'filler');
    await runChild('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4k'], { timeoutMs: 10_000 });
    // What is left of the last block may take a few records more.
    let refused = 0;
    for (let n = 0; n < 40 && refused === 0; n += 1) {
      await lasso.exec(name, ['touch', `effect-${n}`]).catch((error: unknown) => {
        assert.ok(error instanceof Error && 'code' in error && error.code === 'RECORD_FAILED', String(error));
        assert.equal(existsSync(join(workspace, `effect-${n}`)), false);
        refused += 1;
      });
    }
    assert.equal(refused, 1);
    rmSync(filler);
    assert.equal((await lasso.exec(name, ['echo', 'space'])).stdout, 'space\n');
    const { valid, reports } = await (await lasso.connect()).call('auditVerify', {});
    assert.equal(valid, true, JSON.stringify(reports));
    await lasso.quit();
  } finally {
    await runChild('umount', [lasso.folders.home], { timeoutMs: 10_000 });
  }
});

test('a workspace on a read-only file system can be read, and the notice says so', { skip: mayMount }, async () => {
  const place = join(lasso.root, 'ro');
  mkdirSync(place);
  await mount(['-t', 'tmpfs', '-o', 'ro,size=64k', 'none', place]);
  try {
    const info = await create({ dir: place, name: 'readonly' });
    assert.ok(
      info.notices.some((notice) => notice.includes('read-only')),
      info.notices.join('\n'),
    );
    assert.equal((await lasso.exec('readonly', ['ls'])).exit.code, 0);
    assert.notEqual((await lasso.exec('readonly', ['touch', 'x'])).exit.code, 0);
    await (await lasso.connect()).call('remove', { sandbox: 'readonly' });
  } finally {
    await runChild('umount', [place], { timeoutMs: 10_000 });
  }
});

async function mount(argv: readonly string[]): Promise<void> {
  const { code, stderr } = await runChild('mount', argv, { timeoutMs: 10_000 });
  assert.equal(code, 0, stderr);
}
