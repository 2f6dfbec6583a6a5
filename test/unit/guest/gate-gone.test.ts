/** A question ends with who asked: when the process dies, nobody need answer any more. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { deferred } from '../../../helper/guest/deferred.ts';
import type { ExecAnswer, ExecGate, ExecQuestion } from '../../../helper/guest/exec.ts';
import { FrameParser, type GuestFrame } from '../../../helper/guest/frames.ts';
import { frameType } from '../../../helper/protocol/guest.ts';
import { finish, run, shell, startGuest } from '../../kit/guest.ts';

const gateOf = (judge: (question: ExecQuestion, gone?: AbortSignal) => Promise<ExecAnswer>): ExecGate => ({
  judge,
  again: () => undefined,
  changed: () => Promise.resolve(true),
  other: () => undefined,
});
const limit = { timeout: 30_000 };

/** A gate that thinks about `id` until it is told what to say. */
function thinking(): { readonly gate: ExecGate; readonly asked: Promise<AbortSignal>; readonly say: (answer: ExecAnswer) => void } {
  const asked = deferred<AbortSignal>();
  const said = deferred<ExecAnswer>();
  const gate = gateOf(async ({ file }, gone) => {
    if (!file.endsWith('/id')) return { allow: true };
    assert.ok(gone);
    asked.resolve(gone);
    return said.promise;
  });
  return { gate, asked: asked.promise, say: (answer) => said.resolve(answer) };
}

const fired = (signal: AbortSignal): Promise<void> =>
  signal.aborted ? Promise.resolve() : new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

for (const kind of ['socket', 'stdio'] as const)
  test(`the question of a process that is killed while it waits is withdrawn, over a ${kind} link`, limit, async () => {
    const { gate, asked, say } = thinking();
    await using world = await startGuest({ kind, gate });
    const script = shell('id & read go; kill -9 $!; wait $!; echo "status $?"');
    const process = await world.link.spawn(script);
    const ended = finish(process);
    const gone = await asked;
    // Longer than the guest's pause between two looks: who lives is left alone.
    await delay(700);
    assert.equal(gone.aborted, false);
    process.stdio.end('go\n');
    await fired(gone);
    say({ allow: true, keep: true });
    assert.equal((await ended).output.toString(), 'status 137\n');
    assert.equal((await run(world.link, shell('echo alive'))).output, 'alive\n');
  });

test('a command that is ended while its start is asked takes its question with it', limit, async () => {
  const { gate, asked } = thinking();
  await using world = await startGuest({ kind: 'socket', gate });
  const process = await world.link.spawn(shell('setsid id; echo over'));
  const gone = await asked;
  process.signal(9, 'tree');
  await fired(gone);
  assert.equal((await finish(process)).exit.kind, 'signalled');
});

test('a hundred questions are withdrawn, each of them, and the answers of others still come', limit, async () => {
  const open: AbortSignal[] = [];
  const all = deferred<undefined>();
  const gate = gateOf(async ({ file }, gone) => {
    if (!file.endsWith('/id') || gone === undefined) return { allow: true };
    open.push(gone);
    if (open.length === 100) all.resolve(undefined);
    return await new Promise(() => undefined);
  });
  await using world = await startGuest({ kind: 'socket', gate });
  const process = await world.link.spawn(shell('for n in $(seq 100); do id & all="$all $!"; done; read go; kill -9 $all'));
  await all.promise;
  process.stdio.end('go\n');
  await Promise.all(open.map(fired));
  assert.equal((await run(world.link, shell('echo alive'))).output, 'alive\n');
});

const frame = (id: number, payload: Buffer): Buffer => {
  const head = Buffer.alloc(9);
  head.writeUInt8(frameType.EXEC_GONE, 0);
  head.writeUInt32BE(id, 1);
  head.writeUInt32BE(payload.length, 5);
  return Buffer.concat([head, payload]);
};

test('a word about a question that is gone is its number and nothing else', () => {
  const frames: GuestFrame[] = [];
  new FrameParser((each) => frames.push(each)).push(frame(7, Buffer.alloc(0)));
  assert.deepEqual(frames, [{ type: 'exec-gone', question: 7 }]);
  for (const bad of [frame(0, Buffer.alloc(0)), frame(7, Buffer.alloc(1))])
    assert.throws(() => new FrameParser(() => undefined).push(bad), /malformed frame of type 54/);
});
