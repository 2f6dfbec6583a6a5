/** Streams and requests find each other, and neither waits for ever. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { StreamExchange } from '../../../../helper/faces/rpc/streams.ts';

const never = new AbortController().signal;

test('a stream nobody claims is closed', async () => {
  const exchange = new StreamExchange({ waitMs: 10 });
  const stream = new PassThrough();
  exchange.offer('a', stream);
  await once(stream, 'close');
  assert.equal(exchange.waiting, 0);
});

test('a request whose stream never comes fails', async () => {
  await assert.rejects(new StreamExchange({ waitMs: 10 }).take('a', never), { code: 'TIMED_OUT' });
});

test('a cancelled request stops waiting for its stream', async () => {
  const exchange = new StreamExchange();
  const cancel = new AbortController();
  const taken = assert.rejects(exchange.take('a', cancel.signal), { code: 'CANCELLED' });
  cancel.abort();
  await taken;
  await assert.rejects(exchange.take('a', cancel.signal), { code: 'CANCELLED' });
});

test('only so many streams wait, and a token serves once', async () => {
  const exchange = new StreamExchange({ limit: 2 });
  const [one, two, three, again] = [new PassThrough(), new PassThrough(), new PassThrough(), new PassThrough()];
  exchange.offer('1', one);
  exchange.offer('2', two);
  exchange.offer('3', three);
  exchange.offer('1', again);
  assert.deepEqual([one.destroyed, two.destroyed, three.destroyed, again.destroyed], [false, false, true, true]);
  assert.equal(await exchange.take('1', never), one);
  exchange.dispose();
  assert.equal(two.destroyed, true);
  assert.equal(one.destroyed, false);
});

test('a stream that closes while waiting is forgotten', async () => {
  const exchange = new StreamExchange();
  const stream = new PassThrough();
  exchange.offer('a', stream);
  stream.destroy();
  await once(stream, 'close');
  assert.equal(exchange.waiting, 0);
});

test('two requests cannot wait for one stream', async () => {
  const exchange = new StreamExchange();
  const first = exchange.take('a', never);
  await assert.rejects(exchange.take('a', never), { code: 'BAD_REQUEST' });
  const stream = new PassThrough();
  exchange.offer('a', stream);
  assert.equal(await first, stream);
});
