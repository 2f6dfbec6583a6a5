/** A helper that is gone: nothing runs on without it, and a new one finds everything where it stood. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { openSocketLink } from '../../../helper/guest/open.ts';
import { silentLog } from '../../../helper/base/log.ts';
import { finish, request, run, shell, startGuest, untilPrinted, type GuestWorld } from '../../kit/guest.ts';

const terminal = { rows: 24, columns: 80 };

/** A new helper on the same socket. */
function reopen(world: GuestWorld): ReturnType<typeof openSocketLink> {
  return openSocketLink({
    socketPath: world.socketPath,
    token: world.token,
    graceMs: 5000,
    log: silentLog,
    onIntruder: (why) => world.intruders.push(why),
    helloTimeoutMs: 5000,
  });
}

test('everything stands still while the helper is away, and goes on with the next one', { timeout: 30_000 }, async () => {
  await using world = await startGuest({ kind: 'socket', graceMs: 10_000 });
  const beat = shell('i=0; while :; do i=$((i+1)); echo $i > /workspace/beat; sleep 0.02; done');
  await world.link.spawn(beat);
  const bash = await world.link.spawn(request(['bash', '--norc', '-i'], { terminal }));
  // Its job ends when the file `go` is there, however slow the machine is.
  bash.stdio.write('PS1=; stty -echo; sh -c "echo at work; until [ -e /workspace/go ]; do sleep 0.02; done"; echo wo""ken $?\n');
  await untilPrinted(bash, 'at work\r');
  const cat = await world.link.spawn(request(['cat']));
  cat.stdio.write('before\n');
  await untilPrinted(cat, 'before');
  await delay(200);
  await world.link.dispose();
  assert.equal((await cat.exited).kind, 'lost');
  await delay(300);
  const read = (): Promise<string> => readFile(join(world.workspace, 'beat'), 'utf8');
  const stood = await read();
  await delay(300);
  assert.equal(await read(), stood);

  const pending = await reopen(world);
  const link = await pending.link;
  assert.deepEqual(link.resumed.map(({ id }) => id).sort(), [1, 2, 3]);
  const [, again, catAgain] = link.resumed;
  assert.ok(again && catAgain);
  assert.equal(catAgain.pid, cat.pid);
  assert.equal(catAgain.stderr === null, false);
  // The shell's job was stopped with everything else, and its shell never took notice.
  await writeFile(join(world.workspace, 'go'), '');
  assert.doesNotMatch(await untilPrinted(again, 'woken 0'), /Stopped/);
  const done = finish(catAgain);
  catAgain.stdio.end('after\n');
  assert.deepEqual([(await done).output.toString(), (await done).exit], ['after\n', { kind: 'exited', status: 0 }]);
  await delay(200);
  assert.notEqual(await read(), stood);
  assert.equal((await run(link, request(['true']))).exit.status, 0);
  await link.shutdown(300);
  assert.equal(await world.gone, 0);
  await pending.dispose();
});

test('what ended unheard is told to the next helper, and what a person had stopped stays stopped', { timeout: 30_000 }, async () => {
  await using world = await startGuest({ kind: 'socket', graceMs: 10_000 });
  const stopped = await world.link.spawn(request(['sleep', '1000']));
  stopped.signal(19, 'group');
  const victim = await world.link.spawn(request(['sleep', '1000']));
  const stops = shell(`until grep -q ') T' /proc/${stopped.pid}/stat; do sleep 0.01; done`);
  assert.equal((await run(world.link, stops)).exit.status, 0);
  await world.link.dispose();
  const inside = await promisify(execFile)('pgrep', ['-f', '^sleep 1000$', '--ns', String(await guestPid(world)), '--nslist', 'pid']);
  const pids = inside.stdout.trim().split('\n').map(Number);
  assert.equal(pids.length, 2);
  process.kill(Math.max(...pids), 'SIGKILL');
  await delay(100);
  const pending = await reopen(world);
  const link = await pending.link;
  const ends = link.resumed.find(({ pid }) => pid === victim.pid);
  assert.deepEqual(await ends?.exited, { kind: 'signalled', status: 9 });
  assert.match((await run(link, shell(`cat /proc/${stopped.pid}/stat`))).output, /\(sleep\) T/);
  await pending.dispose();
});

