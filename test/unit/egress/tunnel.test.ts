import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { suite, test } from 'node:test';
import { type Relayed, tunnel } from '../../../helper/egress/tunnel.ts';
import { type Ending, heard, openPairs } from '../../kit/sockets.ts';

interface Joined {
  readonly client: Socket;
  readonly server: Socket;
  readonly done: Promise<Relayed>;
  readonly stop: AbortController;
}

async function join(t: Ending, head = ''): Promise<Joined> {
  const pair = await openPairs(t);
  const [left, right] = [await pair(), await pair()];
  for (const socket of [left.far, right.far]) socket.on('error', () => socket.destroy());
  const stop = new AbortController();
  return { client: left.near, server: right.near, stop, done: tunnel(left.far, right.far, Buffer.from(head), stop.signal) };
}

suite('a tunnel', () => {
  test('bytes pass both ways and are counted, those read before among them', async (t) => {
    const { client, server, done } = await join(t, 'first ');
    client.end('and more');
    const asked = await heard(server);
    server.end('answer');
    assert.deepEqual(
      [asked, await heard(client)],
      [
        { text: 'first and more', end: 'end' },
        { text: 'answer', end: 'end' },
      ],
    );
    assert.deepEqual(await done, { bytesUp: 14, bytesDown: 6, end: 'both' });
  });

  test('one side that has ended still hears the other', async (t) => {
    const { client, server, done } = await join(t);
    server.end();
    assert.equal((await heard(client)).end, 'end');
    client.end('said after the end of the other');
    assert.equal((await heard(server)).text, 'said after the end of the other');
    assert.equal((await done).end, 'both');
  });

  for (const side of ['client', 'server'] as const)
    test(`a reset by the ${side} is a reset for the other`, async (t) => {
      const joined = await join(t);
      const [breaking, other] = side === 'client' ? [joined.client, joined.server] : [joined.server, joined.client];
      joined.client.write('hello');
      await once(joined.server, 'data');
      const told = new Promise<string>((resolve) => other.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? '')));
      breaking.resetAndDestroy();
      assert.equal(await told, 'ECONNRESET');
      assert.equal((await joined.done).end, side === 'client' ? 'inside' : 'outside');
    });

  test('what was said before a side went away still arrives', async (t) => {
    const { client, server, done } = await join(t);
    const text = 'x'.repeat(3_000_000);
    server.pause();
    client.end(text);
    await new Promise(setImmediate);
    client.on('close', () => undefined).resume();
    assert.equal((await heard(server.resume())).text.length, text.length);
    server.end();
    await done;
  });

  test('a reader that stands still holds its writer back', async (t) => {
    const { client, server, done, stop } = await join(t);
    client.pause();
    let written = 0;
    const block = Buffer.alloc(65_536);
    while (server.writableLength < 4_000_000 && written < 200_000_000) {
      server.write(block);
      written += block.length;
      await new Promise(setImmediate);
    }
    assert.ok(written < 100_000_000, `${written} bytes went nowhere`);
    stop.abort();
    assert.equal((await done).end, 'stopped');
  });

  test('stopping resets both sides', async (t) => {
    const { client, server, done, stop } = await join(t);
    const ends = [heard(client), heard(server)];
    stop.abort();
    assert.equal((await done).end, 'stopped');
    assert.deepEqual(
      (await Promise.all(ends)).map(({ end }) => end),
      ['reset', 'reset'],
    );
  });

  test('a side that is gone already ends the other', async (t) => {
    const pair = await openPairs(t);
    const [left, right] = [await pair(), await pair()];
    left.far.destroy();
    const told = heard(right.near);
    await tunnel(left.far, right.far, Buffer.of(), new AbortController().signal);
    assert.equal((await told).end, 'reset');
  });
});
