/** Whoever shows no token in time, or a wrong one, is nobody. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { listenForGuest } from '../../../helper/guest/listener.ts';

const token = 'ab'.repeat(32);
const opening = (kind: string, hex: string): Buffer => Buffer.concat([Buffer.from(kind), Buffer.from(hex, 'hex')]);

interface Door {
  readonly told: string[];
  readonly taken: Socket[];
  readonly knock: (...parts: readonly Buffer[]) => Promise<Socket>;
}

async function withDoor(
  body: (door: Door) => Promise<void>,
  more: { readonly expected?: number; readonly waitingTimeoutMs?: number } = {},
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'lasso-door-'));
  const socketPath = join(directory, 'socket');
  const door: { told: string[]; taken: Socket[] } = { told: [], taken: [] };
  const take = (socket: Socket): boolean => door.taken.push(socket) > 0;
  const listener = await listenForGuest({
    socketPath,
    token,
    onControl: take,
    onStream: (shown, socket) => shown === 'cd'.repeat(32) && take(socket),
    expected: () => more.expected ?? 0,
    onIntruder: (reason) => door.told.push(reason),
    waitingTimeoutMs: more.waitingTimeoutMs ?? 100,
  });
  const knock = async (...parts: readonly Buffer[]): Promise<Socket> => {
    const socket = connect(socketPath).on('error', () => undefined);
    await once(socket, 'connect');
    for (const part of parts) socket.write(part);
    return socket.resume();
  };
  try {
    await body({ ...door, knock });
  } finally {
    await listener.close();
    assert.deepEqual(await readdir(directory), []);
    await rm(directory, { recursive: true });
  }
}

test('what shows no token, half of one, or a wrong one is dropped and told', async () => {
  const wrong: Readonly<Record<string, readonly Buffer[]>> = {
    nothing: [],
    half: [opening('C', token).subarray(0, 20)],
    'another token': [opening('C', 'ac'.repeat(32))],
    'a stream nobody waits for': [opening('S', token)],
    'another protocol': [Buffer.from('GET / HTTP/1.1\r\nHost: sandbox.example\r\n\r\n')],
  };
  for (const [name, parts] of Object.entries(wrong))
    await withDoor(async ({ knock, told, taken }) => {
      await once(await knock(...parts), 'close');
      assert.deepEqual([told.length, taken.length], [1, 0], name);
    });
});

test('the right token is taken however it is cut, and what follows it is not lost', async () => {
  await withDoor(async ({ knock, taken }) => {
    const bytes = opening('C', token);
    await knock(bytes.subarray(0, 1), bytes.subarray(1, 30), Buffer.concat([bytes.subarray(30), Buffer.from('more')]));
    await knock(opening('S', 'cd'.repeat(32)));
    while (taken.length < 2) await new Promise(setImmediate);
    const [more] = (await once(taken[0]?.resume() ?? assert.fail(), 'data')) as readonly unknown[];
    assert.equal(String(more), 'more');
  });
});

test('a crowd without tokens is bounded, and told as one', async () => {
  await withDoor(async ({ knock, told, taken }) => {
    const crowd = await Promise.all(Array.from({ length: 400 }, () => knock()));
    await knock(opening('C', token));
    await Promise.all(crowd.map((socket) => (socket.destroyed ? Promise.resolve() : once(socket, 'close'))));
    assert.ok(told.length < 4, `told ${told.length} times`);
    assert.ok(taken.length <= 1);
  });
});

test('a crowd that is expected is let in, all of it', async () => {
  await withDoor(
    async ({ knock, told, taken }) => {
      const crowd = await Promise.all(Array.from({ length: 450 }, () => knock()));
      const latest = await knock(opening('C', token));
      while (taken.length === 0) await new Promise(setImmediate);
      latest.destroy();
      for (const socket of crowd) socket.write(opening('S', 'cd'.repeat(32)));
      while (taken.length < 451 && told.length === 0) await new Promise(setImmediate);
      assert.deepEqual([taken.length, told], [451, []]);
    },
    { expected: 450, waitingTimeoutMs: 20_000 },
  );
});