/** The guest's pid as this machine sees it. */
async function guestPid(world: GuestWorld): Promise<number> {
  const { stdout } = await promisify(execFile)('pgrep', ['-P', String(world.child.pid)]);
  return Number(stdout.trim().split('\n')[0]);
}

test('a stream the lost helper had closed does not keep the next one waiting', { timeout: 30_000 }, async () => {
  await using world = await startGuest({ kind: 'socket', graceMs: 10_000 });
  const guest = await world.link.spawn(shell('trap "" HUP PIPE; exec sleep 1000'));
  guest.stdio.destroy();
  await world.link.ping();
  await world.link.dispose();
  const pending = await reopen(world);
  const [again] = (await pending.link).resumed;
  again?.stdio.resume();
  again?.stderr?.resume();
  again?.signal(9, 'group');
  assert.deepEqual(await again?.exited, { kind: 'signalled', status: 9 });
  await pending.dispose();
});

test('when the helper does not come back in time, everything ends', { timeout: 30_000 }, async () => {
  await using world = await startGuest({ kind: 'socket', graceMs: 400 });
  await world.link.spawn(request(['sleep', '1000']));
  await world.link.dispose();
  assert.equal(await world.gone, 2);
});

test('without time to wait, and over stdio, everything ends at once', { timeout: 30_000 }, async () => {
  for (const kind of ['socket', 'stdio'] as const) {
    await using world = await startGuest({ kind });
    const guest = await world.link.spawn(request(['sleep', '1000']));
    await world.link.dispose();
    world.child.stdin?.destroy();
    assert.equal((await guest.exited).kind, 'lost');
    assert.equal((await world.link.ended).reason, 'lost');
    await world.gone;
    await assert.rejects(world.link.spawn(request(['true'])), { code: 'LINK_LOST' });
  }
});

test('a guest that is killed from outside is a lost link', { timeout: 30_000 }, async () => {
  await using world = await startGuest({ kind: 'socket', graceMs: 10_000 });
  const guest = await world.link.spawn(request(['sleep', '1000']));
  process.kill(await guestPid(world), 'SIGKILL');
  assert.deepEqual(await world.link.ended, { reason: 'lost', message: 'the guest closed the link' });
  assert.deepEqual(await guest.exited, { kind: 'lost', status: 0 });
});

test('SIGTERM from outside ends everything in order', { timeout: 30_000 }, async () => {
  await using world = await startGuest({ kind: 'socket', graceMs: 10_000 });
  const guest = await world.link.spawn(
    shell('trap "" HUP; trap "exit 42" TERM; echo ready; while :; do sleep 0.05; done', { separateStderr: false }),
  );
  await untilPrinted(guest, 'ready');
  guest.stdio.resume();
  process.kill(await guestPid(world), 'SIGTERM');
  await world.gone;
  assert.deepEqual(await guest.exited, { kind: 'exited', status: 42 });
});

test('shutdown kills what ignores being asked, and leaves nothing', { timeout: 30_000 }, async () => {
  await using world = await startGuest({ kind: 'socket', graceMs: 10_000 });
  const stubborn = await world.link.spawn(shell('trap "" TERM HUP; echo ready; (setsid sleep 1000 &); while :; do sleep 1; done'));
  await untilPrinted(stubborn, 'ready');
  stubborn.stdio.resume();
  await world.link.shutdown(200);
  assert.deepEqual(await stubborn.exited, { kind: 'signalled', status: 9 });
  assert.equal(await world.gone, 0);
});

test('the guest refuses to run anywhere but as pid 1', async () => {
  const child = spawn(join(import.meta.dirname, '..', '..', '..', 'dist', 'guest', `guest-linux-${process.arch}`), {
    stdio: 'ignore',
    env: {},
  });
  assert.deepEqual(await once(child, 'exit'), [1, null]);
});
