/** One helper per user, whatever races, dies or is left behind. Real processes. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { connectHelper, type ConnectOptions, type HelperConnection } from '../../../../helper/faces/client/connection.ts';
import { testPlace } from '../../../kit/folders.ts';
import { helperStart } from '../../../kit/helper-start.ts';

const clientProgram = fileURLToPath(new URL('../../../kit/client-process.ts', import.meta.url));
const places: (() => void)[] = [];

after(() => places.forEach((remove) => remove()));

function place(): { root: string; connect: (more?: Partial<ConnectOptions>) => Promise<HelperConnection>; runtime: string; log: string } {
  const { root, host, folders, remove } = testPlace();
  places.push(remove);
  const connect = (more: Partial<ConnectOptions> = {}): Promise<HelperConnection> =>
    connectHelper({
      host,
      folders,
      version: '2.0.0',
      build: 'build',
      spawn: helperStart(root, 'build', '0', '300'),
      timeoutMs: 20_000,
      ...more,
    });
  return { root, connect, runtime: folders.runtime, log: folders.log };
}

const linesOf = (file: string): string[] => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []);

/** Waits for a process that is nobody's child here to be gone. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    if (existsSync(`/proc/${pid}/stat`) && / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) return;
    await delay(20);
  }
}

test('a hundred clients starting at once give one helper', { timeout: 90_000 }, async () => {
  const { root } = place();
  const clients = Array.from({ length: 100 }, () => {
    const child = spawn(process.execPath, [clientProgram, root, 'build'], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdout.setEncoding('utf8');
    return child;
  });
  const answers = await Promise.all(clients.map(async (child) => String((await once(child.stdout, 'data'))[0]).trim()));
  const served = linesOf(join(root, 'served'));
  const leave = clients.map((child) => once(child, 'close'));
  clients.forEach((child) => child.stdin.end());
  await Promise.all(leave);
  assert.equal(new Set(answers).size, 1);
  assert.deepEqual(served, [answers[0]]);
  await gone(Number(answers[0]));
  assert.deepEqual(linesOf(join(root, 'closed')), ['idle']);
});

test('the helper leaves when nobody is connected, and leaves no socket behind', async () => {
  const { root, connect, runtime } = place();
  const connection = await connect();
  connection.dispose();
  await gone(connection.pid);
  assert.deepEqual(linesOf(join(root, 'closed')), ['idle']);
  assert.deepEqual(
    readdirSync(runtime).filter((name) => name.endsWith('.sock')),
    [],
  );
});

test('after the helper was killed the next client gets a new one, and what the old one left is cleared', async () => {
  const { root, connect, runtime } = place();
  const first = await connect();
  process.kill(first.pid, 'SIGKILL');
  await first.closed;
  await assert.rejects(first.call('status', {}), { code: 'HELPER_UNREACHABLE' });
  const second = await connect();
  assert.notEqual(second.pid, first.pid);
  assert.equal(readdirSync(runtime).filter((name) => name.startsWith('helper-')).length, 2, 'one announcement, one socket');
  second.dispose();
  first.dispose();
  await gone(second.pid);
  assert.equal(linesOf(join(root, 'served')).length, 2);
});

const leftovers: readonly { readonly name: string; readonly files: Readonly<Record<string, string>> }[] = [
  { name: 'an announcement of a socket that is not there', files: { 'helper-7.json': announcementOf('/nonexistent/x.sock') } },
  { name: 'an announcement of a file that is no socket', files: { 'helper-7.json': announcementOf('/etc/hostname') } },
  { name: 'an announcement that is no JSON', files: { 'helper-9.json': '{"socket":' } },
  { name: 'an announcement of the wrong shape', files: { 'helper-9.json': '[1,2,3]' } },
  {
    name: 'strange names',
    files: { 'helper-0.json': 'x', 'helper--1.json': 'x', 'helper-99999999999999999999.json': 'x', 'helper-1.json.tmp': 'x' },
  },
];

function announcementOf(socket: string): string {
  return JSON.stringify({ socket, pid: process.pid, version: '2.0.0', build: 'build', token: '0'.repeat(64) });
}

for (const { name, files } of leftovers) {
  test(`a helper starts in spite of ${name}, and harms no process named there`, async () => {
    const { connect, runtime } = place();
    mkdirSync(runtime, { recursive: true, mode: 0o700 });
    for (const [file, text] of Object.entries(files)) writeFileSync(join(runtime, file), text);
    const connection = await connect();
    assert.notEqual(connection.pid, process.pid);
    connection.dispose();
    await gone(connection.pid);
  });
}

for (const [when, ageSeconds] of Object.entries({ 'long ago': 3600, 'before the clock was set back': -3600 })) {
  test(`a marker left ${when} by a starter that died holds nobody back`, async () => {
    const { connect, runtime } = place();
    mkdirSync(runtime, { recursive: true, mode: 0o700 });
    writeFileSync(join(runtime, 'starting-0'), '');
    const then = Date.now() / 1000 - ageSeconds;
    utimesSync(join(runtime, 'starting-0'), then, then);
    const connection = await connect();
    connection.dispose();
    await gone(connection.pid);
    assert.ok(!existsSync(join(runtime, 'starting-0')));
  });
}

test('a helper of another build without sandboxes is replaced', async () => {
  const { root, connect } = place();
  const old = await connect({ build: 'older', spawn: helperStart(root, 'older', '0', '60000') });
  const fresh = await connect();
  assert.equal(fresh.build, 'build');
  assert.notEqual(fresh.pid, old.pid);
  await old.closed;
  await gone(old.pid);
  assert.deepEqual(linesOf(join(root, 'closed')), ['quit']);
  fresh.dispose();
  old.dispose();
  await gone(fresh.pid);
});

test('a helper of another build with sandboxes is reported, and still reachable for whoever accepts it', async () => {
  const { root, connect } = place();
  const old = await connect({ build: 'older', spawn: helperStart(root, 'older', '3', '60000') });
  await assert.rejects(connect(), (error: unknown) => {
    assert.ok(error instanceof Error && 'code' in error && 'hint' in error);
    assert.equal(error.code, 'HELPER_OUTDATED');
    assert.match(error.message, /3 sandboxes/);
    assert.match(String(error.hint), /lasso stop all/);
    return true;
  });
  const accepted = await connect({ acceptOutdated: true });
  assert.equal(accepted.pid, old.pid);
  assert.equal(accepted.build, 'older');
  await assert.rejects(accepted.call('quit', {}), { code: 'HELPER_OUTDATED' });
  accepted.dispose();
  old.dispose();
  process.kill(old.pid, 'SIGTERM');
  await gone(old.pid);
  assert.deepEqual(linesOf(join(root, 'closed')), ['signal']);
});

test('SIGHUP does not end the helper, SIGTERM ends it in order', async () => {
  const { root, connect } = place();
  const connection = await connect({ spawn: helperStart(root, 'build', '1', '300') });
  process.kill(connection.pid, 'SIGHUP');
  assert.equal((await connection.call('hello', { version: '2.0.0', build: 'build' })).sandboxes, 1);
  process.kill(connection.pid, 'SIGTERM');
  await connection.closed;
  await gone(connection.pid);
  assert.deepEqual(linesOf(join(root, 'closed')), ['signal']);
});

test('a fault nobody caught ends the helper in order and is written down', async () => {
  const { root, connect, log } = place();
  const connection = await connect({ spawn: helperStart(root, 'build', '1', '300', 'later') });
  await connection.closed;
  await gone(connection.pid);
  assert.deepEqual(linesOf(join(root, 'closed')), ['fault']);
  assert.match(readFileSync(log, 'utf8'), /nobody caught this/);
});

test('a helper that cannot open its core says so instead of letting the client wait', async () => {
  const { root, connect, log } = place();
  await assert.rejects(connect({ spawn: helperStart(root, 'build', '0', '300', 'open') }), (error: unknown) => {
    assert.ok(error instanceof Error && 'code' in error && 'details' in error && Array.isArray(error.details));
    assert.equal(error.code, 'HELPER_UNREACHABLE');
    assert.match(error.details.join('\n'), /the core does not open/);
    return true;
  });
  assert.match(readFileSync(log, 'utf8'), /the core does not open/);
  assert.equal(linesOf(join(root, 'served')).length, 1, 'one that fails is not started again');
});

test('a helper program that is not there is an error at once', async () => {
  const { connect } = place();
  await assert.rejects(connect({ spawn: { file: '/nonexistent/program', argv: [], environment: {} } }), { code: 'HELPER_UNREACHABLE' });
});

test('a client that may not start a helper says that none runs', async () => {
  const { connect } = place();
  await assert.rejects(connect({ spawn: null }), { code: 'HELPER_UNREACHABLE' });
});
