/** What hostile clients cannot do: whatever comes, one connection is lost at most and the helper serves on. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, test } from 'node:test';
import type { HelperClaim } from '../../../../helper/faces/rpc/claim.ts';
import { frame, served, stillServes } from '../../../kit/served.ts';

const undo: (() => void)[] = [];
afterEach(() => {
  for (const step of undo.splice(0).reverse()) step();
});

const dropped = async (socket: Socket): Promise<void> => {
  socket.resume();
  if (!socket.destroyed) await new Promise((resolve) => socket.once('close', resolve));
};

const firstLines: readonly { readonly name: string; readonly line: (claim: HelperClaim) => string | Buffer }[] = [
  { name: 'a wrong token', line: () => `LASSO/1 ${'0'.repeat(64)} rpc\n` },
  { name: 'a first line that never ends', line: () => 'x'.repeat(600) },
  { name: '10 MB without a line', line: () => Buffer.alloc(10_000_000, 120) },
  { name: 'another protocol', line: () => 'GET / HTTP/1.1\r\n\r\n' },
  { name: 'another version', line: ({ announcement }) => `LASSO/2 ${announcement.token} rpc\n` },
  { name: 'random bytes', line: () => randomBytes(4096) },
  { name: 'a stream without a token', line: ({ announcement }) => `LASSO/1 ${announcement.token} stream \n` },
];
for (const { name, line } of firstLines) {
  test(`${name} is dropped, and the helper serves on`, async () => {
    const place = await served(undo);
    const socket = await place.raw();
    socket.write(line(place.claim));
    await dropped(socket);
    await stillServes(place);
  });
}

const messages: readonly { readonly name: string; readonly bytes: string | Buffer }[] = [
  { name: '10 MB without a header', bytes: Buffer.alloc(10_000_000, 120) },
  { name: 'a message past the limit', bytes: `Content-Length: ${8 * 1024 * 1024 + 1}\r\n\r\n` },
  { name: 'a negative length', bytes: 'Content-Length: -1\r\n\r\n' },
  { name: 'two lengths', bytes: 'Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}' },
  { name: 'no length', bytes: 'Content-Type: x\r\n\r\n{}' },
  { name: 'a body that is no JSON', bytes: frame('{"jsonrpc":') },
  { name: 'a body that is no message', bytes: frame([1, 2, 3]) },
  { name: 'a cancellation of nothing', bytes: frame({ jsonrpc: '2.0', method: '$/cancelRequest' }) },
  { name: 'a request with an object as its id', bytes: frame({ jsonrpc: '2.0', id: {}, method: 'lasso/status' }) },
  { name: 'deeply nested JSON of the wrong shape', bytes: frame(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) },
];
for (const { name, bytes } of messages) {
  test(`${name} costs one client its connection, and the helper serves on`, async () => {
    const place = await served(undo);
    const socket = await place.raw();
    socket.write(`LASSO/1 ${place.claim.announcement.token} rpc\n`);
    socket.write(bytes);
    await dropped(socket);
    await stillServes(place);
  });
}

test('a message in single bytes is a message', async () => {
  const place = await served(undo, { status: () => Promise.resolve({ sandboxes: [] }) });
  const socket = await place.raw();
  const text = `LASSO/1 ${place.claim.announcement.token} rpc\n${frame({ jsonrpc: '2.0', id: 1, method: 'lasso/status', params: {} })}`;
  for (const byte of Buffer.from(text)) {
    socket.write(Buffer.of(byte));
    await new Promise(setImmediate);
  }
  assert.match(String((await once(socket, 'data'))[0]), /"result":\{"sandboxes":\[\]\}/);
});

test('half a message holds up nobody else', async () => {
  const place = await served(undo);
  const socket = await place.raw();
  socket.write(`LASSO/1 ${place.claim.announcement.token} rpc\nContent-Length: 1000\r\n\r\n{"jsonrpc"`);
  await stillServes(place);
});

test('an unknown method is answered as such', async () => {
  const place = await served(undo);
  const socket = await place.raw();
  socket.write(`LASSO/1 ${place.claim.announcement.token} rpc\n${frame({ jsonrpc: '2.0', id: 7, method: 'lasso/format', params: {} })}`);
  assert.match(String((await once(socket, 'data'))[0]), /"id":7,"error":\{"code":-32601/);
});

test('a flood of requests from one client is bounded, and another is served meanwhile', async () => {
  const place = await served(undo, { status: () => new Promise(() => undefined) });
  const socket = await place.raw();
  const one = frame({ jsonrpc: '2.0', id: 'x', method: 'lasso/status', params: {} });
  const many = Array.from({ length: 20_000 }, (_, id) => frame({ jsonrpc: '2.0', id, method: 'lasso/status', params: {} })).join('');
  socket.write(`LASSO/1 ${place.claim.announcement.token} rpc\n${many}${one}`);
  await stillServes(place);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  assert.match(answer.toString(), /Too many requests at once/);
});

test('a client that reads nothing is dropped, not remembered', async () => {
  const place = await served(undo);
  const socket = await place.raw();
  socket.pause();
  socket.write(`LASSO/1 ${place.claim.announcement.token} rpc\n`);
  await stillServes(place);
  const reason = 'x'.repeat(1_000_000);
  for (let n = 0; n < 40 && !place.logged.join().includes('does not read'); n += 1) {
    place.core.tell({ type: 'terminal-exit', sandbox: 'a', terminal: 't1', exit: { code: 0, signal: null, reason } });
    await new Promise(setImmediate);
  }
  assert.match(place.logged.join(), /does not read what it is sent/);
  await stillServes(place);
});
