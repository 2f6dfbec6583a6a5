/** Faults around a real engine: the helper is lost and comes back, the engine is lost, somebody removes the container. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import type { SandboxInfo } from '../../helper/protocol/sandbox.ts';
import { canStartEngines, startDocker, type TestEngine } from '../kit/engines.ts';
import { gone, TestLasso } from '../kit/lasso.ts';
import { runChild } from '../../helper/base/child.ts';
import { sh } from '../kit/programs.ts';

const skip = canStartEngines() ? false : 'private engines can be started only by root on Linux';
let engine: TestEngine;
let lasso: TestLasso;
let workspace: string;

before(async () => {
  if (skip === false) engine = await startDocker();
});
after(async () => {
  if (skip === false) await engine.stop();
});
beforeEach(() => {
  if (skip !== false) return;
  lasso = new TestLasso({ environment: engine.environment });
  workspace = join(lasso.root, 'work');
  mkdirSync(workspace);
});
afterEach(async () => {
  if (skip === false) await lasso.dispose();
});

async function killHelper(): Promise<void> {
  const pid = await lasso.helperPid();
  process.kill(pid, 'SIGKILL');
  await gone(pid);
  lasso.disconnect();
}

async function settled(id: string, state: SandboxInfo['state'], timeoutMs: number): Promise<SandboxInfo> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    const [found] = (await (await lasso.connect()).call('status', { sandbox: id })).sandboxes;
    if (found?.state === state) return found;
    assert.ok(performance.now() < until, `${found?.state ?? 'unknown'}: ${found?.reason ?? ''}\n${lasso.helperLog()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test('a sandbox outlives the helper: its successor takes it back, with the shell that ran in it', { skip }, async () => {
  const { id } = await lasso.create({ dir: workspace, backend: 'docker', name: 'kept' });
  const terminal = await lasso.terminal('kept', { rows: 24, columns: 80 });
  terminal.type('MARK=still-the-same; echo st""arted\r');
  await terminal.see(/started/);
  await lasso.exec('kept', sh('(while :; do echo x >> ticks; sleep 0.05; done) > /dev/null 2>&1 &'));
  await killHelper();
  const back = await settled(id, 'running', 30_000);
  assert.equal(back.terminals.length, 1);
  assert.equal((await lasso.exec('kept', ['echo', 'again'])).stdout, 'again\n');
  const again = await lasso.attach('kept', back.terminals[0]?.id ?? '');
  again.type('echo $MARK\r');
  await again.see(/still-the-same/);
  again.type('exit 5\r');
  assert.deepEqual(await again.exit(), { code: 5, signal: null });
  const { valid, reports } = await (await lasso.connect()).call('auditVerify', { target: id });
  assert.equal(valid, true, JSON.stringify(reports));
  const { records } = await (await lasso.connect()).call('auditView', { sandbox: id });
  const text = records.map((record) => record.text).join('\n');
  for (const expected of ['helper-lost', 'adopted', 'unknown-outcome']) assert.ok(text.includes(expected), expected);
});

test('while the helper is away nothing in the sandbox goes on', { skip }, async () => {
  const { id, engineId } = await lasso.create({ dir: workspace, backend: 'docker', name: 'still' });
  await lasso.exec('still', sh('(while :; do sleep 0.01; done) > /dev/null 2>&1 &'));
  await killHelper();
  const states = async (): Promise<string> =>
    (await runChild('docker', ['top', engineId ?? '', '-o', 'pid,stat,comm'], { timeoutMs: 20_000, environment: engine.environment }))
      .stdout;
  for (let tries = 0; ; tries += 1) {
    const programs = (await states()).split('\n').filter((line) => /\b(sh|sleep)\b/.test(line));
    // One whose start waits to be judged sleeps in the kernel (D) and goes on no more than the stopped ones (T).
    if (programs.length > 0 && programs.every((line) => /\s[TD]/.test(line))) break;
    assert.ok(tries < 50, programs.join('\n'));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await settled(id, 'running', 30_000);
});

test('a container that somebody removed is told as ended', { skip }, async () => {
  const { id, engineId, name } = await lasso.create({ dir: workspace, backend: 'docker' });
  await runChild('docker', ['rm', '-f', engineId ?? ''], { timeoutMs: 30_000, environment: engine.environment });
  const ended = await settled(id, 'stopped', 20_000);
  assert.match(ended.reason ?? '', /Ended from outside/);
  await assert.rejects(lasso.exec(name, ['true']), { code: 'SANDBOX_NOT_RUNNING' });
  await (await lasso.connect()).call('start', { sandbox: id });
  assert.equal((await lasso.exec(name, ['echo', 'anew'])).stdout, 'anew\n');
});

test('a container without a state file is an orphan: the next helper removes it', { skip }, async () => {
  const { id, engineId } = await lasso.create({ dir: workspace, backend: 'docker' });
  await killHelper();
  await runChild('rm', [join(lasso.folders.state, `${id}.json`)], { timeoutMs: 5_000 });
  assert.deepEqual((await (await lasso.connect()).call('status', {})).sandboxes, []);
  const left = await runChild('docker', ['ps', '-aq', '--no-trunc'], { timeoutMs: 20_000, environment: engine.environment });
  assert.ok(!left.stdout.includes(engineId ?? '-'));
});

test('eight sandboxes made at once are eight sandboxes, and stop all ends them', { skip }, async () => {
  const made = await Promise.all(Array.from({ length: 8 }, () => lasso.create({ dir: workspace, backend: 'docker' })));
  assert.equal(new Set(made.map(({ name }) => name)).size, 8);
  const outputs = await Promise.all(made.map(({ name }) => lasso.exec(name, ['hostname'])));
  assert.deepEqual(
    outputs.map(({ stdout }) => stdout.trim()),
    made.map(({ name }) => name),
  );
  const { stopped } = await (await lasso.connect()).call('stop', { sandbox: 'all' });
  assert.equal(stopped.length, 8);
  const left = await runChild('docker', ['ps', '-aq'], { timeoutMs: 20_000, environment: engine.environment });
  assert.equal(left.stdout, '');
});

test('an image that cannot be had is told with the way out, and nothing is started', { skip }, async () => {
  const other = new TestLasso({ environment: { ...engine.environment, LASSO_BASE_IMAGE: '127.0.0.1:1/none/such' } });
  mkdirSync(join(other.root, 'work'));
  try {
    await assert.rejects(other.create({ dir: join(other.root, 'work'), backend: 'docker' }), (error: unknown) => {
      assert.ok(error instanceof Error && 'code' in error && 'hint' in error);
      assert.match(String(error.code), /^IMAGE_/);
      assert.notEqual(error.hint, '');
      return true;
    });
    assert.deepEqual((await (await other.connect()).call('status', {})).sandboxes, []);
  } finally {
    await other.dispose();
  }
});

// Last: there is no engine after it.
test('an engine that dies in mid-session is told, not waited for, and nothing stays', { skip }, async () => {
  const { id, name } = await lasso.create({ dir: workspace, backend: 'docker' });
  const running = lasso.exec(name, ['sleep', '300']);
  running.catch(() => undefined);
  assert.ok(engine.pid);
  process.kill(engine.pid, 'SIGKILL');
  const until = performance.now() + 60_000;
  for (;;) {
    const [found] = (await (await lasso.connect()).call('status', { sandbox: id })).sandboxes;
    if (found?.state === 'failed' || found?.state === 'stopped') {
      assert.match(found.reason ?? '', /Docker|engine/i);
      break;
    }
    assert.ok(performance.now() < until, `${found?.state ?? ''}\n${lasso.helperLog()}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  await assert.rejects(lasso.exec(name, ['true']), { code: 'SANDBOX_NOT_RUNNING' });
  await assert.rejects(lasso.create({ dir: workspace, backend: 'docker', name: 'other' }), { code: 'NO_ENGINE' });
  await assert.rejects((await lasso.connect()).call('remove', { sandbox: id }), { code: 'ENGINE_LOST' });
  await (await lasso.connect()).call('remove', { sandbox: id, force: true });
});
