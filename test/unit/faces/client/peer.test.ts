import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, connect, type Socket } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { Peer, PeerError } from '../../../../helper/faces/client/peer.ts';

interface Joined {
  readonly peer: Peer;
  /** the helper's end */
  readonly far: Socket;
  /** next message the helper's end hears */
  readonly heard: () => Promise<unknown>;
}

async function joined(t: TestContext): Promise<Joined> {
  const folder = mkdtempSync(join(tmpdir(), 'peer-'));
  const server = createServer().listen(join(folder, 's'));
  await once(server, 'listening');
  const near = connect(join(folder, 's'));
  const far = await new Promise<Socket>((resolve) => server.once('connection', resolve));
  t.after(() => {
    near.destroy();
    far.destroy();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  let kept = '';
  far.setEncoding('utf8').on('data', (text: string) => (kept += text));
  const heard = async (): Promise<unknown> => {
    for (;;) {
      const found = /^Content-Length: (\d+)\r\n\r\n/.exec(kept);
      const length = Number(found?.[1] ?? 'NaN');
      const start = found?.[0].length ?? 0;
      if (found && kept.length >= start + length) {
        const body = kept.slice(start, start + length);
        kept = kept.slice(start + length);
        return JSON.parse(body);
      }
      await once(far, 'data');
    }
  };
  return { peer: new Peer(near), far, heard };
}

const framed = (message: unknown): string => {
  const body = JSON.stringify(message);
  return `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
};

test('answers find their question, in any order and cut anywhere', async (t) => {
  const { peer, far, heard } = await joined(t);
  const first = peer.request('a', { x: 1 });
  const second = peer.request('b', {});
  assert.deepEqual(await heard(), { jsonrpc: '2.0', id: 1, method: 'a', params: { x: 1 } });
  assert.deepEqual(await heard(), { jsonrpc: '2.0', id: 2, method: 'b', params: {} });
  const text = Buffer.from(framed({ id: 2, result: 'zwei é' }) + framed({ id: 1, result: null }));
  for (const byte of text) far.write(Buffer.from([byte]));
  assert.deepEqual(await Promise.all([first, second]), [null, 'zwei é']);
});

test('an error keeps its code and its data', async (t) => {
  const { peer, far } = await joined(t);
  const asked = peer.request('a', {});
  far.write(framed({ id: 1, error: { code: 1050, message: 'no such', data: { code: 'SANDBOX_UNKNOWN' } } }));
  await assert.rejects(asked, (error) => error instanceof PeerError && error.code === 1050 && error.message === 'no such');
});

test('an abort cancels the request, and the answer is still waited for', async (t) => {
  const { peer, far, heard } = await joined(t);
  const abort = new AbortController();
  const asked = peer.request('a', {}, abort.signal);
  await heard();
  abort.abort();
  assert.deepEqual(await heard(), { jsonrpc: '2.0', method: '$/cancelRequest', params: { id: 1 } });
  far.write(framed({ id: 1, error: { code: -32_800, message: 'cancelled' } }));
  await assert.rejects(asked, /cancelled/);
});

test('notifications reach their listener; unknown ones and unknown answers are passed over', async (t) => {
  const { peer, far } = await joined(t);
  const told = new Promise<unknown>((resolve) => peer.onNotification('event', resolve));
  far.write(framed({ method: 'other' }) + framed({ id: 99, result: 1 }) + framed([]) + framed({ method: 'event', params: { y: 2 } }));
  assert.deepEqual(await told, { y: 2 });
});

for (const [what, bytes] of [
  ['a broken frame', 'Content-Length: x\r\n\r\n'],
  ['what is no JSON', 'Content-Length: 1\r\n\r\n{'],
] as const) {
  test(`${what} ends the connection and everything that was asked`, async (t) => {
    const { peer, far } = await joined(t);
    const asked = peer.request('a', {});
    far.write(bytes);
    await assert.rejects(asked, /over/);
    await assert.rejects(peer.request('b', {}), /over/);
  });
}
